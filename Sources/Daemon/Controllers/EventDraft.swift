internal import Base
internal import Events

/// An event before it has a time and a number.
struct EventDraft: Hashable, Sendable {
  var kind: EventKind
  var subject: String?
  var address: PCIAddress?
  var message: String
  var severity: Event.Severity?
  var cause: String?
  var count: Int?

  init(
    _ kind: EventKind, subject: String? = nil, address: PCIAddress? = nil, _ message: String,
    severity: Event.Severity? = nil, cause: String? = nil, count: Int? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.address = address
    self.message = message
    self.severity = severity
    self.cause = cause
    self.count = count
  }

  func event(at time: String) -> Event {
    Event(
      kind, time: time, subject: subject, address: address, message, severity: severity,
      cause: cause, count: count)
  }
}
