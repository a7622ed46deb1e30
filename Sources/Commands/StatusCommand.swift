internal import ArgumentParser
internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Operations
internal import Render

/// `tinyboxctl status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The whole machine on one screen.",
    discussion: """
      Which machine this is, what is in it, whether anything is wrong, and what it is doing. \
      With --watch the screen is redrawn every two seconds until q is pressed.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(help: "Redraw until q is pressed.")
  var watch = false

  @Option(
    help: ArgumentHelp("Seconds between redraws with --watch.", valueName: "seconds"))
  var interval: Double = 2

  func validate() throws {
    guard interval >= 0.1, interval <= 3600 else {
      throw ValidationError("--interval must be between 0.1 and 3600 seconds.")
    }
    if watch && reading.json {
      throw ValidationError("--watch draws a screen; --json prints once. Choose one.")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      if watch {
        try StatusCommand.watch(reading.session.reader, display.display, seconds: interval)
      } else {
        try Output.write(try StatusCommand.text(reading.session, display.display))
      }
    }
  }

  /// What `tinyboxctl status` prints without any option.
  static func printPlain() throws(Failure) {
    try Output.write(try text(Session(source: .automatic), .standard(ascii: false)))
  }

  /// The screen, or JSON.
  private static func text(_ session: Session, _ display: Display) throws(Failure) -> String {
    let tree = try session.reader.tree()
    let inventory = try session.inventory(session.json ? .all : .status, of: tree)
    if session.json { return try JSON.text(inventory) }
    let health = health(inventory, try ProfileStore(tree).inForce())
    return StatusScreen.render(
      inventory, health, display.style, height: display.rows.map { $0 - 1 } ?? 24
    ).joined(separator: "\n") + "\n"
  }

  /// What the checks say that need no more than the screen reads.
  private static func health(_ inventory: Inventory, _ profile: Profile?) -> HealthReport {
    HealthReport(Box(inventory, profile: profile), parts: .status)
  }

  /// Redraws the screen until q, Escape or a signal ends it. The terminal is left as it was.
  private static func watch(
    _ reader: MachineReader, _ display: Display, seconds: Double
  ) throws(Failure) {
    let tree = try reader.tree()
    let options = try reader.options(.status)
    let profile = try ProfileStore(tree).inForce()
    try Watch.run(display, seconds: seconds, once: "tinyboxctl status") {
      () throws(Failure) in
      Collection.run(tree, options: options)
    } draw: { inventory, style, rows in
      StatusScreen.render(inventory, health(inventory, profile), style, height: rows)
    }
  }
}
