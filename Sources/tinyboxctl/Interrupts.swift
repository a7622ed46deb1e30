import ArgumentParser
import Commands

struct Interrupts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Interrupts per device, and how many land on the device's own NUMA node.")

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(name: .customLong("each"), help: "A line for each interrupt.")
  var each = false

  @Argument(help: ArgumentHelp("PCI address or name of one device.", valueName: "device"))
  var device: String?

  func run() throws {
    try perform { () throws(CommandFailure) in
      try Output.write(
        try InterruptsCommand(session: reading.session)
          .text(display.display, each: each, device: device))
    }
  }
}
