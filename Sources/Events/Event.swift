public import Base

/// Something that happened to the box.
public struct Event: Codable, Hashable, Sendable {
  /// How bad it is, by the names and numbers of syslog (RFC 5424, section 6.2.1).
  public enum Severity: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
    case info, notice, warning, error

    /// The syslog priority: 3 error ... 6 info.
    public var priority: Int {
      switch self {
      case .error: 3
      case .warning: 4
      case .notice: 5
      case .info: 6
      }
    }

    /// The worse one is the greater.
    public static func < (one: Severity, other: Severity) -> Bool {
      one.priority > other.priority
    }
  }

  /// Its number: grows by one from event to event, for the life of the state in /var/lib/tinybox.
  /// 0 before it is stored.
  public var id = 0
  /// When: UTC, RFC 3339 with milliseconds, `2026-11-24T10:01:02.345Z`.
  public var time: String
  /// What kind it is.
  public var kind: EventKind
  /// How bad it is.
  public var severity: Severity
  /// What it is about, for people: `eth0`, `GPU 21:00.0`, `link-width`.
  public var subject: String?
  /// PCI address of the device it is about.
  public var address: PCIAddress?
  /// One line that says what happened, with values and units.
  public var message: String
  /// Who likely caused it, where it is known: `irqbalance (process 812)`.
  public var cause: String?
  /// How many such events it stands for; absent for one.
  public var count: Int?

  /// An event that has not been stored.
  package init(
    _ kind: EventKind, time: String, subject: String? = nil, address: PCIAddress? = nil,
    _ message: String, severity: Severity? = nil, cause: String? = nil, count: Int? = nil
  ) {
    self.kind = kind
    self.time = time
    self.severity = severity ?? kind.severity
    self.subject = subject
    self.address = address
    self.message = message
    self.cause = cause
    self.count = count
  }

  /// The fields of the journal: `NAME=value`, with MESSAGE, MESSAGE_ID, PRIORITY and those of
  /// tinybox.
  public var journalFields: [String] {
    var fields = [
      "MESSAGE=\(message)", "MESSAGE_ID=\(kind.messageID)", "PRIORITY=\(severity.priority)",
      "TINYBOX_EVENT=\(kind.name)",
    ]
    if id > 0 { fields.append("TINYBOX_EVENT_ID=\(id)") }
    if let subject { fields.append("TINYBOX_SUBJECT=\(subject)") }
    if let address { fields.append("TINYBOX_DEVICE=\(address)") }
    if let cause { fields.append("TINYBOX_CAUSE=\(cause)") }
    if let count { fields.append("TINYBOX_COUNT=\(count)") }
    return fields
  }
}
