internal import Apply
internal import Inventory
internal import Placement

/// What the keeper of the placement needs of a machine: the running one, or one made for a test.
protocol KeptMachine {
  /// What was placed in this boot; nil when nothing is, or it was in another boot.
  func ledger() throws -> Ledger?
  /// What a setting holds now; nil when it is not there or cannot be read.
  func value(of knob: Knob) -> String?
  /// The present number of each interrupt by the identity of its knob.
  func interruptNumbers(_ inventory: Inventory) -> [String: Int]
  /// The plan, and what of the ledger holds.
  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode)
  /// Makes changes, under the lock.
  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [Applier.Result]
}
