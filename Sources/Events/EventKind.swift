public import Base

/// A kind of event: what can happen to a box, with the name under which programs know it.
///
/// Each has a `MESSAGE_ID` of the journal (systemd.journal-fields(7)), which never changes, and a
/// page in the journal's catalog, so that `journalctl -x` explains it.
public struct EventKind: Sendable {
  /// Its name: `device.added`. Never changes.
  public let name: String
  /// How bad it is, unless the event says otherwise.
  public let severity: Event.Severity
  /// The `MESSAGE_ID`: 128 random bits in hexadecimal, the same for ever.
  public let messageID: String
  /// What happened, in a few words.
  public let subject: String
  /// What it means and what to do, in a few sentences.
  public let explanation: String

  init(
    _ name: String, _ severity: Event.Severity, _ messageID: String, _ subject: String,
    _ explanation: String
  ) {
    self.name = name
    self.severity = severity
    self.messageID = messageID
    self.subject = subject
    self.explanation = explanation
  }

  /// Every kind, in the order of the catalog. Each is a value in a file of `Kinds`, and in the list at
  /// the head of that file.
  public static let all = [
    daemon,
    machine,
    placement,
    benchmarks,
    runtimes,
  ].flatMap(\.self)

  /// The kind of a name; nil for one that this version does not know, as after a downgrade.
  package static func named(_ name: String) -> EventKind? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

extension EventKind: Hashable {
  /// Two kinds are the same when their names are.
  public static func == (one: EventKind, other: EventKind) -> Bool { one.name == other.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension EventKind: Codable, JSONFormProviding {
  package static var jsonForm: JSONForm { .words(all.map(\.name)) }

  /// The kind of a name.
  /// - Throws: `DecodingError` for a name that this version does not know.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let kind = EventKind.named(name) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "there is no kind of event '\(name)'")
    }
    self = kind
  }

  /// Its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
