internal import Base
internal import Inventory
internal import Placement

/// What the reconciler knows of the ledger, which other programs write too.
extension PlacementReconciler {
  /// Reads again what is placed.
  func load(_ inventory: Inventory) throws {
    let ledger = try machine.ledger()
    let numbers = machine.interruptNumbers(inventory)
    generation = ledger?.generation
    isRolledBack = ledger?.isRolledBack == true
    entries = [:]
    identities = [:]
    ledgerEntries = ledger?.lastingEntries ?? []
    trial = ledger?.trial?.subject
    // What a trial switches is neither watched nor a drift; the rest is looked at again after its end.
    if trial != nil { return reported = [:] }
    for var entry in ledgerEntries {
      let identity = entry.knob.identity
      if entry.knob.kind == .interrupt {
        guard let number = numbers[identity], let device = entry.knob.device,
          let action = entry.knob.action
        else { continue }
        entry.knob = .interrupt(number, device: device, action: action)
        identities["/proc/irq/\(number)/smp_affinity"] = identity
        identities["/proc/irq/\(number)/smp_affinity_list"] = identity
      } else if let path = entry.knob.path {
        identities[path] = identity
      }
      entries[identity] = entry
    }
    reported = reported.filter { entries[$0.key] != nil }
  }

  /// Finds out after a start whether the placement is rolled back.
  /// - Parameter wasSuspended: whether it was in this boot, when the daemon before ended.
  func resume(wasSuspended: Bool) {
    let ledger = try? machine.ledger()
    isSuspended =
      ledger?.isRolledBack == true || wasSuspended && (ledger?.lastingEntries ?? []).isEmpty
  }

  /// These devices were added. What was placed of one that was there before went with it.
  func added(_ devices: Set<PCIAddress>) {
    for entry in ledgerEntries {
      if let device = entry.device ?? entry.knob.device, devices.contains(device) {
        renewed.insert(entry.knob.identity)
      }
    }
  }

  /// What another program did to the ledger since it was last read or written here.
  enum LedgerChange {
    /// Nothing: this daemon wrote it.
    case none
    /// Something is placed that was not.
    case applied
    /// Something is placed no longer.
    case rolledBack
    /// Something is placed differently.
    case changed
  }

  /// Looks at the ledger after it was written.
  func ledgerChange(_ inventory: Inventory) -> LedgerChange {
    // All of the ledger: interrupts that are not there at present are still in it. Only a rollback
    // takes something out, and what ended with its container.
    let before = Set(ledgerEntries.filter { !$0.knob.isTransient }.map(\.knob.identity))
    let known = generation
    guard (try? load(inventory)) != nil else { return .none }
    // By what the ledger says, not by who read it first: `reconcile` may have seen this write already.
    if isRolledBack, !isSuspended { return .rolledBack }
    guard generation != known else { return .none }
    let now = Set(ledgerEntries.map(\.knob.identity))
    if trial != nil { return .changed }
    if !before.isSubset(of: now) { return .rolledBack }
    return now.count > before.count ? .applied : .changed
  }

  /// Reads the ledger after this daemon has written it.
  func refresh() {
    guard let ledger = try? machine.ledger() else { return }
    generation = ledger.generation
    isRolledBack = ledger.isRolledBack == true
    trial = ledger.trial?.subject
    for entry in ledger.entries { entries[entry.knob.identity]?.applied = entry.applied }
  }
}
