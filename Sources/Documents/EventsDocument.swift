public import Base
public import Events

/// `GET /v1/events`.
public struct EventsDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.events/1`.
  public var schema = EventsDocument.currentSchema
  package static let currentSchema = "tinybox.events/1"
  /// The number of the newest event; 0 when there is none. Give it as `after` to get what comes
  /// later.
  public var last: Int
  /// The events, by number.
  public var events: [Event]

  /// The document of events.
  package init(last: Int, events: [Event]) {
    self.last = last
    self.events = events
  }
}
