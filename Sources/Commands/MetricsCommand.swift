internal import ArgumentParser
internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import Metrics
internal import Operations
internal import Placement
internal import Version

/// `tinyboxctl metrics`.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Metrics of the machine for Prometheus.",
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

  enum Format: String, ExpressibleByArgument, CaseIterable { case prometheus, openmetrics }

  func run() throws {
    try perform { () throws(Failure) in
      var reader = MachineReader(sysroot: sysroot)
      reader.pciIDs = pciIDs
      let session = Session(reader: reader, source: facts.from, isVerbose: facts.verbose)
      let accept = format == .openmetrics ? "application/openmetrics-text" : "text/plain"
      let known = try session.fromDaemon {
        String(decoding: try DaemonClient.body("/v1/metrics", accept: accept), as: UTF8.self)
      }
      let text: String
      if let known { text = known } else { text = try read(reader) }
      try Output.write(text, file: output)
    }
  }

  /// The metrics of the machine.
  private func read(_ reader: MachineReader) throws(Failure) -> String {
    let tree = try reader.tree()
    let profile = try ProfileStore(tree).inForce()
    let options = try reader.options(.all)
    var seconds: [String: Double] = [:]
    var last = Clock.seconds()
    // Metrics name GPUs by address: their numbers are not asked for.
    let inventory = InventoryReader.read(tree, options: options) { name in
      let now = Clock.seconds()
      seconds[name] = now - last
      last = now
    }
    let exposition = format == .openmetrics ? Exposition.openmetrics : .prometheus
    // The time of a replay is not that of the machine.
    return exposition.text(
      MetricsInput(
        version: Version.number, inventory: inventory,
        report: HealthReport(Box(inventory, profile: profile)), profile: profile,
        placement: placement(PlacementOperations(reader), tree, inventory),
        collectorSeconds: tree.isLive ? seconds : [:]))
  }

  /// What was placed; nil when nothing was. A policy or ledger that cannot be used is reported, and
  /// the other metrics are written all the same.
  private func placement(
    _ placement: PlacementOperations, _ tree: KernelTree, _ inventory: Inventory
  ) -> PlacementStatus? {
    guard tree.exists(Ledger.path) else { return nil }
    do throws(Failure) {
      return try placement.status(try placement.plan(tree, inventory))
    } catch {
      Output.note("no metrics of the placement: cannot \(error)")
      return nil
    }
  }
}
