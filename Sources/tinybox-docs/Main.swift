import ArgumentParser
import Base
import Linux
import Reference

/// Makes what in `docs/` and `units/` comes from the programs. Not installed: `make docs` runs it.
@main
struct TinyboxDocs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinybox-docs", abstract: "Make the reference from the programs.")

  @Argument(help: "Where docs/ and units/ are.")
  var root: String

  @Argument(help: "The folder with the symbol graphs that scripts/symbol-graphs wrote.")
  var symbolGraphs: String

  func run() throws {
    for file in try ReferenceFile.all(root: root, symbolGraphs: symbolGraphs) {
      try DurableFile.write(Array(file.text.utf8), to: "\(root)/\(file.path)")
    }
  }
}
