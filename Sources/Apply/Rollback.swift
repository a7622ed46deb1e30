package import Placement

/// Puts every original value back.
package enum Rollback {
  /// Rolls back what the ledger holds.
  /// - Parameter interrupts: the present number of each interrupt by the identity of its knob;
  ///   asked after queue counts are back, since that makes new interrupts.
  package static func run(
    on tree: some WritableTree, interrupts: () throws -> [String: Int]
  ) throws -> RollbackReport {
    guard var ledger = try Ledger.load(tree) else { return .nothing }
    let boot = try Applier.bootID(tree)
    if ledger.bootID != boot { return .otherBoot(ledger.bootID) }
    if ledger.entries.isEmpty { return .nothing }
    let results = try restore(ledger.entries, tree, interrupts: interrupts)
    let kept = Set(results.filter { $0.outcome == .refused }.map(\.knob.identity))
    ledger.entries.removeAll { !kept.contains($0.knob.identity) }
    ledger.isComplete = true
    ledger.isRolledBack = true
    ledger.trial = nil
    try ledger.store(tree)
    return .results(results)
  }

  /// Puts back the originals of entries.
  /// - Parameter interrupts: as of `run`.
  static func restore(
    _ entries: [Ledger.Entry], _ tree: some WritableTree, interrupts: () throws -> [String: Int]
  ) throws -> [RollbackResult] {
    var results: [RollbackResult] = []
    let channels = entries.filter { $0.knob.kind == .channels }
    let others = entries.filter { $0.knob.kind != .channels }
    for entry in channels { results.append(try restore(entry, tree)) }
    let numbers = others.contains { $0.knob.kind == .interrupt } ? try interrupts() : [:]
    // The last change first, as undoing goes.
    for var entry in others.reversed() {
      if entry.knob.kind == .interrupt {
        guard let number = numbers[entry.knob.identity], let device = entry.knob.device,
          let action = entry.knob.action
        else {
          results.append(
            RollbackResult(
              knob: entry.knob, subject: entry.subject, outcome: .gone, original: entry.original,
              reason: "the device has no such interrupt now"))
          continue
        }
        entry.knob = .interrupt(number, device: device, action: action)
      }
      results.append(try restore(entry, tree))
    }
    return results
  }

  /// Puts back the original of one entry, whose interrupt has the number that it has now.
  static func restore(
    _ entry: Ledger.Entry, _ tree: some WritableTree
  ) throws -> RollbackResult {
    let knob = entry.knob
    func result(_ outcome: RollbackResult.Outcome, _ reason: String? = nil) -> RollbackResult {
      RollbackResult(
        knob: knob, subject: entry.subject, outcome: outcome,
        original: knob.value(of: Array(entry.original.utf8)) ?? entry.original, reason: reason)
    }
    let interface = knob.networkInterface
    func absent(_ reason: String) -> RollbackResult {
      if interface != nil, let device = entry.device, tree.isInOtherNetwork(device) {
        return result(
          .refused,
          "its interface is in the network namespace of a container: roll back again after it has "
            + "ended")
      }
      return result(.gone, reason)
    }
    let original = Array(entry.original.utf8)
    do {
      guard try tree.isPresent(knob) else { return absent("it is not there any more") }
      if let interface, let device = entry.device, !tree.isInterface(interface, of: device) {
        return absent("\(interface) is another device now")
      }
      let now = try tree.read(knob)
      if now == original { return result(.unchanged) }
      guard let value = knob.value(of: original) else {
        return result(.refused, "the stored original is malformed")
      }
      let found = knob.value(of: now)
      let others = found == entry.applied ? nil : "something else had set it to \(found ?? "?")"
      try Applier.write(value, to: knob, tree)
      guard try tree.read(knob) == original else {
        return result(.refused, "it was accepted, and another value is in place")
      }
      return result(.restored, others)
    } catch let failure as KnobFailure {
      return try Applier.hasGone(knob, failure, tree)
        ? absent(failure.reason) : result(.refused, failure.reason)
    }
  }
}
