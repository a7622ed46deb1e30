internal import ArgumentParser
internal import Base
internal import Documents
internal import Events
internal import Linux
internal import Render

/// `tinyboxctl events`: what happened to the box, as tinyboxd remembers it.
struct EventsCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "What happened to the machine, recorded by tinyboxd.",
    discussion: """
      Devices that came and went, checks that got worse or better, settings that drifted and were \
      put back, and by whom. 'journalctl -x -t tinyboxd' shows the same with explanations.
      """)
  static var documents: [PrintedDocument] {
    [
      .init(EventsDocument.self),
      .init(
        Event.self, arguments: "--follow", remark: "a line for each event, without `schema`"),
    ]
  }

  @Flag(name: .shortAndLong, help: "Keep running, and print events as they happen.")
  var follow = false

  @Option(help: ArgumentHelp("Only events with a higher number.", valueName: "number"))
  var after: Int?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("At most this many events, the newest.", valueName: "count"))
  var limit = 50

  @Option(
    help: ArgumentHelp(
      "Only events of this severity or worse: info, notice, warning, error.", valueName: "severity"),
    completion: .list(EventsCommand.severities))
  var severity: String?

  @Option(
    help: ArgumentHelp("Only events of this kind, such as device.added.", valueName: "kind"),
    completion: .list(EventsCommand.kinds))
  var kind: String?

  @Flag(help: "Print JSON; with --follow one line for each event.")
  var json = false

  @OptionGroup var display: DisplayOptions

  private static let severities = Event.Severity.allCases.map(\.rawValue)
  private static let kinds = EventKind.all.map(\.name)

  func validate() throws {
    guard limit >= 1, limit <= 1000 else {
      throw ValidationError("--limit must be between 1 and 1000.")
    }
    if let after, after < 0 { throw ValidationError("--after must not be negative.") }
    if let severity, !EventsCommand.severities.contains(severity) {
      throw ValidationError(
        "--severity is one of \(EventsCommand.severities.joined(separator: ", ")).")
    }
    if let kind, !EventsCommand.kinds.contains(kind) {
      throw ValidationError("--kind is one of \(EventsCommand.kinds.joined(separator: ", ")).")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let document = try document()
      if follow { return try goOn(document) }
      let style = display.display.style
      try Output.write(
        try Session(json: json).text(document) {
          document.events.isEmpty
            ? ["no events"] : document.events.flatMap { EventLine.render($0, style) }
        })
    }
  }

  /// What the daemon remembers of what was asked for, oldest first.
  private func document() throws(Failure) -> EventsDocument {
    var query = ["limit=\(limit)"]
    if let after { query.append("after=\(after)") }
    if let severity { query.append("severity=\(severity)") }
    if let kind { query.append("kind=\(kind)") }
    let path = "/v1/events?" + query.joined(separator: "&")
    return try DaemonClient.required { try DaemonClient.document(EventsDocument.self, path) }
  }

  /// Prints what is there already, then events as they come, until interrupted or tinyboxd ends.
  private func goOn(_ shown: EventsDocument) throws(Failure) {
    for event in shown.events { try print(event) }
    // One that came between the two answers of the daemon is in the list and not in the number.
    let last = max(after ?? 0, shown.last, shown.events.last?.id ?? 0)
    var parser = EventStreamParser()
    var failure: Failure?
    let ended: UnixClient.Response
    do throws(UnixClientError) {
      ended = try UnixClient.stream(
        socket: DaemonClient.socket, path: "/v1/events/stream?after=\(last)"
      ) { bytes in
        for data in parser.feed(bytes) where failure == nil {
          guard let event = try? JSON.decode(Event.self, from: data.utf8) else { continue }
          do throws(Failure) { try print(event) } catch { failure = error }
        }
        return failure == nil
      }
    } catch {
      throw Failure("follow events", error)
    }
    if let failure { throw failure }
    if ended.status != 200 { throw DaemonClient.failure(ended) }
    Output.note("tinyboxd ended the stream")
  }

  /// Prints an event when it is one that was asked for.
  private func print(_ event: Event) throws(Failure) {
    if let severity, let least = Event.Severity(rawValue: severity), event.severity < least {
      return
    }
    if let kind, event.kind.name != kind { return }
    let lines =
      json
      ? [String(decoding: try JSON.line(event), as: UTF8.self)]
      : EventLine.render(event, display.display.style)
    try Output.write(lines.map { $0 + "\n" }.joined())
  }
}
