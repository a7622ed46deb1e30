internal import Apply
public import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import Metrics
internal import Placement

/// `tinyboxctl metrics`.
public struct MetricsCommand: Sendable {
  /// Tree and options.
  public var session: Session
  /// Write OpenMetrics, not Prometheus text.
  public var openMetrics: Bool

  /// The command.
  public init(session: Session, openMetrics: Bool) {
    self.session = session
    self.openMetrics = openMetrics
  }

  /// The metrics of the tree.
  public func text() throws(Failure) -> String {
    let accept = openMetrics ? "application/openmetrics-text" : "text/plain"
    let known = try session.fromDaemon {
      String(decoding: try DaemonClient.body("/v1/metrics", accept: accept), as: UTF8.self)
    }
    if let known { return known }
    let tree = try session.tree()
    let profile = try ProfileStore(tree).inForce()
    let options = try session.options(.all)
    var seconds: [String: Double] = [:]
    var last = Clock.seconds()
    let inventory = Collection.run(tree, options: options) { name in
      let now = Clock.seconds()
      seconds[name] = now - last
      last = now
    }
    let format = openMetrics ? Exposition.openmetrics : .prometheus
    // How long a replay takes says nothing of the machine.
    return format.text(
      MetricsInput(
        version: Version.text, inventory: inventory,
        report: HealthReport(Box(inventory, profile: profile)), profile: profile,
        placement: placement(tree, inventory), collectorSeconds: tree.isLive ? seconds : [:]))
  }

  /// What was placed; nil when nothing was. A policy or ledger that cannot be used is told, and
  /// keeps none of the other metrics from being written.
  private func placement(_ tree: KernelTree, _ inventory: Inventory) -> PlacementStatus? {
    guard tree.exists(Ledger.path) else { return nil }
    let command = PlacementCommand(session: session)
    do throws(Failure) {
      return try command.status(try command.makePlan(tree, inventory))
    } catch {
      Output.note("no metrics of the placement: cannot \(error.step): \(error.cause)")
      return nil
    }
  }

  /// Renews the reference of families in a document.
  public static func writeReference(file: String) throws(Failure) {
    let document: String
    do throws(ReadFailure) {
      document = String(decoding: try KernelTree.live.bytes(file), as: UTF8.self)
    } catch {
      throw Failure("read \(file)", error)
    }
    guard let renewed = MetricsReference.renewed(document) else {
      throw Failure("renew \(file)", because: "it lacks the marks around the families")
    }
    try Output.write(renewed, file: file)
  }
}
