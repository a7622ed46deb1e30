package import Apply
package import Base
internal import Configuration
internal import Linux
package import RuntimeCatalog
package import Runtimes

/// The models of this machine: added, listed, checked, removed. Whoever changes them is root.
package struct ModelOperations: Sendable {
  /// Where they are.
  package var store: ModelStore
  /// Another root folder; empty for that of this machine.
  private let root: String
  /// The program that reads headers; nil for this one.
  private let program: String?
  /// Seconds before each further try of a download.
  private let pauses: [Double]

  /// Operations on the models of this machine, or of another root folder.
  package init(root: String = "", program: String? = nil, pauses: [Double] = [1, 2, 4, 8, 16]) {
    self.root = root
    store = ModelStore(root: root)
    self.program = program
    self.pauses = pauses
  }

  /// What takes its time.
  package struct Progress: Hashable, Sendable {
    /// What is done: `fetch`, `copy`, `hash`.
    package var step: String
    /// The file.
    package var file: String
    /// Bytes so far.
    package var bytes: Int
    /// All bytes; nil when not known.
    package var total: Int?

    package init(step: String, file: String, bytes: Int, total: Int? = nil) {
      self.step = step
      self.file = file
      self.bytes = bytes
      self.total = total
    }
  }

  /// A model to add.
  package struct Request: Sendable {
    /// Where it comes from.
    package var source: ModelSource
    /// Its name; nil for one made from the name of its file.
    package var name: String?
    /// The hash that its file must have.
    package var sha256: String?
    /// The backend that must load it.
    package var backend: Backend

    package init(
      _ source: ModelSource, name: String? = nil, sha256: String? = nil, backend: Backend
    ) {
      self.source = source
      self.name = name
      self.sha256 = sha256
      self.backend = backend
    }
  }

  /// Bytes that stay free on the disk.
  private static let reserve = 64 << 20

  /// Adds a model: fetches or copies its files, checks them, and gives them their place.
  package func add(
    _ request: Request, progress: (Progress) -> Void = { _ in }
  ) throws(Failure) -> ModelRecord {
    let step = "add the model"
    guard let name = request.name ?? request.source.modelName else {
      throw Failure(step, because: "its file gives it no name", hint: "--name", code: .usage)
    }
    if let problem = RuntimeName.modelProblem(name) {
      throw Failure("\(step) '\(name)'", because: problem, hint: "--name", code: .usage)
    }
    if let hash = request.sha256,
      hash.utf8.count != 64 || hash.utf8.contains(where: { ASCII.hexDigit($0) == nil })
    {
      throw Failure(
        "\(step) '\(name)'", because: "--sha256 takes 64 hexadecimal digits", code: .usage)
    }
    return try store.locked { () throws(Failure) in
      try store.stage(name)
      do throws(Failure) {
        return try put(request, name, progress)
      } catch {
        throw withRest(of: name, error)
      }
    }
  }

  /// The failure with what was kept for the next try; what no try can go on from is thrown away.
  private func withRest(of name: String, _ failure: Failure) -> Failure {
    let bytes = store.keptBytes(name)
    guard bytes > 0 else {
      do throws(Failure) {
        try store.discard(name)
        return failure
      } catch {
        return failure.with(hint: "\(store.partial(name)) could not be removed: \(error)")
      }
    }
    return failure.with(
      hint: "\(Units.capacity(bytes)) that came are kept: the same command goes on from there, and "
        + "'tinyboxctl model remove \(name)' throws them away")
  }

  private func put(
    _ request: Request, _ name: String, _ progress: (Progress) -> Void
  ) throws(Failure) -> ModelRecord {
    let reader: ModelHeaderReader
    if let program {
      reader = ModelHeaderReader(program: program)
    } else {
      reader = ModelHeaderReader(program: try ModelHeaderReader.ownProgram())
    }
    let sources = try ModelOperations.parts(of: request.source)
    if sources.count > 1, request.sha256 != nil {
      throw Failure(
        "use --sha256", because: "the model has \(sources.count) files", code: .usage)
    }
    var parts: [ModelFacts] = []
    var files: [ModelRecord.File] = []
    for (index, source) in sources.enumerated() {
      let file = ModelRecord.fileName(part: index, of: sources.count)
      try fetch(source, name, file, progress, index == 0 ? EarlyLook(request, reader) : nil)
      // The hash that was asked for comes before anything looks into the file.
      files.append(try hashed(name, file, request.sha256, progress))
      let facts = try reader.facts(of: "\(store.partial(name))/\(file)", as: source.text)
      parts.append(facts)
      guard index == 0 else { continue }
      if let split = facts.split, split.count != sources.count {
        throw Failure(
          "use \(source.text)",
          because: "it is part \(split.index + 1) of \(split.count), and its name does not end in "
            + "'\(ModelOperations.ending(0, of: split.count))', by which the others are found",
          code: .conflict)
      }
      let acceptance = ModelAcceptance(facts, request.backend)
      if !acceptance.refusals.isEmpty { throw ModelOperations.refused(acceptance, request) }
    }
    let facts: ModelFacts
    do throws(GGUFFailure) {
      facts = try ModelFacts.whole(parts)
    } catch {
      throw Failure("use \(request.source.text)", error, code: .conflict)
    }
    let record = ModelRecord(
      name: name, source: request.source.text, added: WallClock.now(),
      created: Int(WallClock.milliseconds() / 1000), files: files, facts: facts)
    try store.commit(record)
    return record
  }

  static func refused(_ acceptance: ModelAcceptance, _ request: Request) -> Failure {
    Failure(
      "use \(request.source.text)", because: acceptance.refusals.joined(separator: "\n"),
      hint: "--backend names another runtime that is to load it: "
        + Backend.all.map(\.key).joined(separator: ", "), code: .conflict)
  }

  /// The sources of all parts, by the form of names that split models have: `NAME-00001-of-00003.gguf`. One
  /// alone for another name.
  static func parts(of first: ModelSource) throws(Failure) -> [ModelSource] {
    let text = first.text
    guard let of = text.utf8.lastIndex(of: UInt8(ascii: "-")), text.hasSuffix(".gguf"),
      let count = Int(text[text.index(after: of)...].dropLast(5)),
      (2...ModelRecord.mostFiles).contains(count), text.hasSuffix(ending(0, of: count))
    else { return [first] }
    let stem = text.dropLast(ending(0, of: count).count)
    var parts = [first]
    for part in 1..<count { parts.append(try ModelSource(stem + ending(part, of: count))) }
    return parts
  }

  /// How the name of a part ends: `-00001-of-00003.gguf`.
  static func ending(_ part: Int, of count: Int) -> String {
    String(ModelRecord.fileName(part: part, of: count).dropFirst("model".count))
  }

  // MARK: files

  private func fetch(
    _ source: ModelSource, _ name: String, _ file: String, _ progress: (Progress) -> Void,
    _ look: EarlyLook?
  ) throws(Failure) {
    if let address = source.address {
      let download = ModelDownload(address: address, source: source.text)
      let origin = try download.origin()
      let opened = try store.open(name, file, origin)
      let there = try opened.size()
      let room = try checkRoom(origin.bytes.map { max(0, $0 - there) }, source)
      try download.fetch(origin, to: opened, room: there + room, pauses: pauses) {
        progress(Progress(step: "fetch", file: source.fileName, bytes: $0, total: origin.bytes))
      } judge: {
        look?.judge("\(store.partial(name))/\(file)", bytes: $0, of: origin.bytes)
      }
    } else {
      let original = try RegularFile(reading: source.text)
      let bytes = try original.size()
      try look?.judge(source.text)
      let opened = try store.open(
        name, file, ModelOrigin(source: source.text, tag: nil, bytes: bytes))
      _ = try checkRoom(bytes, source)
      try opened.copy(original, bytes: bytes) {
        progress(Progress(step: "copy", file: source.fileName, bytes: $0, total: bytes))
      }
      let copied = try opened.size()
      if copied != bytes {
        throw Failure(
          "copy \(source.text)", because: "\(copied) bytes came of \(bytes): it changed meanwhile")
      }
    }
  }

  /// Bytes that may be written.
  /// - Parameter needed: bytes that will be written; nil when not known.
  /// - Throws: `Failure` when there are fewer.
  private func checkRoom(_ needed: Int?, _ source: ModelSource) throws(Failure) -> Int {
    let free: Int
    do throws(Errno) {
      free = Int(clamping: try FileSystem.space(store.folder).free)
    } catch {
      throw Failure("look at the room in \(store.folder)", error)
    }
    let room = max(0, free - ModelOperations.reserve)
    if let needed, needed > room {
      throw Failure(
        "add \(source.text)",
        because: "it needs \(Units.capacity(needed)), and \(store.folder) has room for "
          + Units.capacity(room), hint: "'tinyboxctl model list' shows what models take",
        code: .conflict)
    }
    return room
  }

  private func hashed(
    _ name: String, _ file: String, _ wanted: String?, _ progress: (Progress) -> Void
  ) throws(Failure) -> ModelRecord.File {
    let path = "\(store.partial(name))/\(file)"
    let opened = try RegularFile(reading: path)
    let bytes = try opened.size()
    let hash = try opened.sha256 {
      progress(Progress(step: "hash", file: file, bytes: $0, total: bytes))
    }
    if let wanted, wanted.lowercased() != hash {
      // To go on from wrong bytes would fail for ever.
      try store.discard(name)
      throw Failure(
        "use it", because: "its SHA-256 is \(hash), not \(wanted.lowercased()); it was thrown away",
        code: .conflict)
    }
    return ModelRecord.File(name: file, bytes: bytes, sha256: hash)
  }

  /// Removes a model.
  /// - Parameter isForced: also one that a runtime names.
  package func remove(_ name: String, isForced: Bool) throws(Failure) {
    let source = root.isEmpty ? ConfigurationSource.live : .live.below(root)
    let (specs, problems) = RuntimeSpec.all(source)
    let step = "remove the model '\(name)'"
    let users = specs.filter { $0.model?.value == name }.map(\.name)
    if !users.isEmpty, !isForced {
      throw Failure(
        step, because: "runtime \(users.joined(separator: ", ")) needs it",
        hint: "'tinyboxctl runtime remove' comes first, or --force", code: .conflict)
    }
    // Of a file with a mistake nobody knows what it means, and its runtime may run by what it said before.
    let unclear = Set(problems.map(\.file)).filter { mayName(name, $0) }.sorted()
    if !unclear.isEmpty, !isForced {
      throw Failure(
        step, because: "\(unclear.joined(separator: ", ")) may name it, and has a mistake",
        hint: "'tinyboxctl runtime list' shows the mistake; or --force", code: .conflict)
    }
    try store.locked { () throws(Failure) in try store.remove(name) }
  }

  /// Whether a file has the name of a model in it; also one that cannot be read.
  private func mayName(_ name: String, _ path: String) -> Bool {
    let path = root.isEmpty || path.hasPrefix(root) ? path : root + path
    guard let file = try? StampedFile.read(path, limit: 1 << 20) else { return true }
    return String(decoding: file.bytes, as: UTF8.self).contains(name)
  }
}
