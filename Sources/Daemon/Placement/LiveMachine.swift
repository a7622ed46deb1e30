internal import Apply
internal import Base
internal import Commands
internal import Inventory
internal import KernelTree
internal import Placement

/// The running machine.
final class LiveMachine: KeptMachine {
  private let command = PlacementCommand(session: Session())
  /// The policy that was taken last; nil: what the files say whenever it is asked for.
  private var policy: Policy?
  /// The ledger's generation when it was last read or written here.
  private var generation: Int?

  func ledger() throws -> Ledger? {
    let ledger = try present()
    generation = ledger?.generation
    return ledger
  }

  private func present() throws -> Ledger? {
    let tree = LiveTree()
    guard let ledger = try tree.loadLedger().map({ try Ledger.decode($0) }) else { return nil }
    return ledger.bootID == (try tree.bootID()) ? ledger : nil
  }

  func value(of knob: Knob) -> String? {
    (try? LiveTree().read(knob)).flatMap(knob.value)
  }

  func interruptNumbers(_ inventory: Inventory) -> [String: Int] {
    InterruptNames.numbers(in: inventory)
  }

  func takePolicy(_ inventory: Inventory?) throws {
    // Planned with it as well: what does not fit this machine is a mistake too.
    policy =
      if let inventory {
        try command.makePlan(.live, inventory).policy
      } else {
        try command.policy(.live)
      }
  }

  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode) {
    let planned = try command.makePlan(.live, inventory, policy: policy)
    return (try command.status(planned), planned.policy.mode)
  }

  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [ApplyResult] {
    do {
      return try LiveTree.locked {
        // Rolled back or applied by another program since: its notice is on the way.
        if try present()?.generation != generation { throw PlacementMoved() }
        defer { generation = (try? present())?.generation }
        return try applyLocked(changes, inventory)
      }
    } catch let failure as Failure where failure.code == .busy {
      throw PlacementMoved()
    }
  }

  private func applyLocked(
    _ changes: [Change], _ inventory: Inventory?
  ) throws -> [ApplyResult] {
    let counts = changes.filter { $0.knob.kind == .channels }
    if counts.isEmpty { return try applied(changes, inventory) }
    // A new queue count makes new interrupts and queues: those of its device are planned anew, with
    // the policy in force, and nothing else.
    let results = try applied(counts, inventory)
    let devices = Set(counts.compactMap(\.device))
    func isOfThem(_ change: Change) -> Bool { change.device.map(devices.contains) ?? false }
    let now = try command.inventory(.live)
    let anew = try command.makePlan(.live, now, policy: policy).plan.changes.filter {
      $0.knob.kind != .channels && $0.isAllowed && isOfThem($0)
    }
    let others = changes.filter { $0.knob.kind != .channels && !isOfThem($0) }
    return results + (try applied(others + anew, now))
  }

  private func applied(
    _ changes: [Change], _ inventory: Inventory?
  ) throws -> [ApplyResult] {
    var plan = Plan(origin: "live")
    plan.changes = changes
    let balancer =
      try inventory?.system.irqbalance?.pid
      ?? (changes.contains { $0.knob.kind == .irqbalance }
        ? command.inventory(.live).system.irqbalance?.pid : nil)
    return try Applier.apply(
      plan, to: LiveTree(irqbalance: balancer),
      handled: inventory.map { HandledCount.all(in: $0) })
  }
}
