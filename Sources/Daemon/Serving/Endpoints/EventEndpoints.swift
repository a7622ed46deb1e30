internal import API
internal import Documents
internal import Events
internal import History

/// What happened.
extension Endpoints {
  static let events: [Endpoint<Service>] = [
    .get(
      "events", "/v1/events", "What happened, the newest last.", [after, limit, severity, kind]
    ) { service, call in
      let query = EventStore.Query(
        after: call.integer(after), limit: call.integer(limit) ?? 100,
        severity: call.text(severity).flatMap(Event.Severity.init),
        kind: call.text(kind).flatMap(EventKind.named))
      return try Encoded(
        EventsDocument(last: service.log.last, events: try service.log.events(query)))
    },

    .stream(
      "eventStream", "/v1/events/stream",
      "Events as they happen; the header Last-Event-ID, or `after`, goes on after that one.",
      of: Event.self, [first]
    ) { service, call in
      // A browser that connects again sends both, and what it saw last is the header.
      let after = call.header("Last-Event-ID").flatMap { Int($0) } ?? call.integer(first)
      return Streams.events(service.log.listen(after: after), service.thread)
    },
  ]

  private static let after = Parameter.integer(
    "after", "only events with a higher number", in: 0...Int(Int32.max), example: 1)
  private static let first = Parameter.integer(
    "after", "first those with a higher number", in: 0...Int(Int32.max), example: 1)
  private static let limit = Parameter.integer(
    "limit", "at most this many, the newest", in: 1...1000, example: 10)
  private static let severity = Parameter.word(
    "severity", "only events of this severity or worse", of: Event.Severity.allCases.map(\.rawValue)
  )
  private static let kind = Parameter.word(
    "kind", "only events of this kind", of: EventKind.all.map(\.name))
}
