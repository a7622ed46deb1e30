internal import ArgumentParser
internal import Base
internal import Documents
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import Operations
internal import Placement
internal import Render

/// `tinyboxctl status`.
struct StatusCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The whole machine on one screen.",
    discussion: """
      Shows the machine and its firmware, CPUs, memory, GPUs, drives and NICs, the verdict of all \
      checks, and the present load. With --watch the screen is redrawn every two seconds until q \
      is pressed.
      """)
  static var documents: [PrintedDocument] { [.init(StatusDocument.self)] }

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

  /// The screen, or the document. Every check runs: the same as `tinyboxctl check` runs, and the daemon.
  private static func text(_ session: Session, _ display: Display) throws(Failure) -> String {
    let tree = try session.reader.tree()
    if session.json { return try JSON.text(try document(session, tree)) }
    let inventory = try session.inventory(.all, of: tree)
    let health = HealthReport(
      Box(
        inventory, profile: try ProfileStore(tree).inForce(), benchmarks: session.benchmarks()))
    return StatusScreen.render(
      inventory, health, display.style, height: display.rows.map { $0 - 1 } ?? 24
    ).joined(separator: "\n") + "\n"
  }

  /// What `GET /v1/status` answers, from the daemon where it may answer.
  private static func document(
    _ session: Session, _ tree: KernelTree
  ) throws(Failure) -> StatusDocument {
    let answer = try session.fromDaemon {
      try DaemonClient.document(StatusDocument.self, "/v1/status")
    }
    if let answer { return answer }
    let inventory = try session.reader.inventory(.all, of: tree)
    let report = HealthReport(Box(inventory, profile: try ProfileStore(tree).inForce()))
    let placement = PlacementOperations(session.reader)
    var placed: PlacementStatus?
    var mode: Policy.Mode?
    var problem: String?
    do throws(Failure) {
      let policy = try placement.policy(tree)
      mode = policy.mode
      placed = try placement.status(try placement.plan(tree, inventory, policy: policy))
    } catch {
      problem = "cannot \(error)"
    }
    return StatusDocument(
      inventory, report, placement: placed, mode: mode, problem: problem,
      // A recording has no present.
      time: tree.isLive ? WallClock.now() : nil, lastEvent: nil)
  }

  /// Redraws the screen until q, Escape or a signal ends it. The terminal is left as it was. What takes
  /// long is read once; what the checks say of it stands.
  private static func watch(
    _ reader: MachineReader, _ display: Display, seconds: Double
  ) throws(Failure) {
    let tree = try reader.tree()
    let profile = try ProfileStore(tree).inForce()
    var first: HealthReport?
    try Watch.run(display, seconds: seconds, once: "tinyboxctl status") {
      () throws(Failure) in
      let parts: CollectionOptions.Parts = first == nil ? .all : .status
      let inventory = try reader.inventory(parts, of: tree)
      let now = HealthReport(Box(inventory, profile: profile), parts: parts)
      let health = first.map { now.completed(by: $0) } ?? now
      first = first ?? health
      return (inventory, health)
    } draw: { seen, style, rows in
      StatusScreen.render(seen.0, seen.1, style, height: rows)
    }
  }
}
