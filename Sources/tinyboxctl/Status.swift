import ArgumentParser
internal import Base
import Commands

struct Status: ParsableCommand {
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

  /// For docs/openapi.json, which is made from the table of routes.
  @Flag(name: .customLong("print-routes"), help: .private)
  var printRoutes = false

  /// For units/tinybox.catalog, the pages of `journalctl -x`.
  @Flag(name: .customLong("print-catalog"), help: .private)
  var printCatalog = false

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
      if printRoutes { return try Output.write(try JSONOutput.routes()) }
      if printCatalog { return try Output.write(JSONOutput.catalog) }
      let command = StatusCommand(session: reading.session)
      if watch {
        try command.watch(display.display, seconds: interval)
      } else {
        try Output.write(try command.text(display.display))
      }
    }
  }
}
