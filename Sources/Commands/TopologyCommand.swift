internal import ArgumentParser
internal import Base
internal import Documents
internal import Inventory
internal import Operations
internal import Render

/// `tinyboxctl topology`.
struct TopologyCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "topology", abstract: "Sockets, NUMA nodes, root ports, switches and devices.",
    discussion: "A tree in the terminal, or with --svg a picture.")
  static var documents: [PrintedDocument] { [.init(TopologyDocument.self)] }

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(
    help: "Also show functions that are hidden by default: chipset, empty ports, virtual functions."
  )
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
      if let svg {
        // The matrix of peers asks for configuration space.
        let parts = CollectionOptions.Parts.topology.union(.pciDetail)
        let picture = TopologySVG.render(try reading.session.inventory(parts))
        return try Output.write(picture, file: svg)
      }
      let inventory = try reading.session.inventory(.topology)
      try Output.write(
        try reading.session.text(TopologyDocument(inventory)) {
          TopologyTree.render(inventory, display.display.style, all: all)
        })
    }
  }
}
