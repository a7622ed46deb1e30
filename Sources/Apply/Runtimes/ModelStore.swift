package import Base
package import Linux
internal import RuntimeCatalog
package import Runtimes

/// The models of this machine: the only code that writes below `/var/lib/tinybox/models`.
///
/// A model is put together in a folder beside its own, `.NAME.partial`, which only root may open, and gets its
/// name by one rename when everything in it is on the disk. So a model is there whole or not at all, whenever
/// the program or the machine ends; what was fetched of one stays, and the next try goes on from there.
package struct ModelStore: Sendable {
  /// The folder of all models.
  package var folder: String { shared.path }
  private let shared: SharedFolder

  /// The store of this machine, or of another root folder.
  package init(root: String = "") {
    shared = SharedFolder(
      Backend.models, root: root, "the models", changedBy: "tinyboxctl model")
  }

  /// The folder of a model.
  package func folder(_ name: String) -> String { "\(folder)/\(name)" }
  /// The file that says what a model is.
  package func recordPath(_ name: String) -> String { "\(folder(name))/model.json" }
  /// The folder in which a model is put together. No model is called so: names begin with a letter or a digit.
  package func partial(_ name: String) -> String { "\(folder)/.\(name).partial" }

  /// Runs `body` while no other process changes the models, after what an interrupted removal has left is removed.
  /// - Throws: `Failure` (`busy`) when another one does.
  package func locked<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try shared.locked { () throws(Failure) in
      for name in try entries() where name.hasPrefix(".") && name.hasSuffix(".removed") {
        try FolderChange.remove("\(folder)/\(name)")
      }
      return try body()
    }
  }

  // MARK: reading

  /// The names of all models, in order.
  package func names() throws(Failure) -> [String] {
    try entries().filter { RuntimeName.modelProblem($0) == nil }.sorted()
  }

  /// What is known of a model.
  /// - Throws: `Failure` (`notFound`) when there is none of this name; another one when its file is damaged.
  package func record(_ name: String) throws(Failure) -> ModelRecord {
    let step = "find the model '\(name)'"
    if let problem = RuntimeName.modelProblem(name) {
      throw Failure(step, because: problem, code: .usage)
    }
    let path = recordPath(name)
    guard let size = try? RegularFile(reading: path).size() else {
      let names = (try? names()) ?? []
      if names.contains(name) { throw Failure(step, because: "\(path) cannot be read") }
      throw Failure(
        step, because: "there is none",
        hint: names.isEmpty
          ? "'tinyboxctl model add SOURCE' adds one" : "there are \(names.joined(separator: ", "))",
        code: .notFound)
    }
    guard size <= ModelRecord.longestFile else {
      throw Failure(step, because: "\(path) is longer than \(ModelRecord.longestFile) bytes")
    }
    return try ModelRecord.decode(try RegularFile(reading: path).bytes(), name: name)
  }

  private func entries(_ path: String? = nil) throws(Failure) -> [String] {
    do throws(Errno) {
      return try FolderNames.list(path ?? folder)
    } catch {
      if error == .ENOENT { return [] }
      throw Failure("read \(path ?? folder)", error)
    }
  }

  // MARK: putting together

  /// Makes the folder in which a model is put together, or takes the one that is there.
  /// - Throws: `Failure` (`conflict`) when there is a model of that name.
  package func stage(_ name: String) throws(Failure) {
    if try entries().contains(name) {
      throw Failure(
        "add the model '\(name)'", because: "there is one of that name",
        hint: "'tinyboxctl model remove \(name)' removes it; --name gives another name",
        code: .conflict)
    }
    try DurableFile.makeFolder(partial(name))
    try setMode(0o700, partial(name))
  }

  /// Where a file that is being put together came from; nil where that is not known.
  package func origin(_ name: String, _ file: String) -> ModelOrigin? {
    guard let opened = try? RegularFile(reading: "\(partial(name))/\(file).origin"),
      let size = try? opened.size(), size <= 1 << 16, let bytes = try? opened.bytes()
    else { return nil }
    return try? JSON.decode(ModelOrigin.self, from: bytes)
  }

  /// Bytes that the next try to add a model goes on from: those of a file whose server says which state of it
  /// they are of.
  package func keptBytes(_ name: String) -> Int {
    let names = (try? entries(partial(name))) ?? []
    return names.filter { origin(name, $0)?.tag != nil }.reduce(0) { sum, file in
      sum + ((try? RegularFile(reading: "\(partial(name))/\(file)").size()) ?? 0)
    }
  }

  /// Opens a file that is put together, to write on where it ends. Bytes of another origin are taken away.
  package func open(
    _ name: String, _ file: String, _ origin: ModelOrigin
  ) throws(Failure) -> RegularFile {
    let isSame = origin.tag != nil && self.origin(name, file) == origin
    let opened = try RegularFile(appendingTo: "\(partial(name))/\(file)")
    if !isSame {
      try opened.empty()
      try DurableFile.write(
        try JSON.line(origin), to: "\(partial(name))/\(file).origin",
        access: DurableFile.Access(mode: 0o600))
    }
    return opened
  }

  /// Gives a model that was put together its name.
  /// - Parameter crash: for tests: called before each step, and may throw.
  package func commit(
    _ record: ModelRecord, crash: () throws(Failure) -> Void = { () throws(Failure) in }
  ) throws(Failure) {
    let partial = partial(record.name)
    let wanted = Set(record.files.map(\.name))
    // The files of origin are needed again when this stops before its end: they are removed last.
    for name in try entries(partial) where !wanted.contains(name) && !name.hasSuffix(".origin") {
      try DurableFile.remove("\(partial)/\(name)")
    }
    for file in record.files {
      try crash()
      try RegularFile(appendingTo: "\(partial)/\(file.name)").finish(mode: 0o444)
    }
    try crash()
    try DurableFile.write(
      Array(try JSON.text(record).utf8), to: "\(partial)/model.json",
      access: DurableFile.Access(mode: 0o444))
    try crash()
    for file in record.files { try DurableFile.remove("\(partial)/\(file.name).origin") }
    try setMode(0o755, partial)
    try FolderChange.synchronise(partial)
    try crash()
    try FolderChange.rename(".\(record.name).partial", to: record.name, in: folder)
  }

  /// Writes the record of a model again: it is newer than its files then.
  package func renew(_ record: ModelRecord) throws(Failure) {
    try DurableFile.write(
      Array(try JSON.text(record).utf8), to: recordPath(record.name),
      access: DurableFile.Access(mode: 0o444))
  }

  /// Throws away what was put together of a model.
  package func discard(_ name: String) throws(Failure) {
    try FolderChange.remove(partial(name))
  }

  /// Removes a model, or what was put together of one.
  /// - Throws: `Failure` (`notFound`) when there is neither.
  package func remove(_ name: String) throws(Failure) {
    // Files of the store itself, such as its lock, are among the entries.
    if let problem = RuntimeName.modelProblem(name) {
      throw Failure("find the model '\(name)'", because: problem, code: .usage)
    }
    let names = try entries()
    guard names.contains(name) else {
      if names.contains(".\(name).partial") { return try discard(name) }
      _ = try record(name)
      return
    }
    // Its name goes first: it is never there with a part of its files.
    try FolderChange.rename(name, to: ".\(name).removed", in: folder)
    try FolderChange.remove("\(folder)/.\(name).removed")
  }

  private func setMode(_ mode: UInt32, _ path: String) throws(Failure) {
    do throws(Errno) {
      try FileMode.set(mode, of: path)
    } catch {
      throw Failure("set the permissions of \(path)", error)
    }
  }
}

/// Where the bytes of a file came from, so that no two halves of different files are put together.
package struct ModelOrigin: Codable, Hashable, Sendable {
  /// The source, as it was written.
  package var source: String
  /// What the server calls this state of the file (`ETag` of RFC 9110); nil where it does not say: then nothing is
  /// resumed.
  package var tag: String?
  /// Size of the file; nil when not known.
  package var bytes: Int?

  package init(source: String, tag: String?, bytes: Int?) {
    self.source = source
    self.tag = tag
    self.bytes = bytes
  }
}
