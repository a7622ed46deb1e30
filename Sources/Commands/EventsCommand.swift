public import Base
internal import Documents
internal import Events
internal import FoundationEssentials
internal import Linux
internal import Render

/// `tinyboxctl events`: what happened to the box, as tinyboxd remembers it.
public struct EventsCommand: Sendable {
  /// Only events with a higher number.
  public var after: Int?
  /// At most so many, the newest.
  public var limit: Int
  /// Only so bad or worse.
  public var severity: String?
  /// Only of this kind.
  public var kind: String?
  /// Print JSON: a document, or with `follow` a line for each event.
  public var json: Bool

  /// The command.
  public init(after: Int?, limit: Int, severity: String?, kind: String?, json: Bool) {
    self.after = after
    self.limit = limit
    self.severity = severity
    self.kind = kind
    self.json = json
  }

  /// The names of severities, for help and completion.
  public static let severities = Event.Severity.allCases.map(\.rawValue)
  /// The names of kinds.
  public static let kinds = EventKind.allCases.map(\.rawValue)

  /// The events, oldest first.
  public func text(_ display: Display) throws(Failure) -> String {
    let document = try document()
    if json { return try JSONOutput.text(document) }
    if document.events.isEmpty { return "no events\n" }
    return document.events.flatMap { EventLine.render($0, display.style) }
      .map { $0 + "\n" }.joined()
  }

  /// What the daemon remembers of what was asked for.
  private func document() throws(Failure) -> EventsDocument {
    var query = ["limit=\(limit)"]
    if let after { query.append("after=\(after)") }
    if let severity { query.append("severity=\(severity)") }
    if let kind { query.append("kind=\(kind)") }
    let path = "/v1/events?" + query.joined(separator: "&")
    return try DaemonCommand.ask { try DaemonClient.document(EventsDocument.self, path) }
  }

  /// Prints events as they come, until interrupted or tinyboxd ends.
  public func follow(_ display: Display) throws(Failure) {
    // What is there already, then the rest of it.
    let shown = try document()
    var parser = EventStreamParser()
    var failure: Failure?
    func show(_ event: Event) {
      if let severity, let least = Event.Severity(rawValue: severity), event.severity < least {
        return
      }
      if let kind, event.kind.rawValue != kind { return }
      do throws(Failure) {
        let lines =
          json ? [try EventsCommand.line(event)] : EventLine.render(event, display.style)
        try Output.write(lines.map { $0 + "\n" }.joined())
      } catch {
        failure = error
      }
    }
    for event in shown.events { show(event) }
    // One that came between the two answers of the daemon is in the list and not in the number.
    let last = max(after ?? 0, shown.last, shown.events.last?.id ?? 0)
    let ended: UnixClient.Response
    do throws(UnixClientError) {
      ended = try UnixClient.stream(
        socket: DaemonClient.socket, path: "/v1/events/stream?after=\(last)"
      ) { bytes in
        for data in parser.feed(bytes) {
          if let event = try? JSONDecoder().decode(Event.self, from: Data(data.utf8)) {
            show(event)
          }
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

  private static func line(_ event: Event) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(event), as: UTF8.self)
    } catch {
      throw Failure("write JSON", error)
    }
  }
}

/// Takes the data out of a stream of server-sent events (HTML Standard, section 9.2.6).
struct EventStreamParser {
  private var rest: [UInt8] = []
  private var data: [String] = []

  /// The data of the messages that are complete with these bytes.
  mutating func feed(_ bytes: [UInt8]) -> [String] {
    rest += bytes
    var messages: [String] = []
    while let end = rest.firstIndex(of: 0x0a) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeSubrange(...end)
      if line.isEmpty {
        if !data.isEmpty { messages.append(data.joined(separator: "\n")) }
        data = []
      } else if line.hasPrefix("data:") {
        let value = line.dropFirst(5)
        data.append(String(value.hasPrefix(" ") ? value.dropFirst() : value))
      }
    }
    return messages
  }
}
