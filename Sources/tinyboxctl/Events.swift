import ArgumentParser
internal import Base
import Commands

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "What happened to the machine, as tinyboxd remembers it.",
    discussion: """
      Devices that came and went, checks that got worse or better, settings that drifted and were \
      put back, and by whom. 'journalctl -x -t tinyboxd' shows the same with explanations.
      """)

  @Flag(name: .shortAndLong, help: "Go on and print events as they happen.")
  var follow = false

  @Option(help: ArgumentHelp("Only events with a higher number.", valueName: "number"))
  var after: Int?

  @Option(
    name: [.short, .long], help: ArgumentHelp("At most so many, the newest.", valueName: "count"))
  var limit = 50

  @Option(
    help: ArgumentHelp(
      "Only so bad or worse: info, notice, warning, error.", valueName: "severity"),
    completion: .list(EventsCommand.severities))
  var severity: String?

  @Option(
    help: ArgumentHelp("Only events of this kind, such as device.added.", valueName: "kind"),
    completion: .list(EventsCommand.kinds))
  var kind: String?

  @Flag(help: "Print JSON; with --follow one line for each event.")
  var json = false

  @OptionGroup var display: DisplayOptions

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
      let command = EventsCommand(
        after: after, limit: limit, severity: severity, kind: kind, json: json)
      if follow { return try command.follow(display.display) }
      try Output.write(try command.text(display.display))
    }
  }
}
