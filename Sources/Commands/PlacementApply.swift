internal import Apply
public import Base
internal import Documents
internal import Inventory
internal import KernelTree
internal import Linux
package import Placement
internal import Render

extension PlacementCommand {
  /// Text to print, and whether everything could be done.
  public struct Done: Sendable {
    /// What to print.
    public var text: String
    /// Whether nothing was refused.
    public var isComplete: Bool
  }

  /// `tinyboxctl placement apply`: makes the changes of the plan.
  public func apply(_ display: Display) throws(Failure) -> Done {
    try mayReplay("apply the plan")
    let known = try fromDaemon {
      try DaemonClient.document(ApplyDocument.self, "/v1/placement/apply", method: "POST")
    }
    if let known { return try done(known.results, display) }
    try mayChange("apply the plan")
    return try changing("apply the plan") { try done(try applied(), display) }
  }

  private func done(
    _ results: [ApplyResult], _ display: Display
  ) throws(Failure) -> Done {
    Done(
      text: session.json
        ? try JSONOutput.text(ApplyDocument(results: results))
        : PlacementReport.render(results, display.style).joined(separator: "\n") + "\n",
      isComplete: !results.contains { $0.outcome == .refused || $0.outcome == .differs })
  }

  /// Plans and makes the changes. The caller holds the lock.
  package func applied() throws -> [ApplyResult] {
    var planned = try makePlan()
    let tree = LiveTree(irqbalance: planned.inventory.system.irqbalance?.pid)
    var results: [ApplyResult] = []
    // A new queue count makes new interrupts: the rest is planned with those.
    var counts = planned.plan
    counts.changes = planned.plan.changes.filter { $0.knob.kind == .channels && $0.isAllowed }
    if !counts.changes.isEmpty {
      results = try Applier.apply(counts, to: tree)
      planned = try makePlan()
      let tried = Set(results.map(\.change.knob.identity))
      planned.plan.changes.removeAll { tried.contains($0.knob.identity) }
    }
    return results
      + (try Applier.apply(
        planned.plan, to: tree, handled: HandledCount.all(in: planned.inventory)))
  }

  /// Puts every original back. The caller holds the lock.
  package func rolledBack() throws -> RollbackReport {
    let before = try inventory(.live)
    return try Rollback.run(on: LiveTree(irqbalance: before.system.irqbalance?.pid)) {
      InterruptNames.numbers(in: try inventory(.live))
    }
  }

  /// `tinyboxctl placement rollback`: puts every original back.
  public func rollback(_ display: Display) throws(Failure) -> Done {
    try mayReplay("roll back")
    let known = try fromDaemon {
      try DaemonClient.document(RollbackDocument.self, "/v1/placement/rollback", method: "POST")
    }
    if let known { return try done(known.report, display) }
    try mayChange("roll back")
    return try changing("roll back") { try done(try rolledBack(), display) }
  }

  private func done(_ report: RollbackReport, _ display: Display) throws(Failure) -> Done {
    let document = RollbackDocument(report)
    return Done(
      text: session.json
        ? try JSONOutput.text(document)
        : PlacementReport.render(report, display.style).joined(separator: "\n") + "\n",
      isComplete: !document.results.contains { $0.outcome == .refused })
  }

  /// Only the running machine.
  private func mayReplay(_ step: String) throws(Failure) {
    if session.sysroot != nil {
      throw Failure(
        step, because: "a recording cannot be changed",
        hint: "'tinyboxctl placement plan --sysroot' shows what would be", code: .usage)
    }
  }

  /// Only root.
  private func mayChange(_ step: String) throws(Failure) {
    if !Terminal.isRoot {
      throw Failure(
        step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
  }

  /// Runs `body` under the lock, and turns its errors into a failure.
  private func changing(
    _ step: String, _ body: () throws -> Done
  ) throws(Failure) -> Done {
    do {
      return try LiveTree.locked(body)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(step, error)
    }
  }
}
