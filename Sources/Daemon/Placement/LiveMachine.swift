internal import Apply
internal import Commands
internal import Inventory
internal import KernelTree
internal import Placement

/// The running machine.
struct LiveMachine: KeptMachine {
  private let command = PlacementCommand(session: Session())

  func ledger() throws -> Ledger? {
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

  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode) {
    let planned = try command.makePlan(.live, inventory)
    return (try command.status(planned), planned.policy.mode)
  }

  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [Applier.Result] {
    try LiveTree.locked {
      // A new queue count makes new interrupts, which the command plans anew.
      if changes.contains(where: { $0.knob.kind == .channels }) {
        let wanted = Set(changes.map(\.knob.identity))
        return try command.applied { plan in
          plan.changes.removeAll {
            $0.knob.kind == .channels && !wanted.contains($0.knob.identity)
          }
        }
      }
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
}
