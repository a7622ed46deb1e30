import ArgumentParser
import Base
import Daemon
import Events
import Health
import Linux
import Metrics
import Operations
import Render

/// Makes what in `docs/` and `units/` comes from the programs. Not installed: `make docs` runs it.
@main
struct TinyboxDocs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinybox-docs", abstract: "Make the reference from the programs.",
    subcommands: [Files.self, PrintEndpoints.self])

  /// What this program writes whole.
  struct Files: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "files",
      abstract: "Write pages of checks, metrics, configuration keys, and the journal's catalog.")

    @Argument(help: "Where docs/ and units/ are.")
    var root: String

    func run() throws {
      try write(HealthMarkdown.index(Checks.all), "docs/checks/README.md")
      for check in Checks.all {
        try write(HealthMarkdown.page(check.info), "docs/checks/\(check.info.id).md")
      }
      let metrics = try StampedFile.read("\(root)/docs/metrics.md", limit: 1 << 20).bytes
      guard let renewed = MetricsReference.renewed(String(decoding: metrics, as: UTF8.self)) else {
        throw Failure("renew docs/metrics.md", because: "it lacks the marks around the families")
      }
      try write(renewed, "docs/metrics.md")
      try write(ConfigurationReference.text, "docs/configuration.md")
      try write(Catalog.text, "units/tinybox.catalog")
    }

    private func write(_ text: String, _ path: String) throws {
      try DurableFile.write(Array(text.utf8), to: "\(root)/\(path)")
    }
  }

  struct PrintEndpoints: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "endpoints", abstract: "Print the daemon's endpoints as JSON.")

    func run() throws { try Terminal.write(try JSON.text(EndpointReference.all)) }
  }
}
