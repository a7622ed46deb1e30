import ArgumentParser
internal import Base
import Commands

struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Everything as numbers for Prometheus.",
    discussion: """
      Devices, links, errors, temperatures, power, health of drives, interrupts, memory and the \
      verdict of every check. What could not be read is left out, never 0. With --output the file \
      is replaced whole or not at all, so that a timer can feed node_exporter's textfile \
      collector. All families are in docs/metrics.md.
      """)

  @Option(
    name: .long,
    help: ArgumentHelp("Replay a recording in place of this machine.", valueName: "dir|archive"),
    completion: .file())
  var sysroot: String?

  @Option(
    name: .customLong("pci-ids"),
    help: ArgumentHelp("Take names from this pci.ids file.", valueName: "file"),
    completion: .file())
  var pciIDs: String?

  @Option(
    help: ArgumentHelp(
      "prometheus, which the textfile collector needs, or openmetrics.", valueName: "format"))
  var format = Format.prometheus

  @Option(
    help: ArgumentHelp("Write this file in place of standard output.", valueName: "file"),
    completion: .file(extensions: ["prom"]))
  var output: String?

  @OptionGroup var facts: FactOptions

  @Option(name: .customLong("write-reference"), help: .private, completion: .file())
  var writeReference: String?

  enum Format: String, ExpressibleByArgument, CaseIterable { case prometheus, openmetrics }

  func run() throws {
    try perform { () throws(Failure) in
      if let writeReference { return try MetricsCommand.writeReference(file: writeReference) }
      let text = try MetricsCommand(
        session: Session(
          sysroot: sysroot, pciIDs: pciIDs, source: facts.from, isVerbose: facts.verbose),
        openMetrics: format == .openmetrics
      ).text()
      if let output { return try Output.write(text, file: output) }
      try Output.write(text)
    }
  }
}
