internal import Inventory
internal import Placement

/// What the reconciler needs of a machine: the running one, or one made for a test.
protocol PlacementTarget {
  /// What was placed in this boot; nil when nothing is, or it was in another boot.
  func ledger() throws -> Ledger?
  /// What a setting holds now; nil when it is not there or cannot be read.
  func value(of knob: Knob) -> String?
  /// The present number of each interrupt by the identity of its knob.
  func interruptNumbers(_ inventory: Inventory) -> [String: Int]
  /// The plan, and what of the ledger holds.
  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode)
  /// What is done about drift of power caps and persistence modes, by the policy that `status` planned with; nil for
  /// the mode of all.
  var powerMode: Policy.Mode? { get }
  /// Takes the policy as the files have it now. Until then the one that was taken last holds.
  /// - Throws: what is wrong with it; the one before holds then.
  func takePolicy(_ inventory: Inventory?) throws
  /// Makes changes, under the lock.
  /// - Throws: `PlacementMoved` when nothing was done because another program is at it, or has been
  ///   since the ledger was last read here.
  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [ApplyResult]
}

extension PlacementTarget {
  /// A machine whose policy never changes.
  func takePolicy(_ inventory: Inventory?) throws {}
}

extension PlacementTarget {
  /// A machine whose power has no mode of its own.
  var powerMode: Policy.Mode? { nil }
}

/// Another program applies or rolls back, or has done so meanwhile: what was decided is stale.
struct PlacementMoved: Error {}
