import ArgumentParser
internal import Base
import Commands

struct Topology: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology", abstract: "Sockets, NUMA nodes, root ports, switches and devices.",
    discussion: "A tree in the terminal, or with --svg a picture.")

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(help: "Also show functions that are folded: chipset, empty ports, virtual functions.")
  var all = false

  @Option(
    help: ArgumentHelp("Write a picture instead; - is standard output.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  func validate() throws {
    if svg != nil && reading.json { throw ValidationError("Choose one of --svg and --json.") }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let command = TopologyCommand(session: reading.session)
      if let svg {
        let picture = try command.svg()
        if svg == "-" { try Output.write(picture) } else { try Output.write(picture, file: svg) }
      } else {
        try Output.write(try command.text(display.display, all: all))
      }
    }
  }
}
