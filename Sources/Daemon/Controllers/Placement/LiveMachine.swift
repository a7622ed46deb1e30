internal import Apply
internal import Base
internal import Operations
internal import Inventory
internal import KernelTree
internal import Placement

/// The running machine.
final class LiveMachine: PlacementTarget {
  private let placement = PlacementOperations()
  /// The policy that was taken last; nil: what the files say whenever it is asked for.
  private var policy: Policy?
  private(set) var powerMode: Policy.Mode?
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
        try placement.plan(.live, inventory).policy
      } else {
        try placement.policy(.live)
      }
  }

  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode) {
    let planned = try placement.plan(.live, inventory, policy: policy)
    powerMode = planned.policy.powerMode
    return (try placement.status(planned), planned.policy.mode)
  }

  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [ApplyResult] {
    do {
      return try LiveTree.locked {
        // Rolled back or applied by another program since: its notice is on the way.
        if try present()?.generation != generation { throw PlacementMoved() }
        defer { generation = (try? present())?.generation }
        return try placement.apply(changes, inventory, policy: policy)
      }
    } catch let failure as Failure where failure.code == .busy {
      throw PlacementMoved()
    }
  }
}
