import ArgumentParser
internal import Base
import Commands

struct Interrupts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interrupts",
    abstract: "Interrupts per device, and how many land on the device's own NUMA node.")

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(name: .customLong("each"), help: "A line for each interrupt.")
  var each = false

  @Flag(help: "Show where interrupts are handled since they were placed; q ends it.")
  var watch = false

  @Option(
    help: ArgumentHelp("Seconds between redraws with --watch.", valueName: "seconds"))
  var interval: Double = 2

  @Argument(help: ArgumentHelp("PCI address or name of one device.", valueName: "device"))
  var device: String?

  func validate() throws {
    guard interval >= 0.1, interval <= 3600 else {
      throw ValidationError("--interval must be between 0.1 and 3600 seconds.")
    }
    if watch && (reading.json || each || device != nil) {
      throw ValidationError("--watch draws a screen of all devices.")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let command = InterruptsCommand(session: reading.session)
      if watch { return try command.watch(display.display, seconds: interval) }
      try Output.write(try command.text(display.display, each: each, device: device))
    }
  }
}
