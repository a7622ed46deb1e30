internal import Base
internal import KernelTree

// The notes of a recording as JSON and back. Separate from what they mean.

extension RecordingNotes {
  /// The notes as JSON.
  var json: [UInt8] {
    func texts<Value>(_ values: [String: Value], _ text: (Value) -> String) -> ManifestValue {
      .object(values.mapValues { .text(text($0)) })
    }
    return ManifestValue.object([
      "format": .number(RecordingNotes.version),
      "tool": .text(header.toolVersion),
      "time": .text(header.time),
      "kernel": .text(header.kernelRelease),
      "redacted": .flag(header.redacted),
      "keepsModes": .flag(header.keepsModes),
      "failures": .object(
        Dictionary(
          uniqueKeysWithValues: failures.filter { !$0.value.isEmpty }.map {
            ($0.key.rawValue, texts($0.value, \.recorded))
          })),
      "statuses": texts(statuses, \.recorded),
      "realPaths": texts(realPaths) { $0 },
      "listings": .object(listings.mapValues { .array($0.sorted().map(ManifestValue.text)) }),
      "unread": texts(unread, \.recorded),
      "probes": .object(probes.mapValues(RecordingNotes.json)),
    ]).json
  }

  private static func json(_ answer: Result<[UInt8], ReadFailure>) -> ManifestValue {
    switch answer {
    case .success(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        return .object(["text": .text(text)])
      }
      let digits = Array("0123456789abcdef".utf8)
      let hex = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      return .object(["hex": .text(String(decoding: hex, as: UTF8.self))])
    case .failure(let failure):
      return .object(["failure": .text(failure.cause.recorded), "path": .text(failure.path)])
    }
  }

  /// The notes in a JSON text.
  static func parse(_ text: [UInt8], recording: String) throws(RecordingError) -> RecordingNotes {
    func bad(_ what: String) -> RecordingError {
      RecordingError(
        path: recording, cause: .notes, reason: "\(RecordingNotes.path.dropFirst()): \(what)")
    }
    guard let json = ManifestValue(json: text) else { throw bad("no JSON") }
    guard let format = json["format"]?.number else { throw bad("has no format number") }
    if format > version {
      throw bad("has format \(format); this program reads up to \(version): take a newer one")
    }
    var notes = RecordingNotes()
    notes.header.toolVersion = json["tool"]?.text ?? ""
    notes.header.time = json["time"]?.text ?? ""
    notes.header.kernelRelease = json["kernel"]?.text ?? ""
    notes.header.redacted = json["redacted"] == .flag(true)
    notes.header.keepsModes = json["keepsModes"] != .flag(false)
    for operation in Operation.allCases {
      for (path, cause) in json["failures"]?[operation.rawValue]?.members ?? [:] {
        guard let cause = cause.text.flatMap(ReadFailure.Cause.init(recorded:)) else {
          throw bad("failures: \(shown(path))")
        }
        notes.failures[operation, default: [:]][path] = cause
      }
    }
    func statuses(_ key: String) throws(RecordingError) -> [String: FileStatus] {
      var statuses: [String: FileStatus] = [:]
      for (path, status) in json[key]?.members ?? [:] {
        guard let status = status.text.flatMap(FileStatus.init(recorded:)), isClean(path)
        else { throw bad("\(key): \(shown(path))") }
        statuses[path] = status
      }
      return statuses
    }
    notes.statuses = try statuses("statuses")
    notes.unread = try statuses("unread")
    for (path, resolved) in json["realPaths"]?.members ?? [:] {
      guard let resolved = resolved.text else { throw bad("realPaths: \(shown(path))") }
      notes.realPaths[path] = resolved
    }
    for (path, names) in json["listings"]?.members ?? [:] {
      let names = names.elements?.map(\.text) ?? [nil]
      guard isClean(path), names.allSatisfy({ $0.map(isName) ?? false }) else {
        throw bad("listings: \(shown(path))")
      }
      notes.listings[path] = names.compactMap { $0 }
    }
    for (name, answer) in json["probes"]?.members ?? [:] {
      guard let answer = RecordingNotes.answer(answer, name) else {
        throw bad("probes: \(shown(name))")
      }
      notes.probes[name] = answer
    }
    return notes
  }

  private static func answer(
    _ json: ManifestValue, _ name: String
  ) -> Result<[UInt8], ReadFailure>? {
    if let text = json["text"]?.text { return .success(Array(text.utf8)) }
    if let hex = json["hex"]?.text {
      let digits = hex.utf8.map(ASCII.hexDigit)
      guard digits.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      for index in stride(from: 0, to: digits.count, by: 2) {
        guard let high = digits[index], let low = digits[index + 1] else { return nil }
        bytes.append(high << 4 | low)
      }
      return .success(bytes)
    }
    guard let cause = json["failure"]?.text.flatMap(ReadFailure.Cause.init(recorded:))
    else { return nil }
    return .failure(ReadFailure(path: json["path"]?.text ?? name, cause: cause))
  }

  /// Whether a path is absolute and without `.`, `..` and empty components.
  private static func isClean(_ path: String) -> Bool {
    path == "/"
      || path.utf8.first == 0x2f
        && path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
          .allSatisfy { isName(String($0)) }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(0x2f)
  }

  private static func shown(_ path: String) -> String { ArchiveTree.shown(path) }
}

extension ReadFailure.Cause {
  /// The cause as a word, and a number where it has one.
  var recorded: String {
    switch self {
    case .notFound: "notFound"
    case .permissionDenied: "permissionDenied"
    case .gone: "gone"
    case .tooLarge(let limit): "tooLarge \(limit)"
    case .linkLoop: "linkLoop"
    case .notRecorded: "notRecorded"
    case .timedOut: "timedOut"
    case .system(let errno): "errno \(errno.number)"
    }
  }

  /// The cause that `recorded` wrote; nil for anything else.
  init?(recorded text: String) {
    let words = text.split(separator: " ")
    let number = words.count == 2 ? Int(words[1]) : nil
    switch (words.first, number) {
    case ("notFound", nil): self = .notFound
    case ("permissionDenied", nil): self = .permissionDenied
    case ("gone", nil): self = .gone
    case ("tooLarge", let limit?): self = .tooLarge(limit: limit)
    case ("linkLoop", nil): self = .linkLoop
    case ("notRecorded", nil): self = .notRecorded
    case ("timedOut", nil): self = .timedOut
    case ("errno", let number?):
      guard let number = Int32(exactly: number) else { return nil }
      self = .system(Errno(number))
    default: return nil
    }
  }
}

extension FileStatus {
  /// Type and octal permissions, such as `file 444`.
  var recorded: String { "\(kind.rawValue) \(String(permissions, radix: 8))" }

  /// The status that `recorded` wrote; nil for anything else.
  init?(recorded text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2, let kind = Kind(rawValue: String(words[0])),
      let permissions = UInt16(words[1], radix: 8), permissions <= 0o777
    else { return nil }
    self.init(kind: kind, permissions: permissions)
  }
}
