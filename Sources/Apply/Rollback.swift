public import Placement

/// Puts every original value back.
public enum Rollback {
  /// What came of an entry of the ledger.
  public struct Result: Codable, Hashable, Sendable {
    /// What came of it.
    public enum Outcome: String, Codable, Hashable, Sendable {
      /// The original is back, byte for byte.
      case restored
      /// It held already.
      case unchanged
      /// The device, interrupt or unit is not there any more: nothing to put back.
      case gone
      /// The machine refused; the ledger keeps the entry.
      case refused
    }
    /// What was changed.
    public var knob: Knob
    /// What it belongs to.
    public var subject: String
    /// What came of it.
    public var outcome: Outcome
    /// The value that was put back, or should have been.
    public var original: String
    /// Why it was refused, or what else had happened to it.
    public var reason: String?
  }

  /// What there was to roll back.
  public enum Report: Hashable, Sendable {
    /// Nothing: no ledger, or an empty one.
    case nothing
    /// The ledger is of another boot: its values are gone already.
    case otherBoot(String)
    /// What came of each entry.
    case results([Result])
  }

  /// Rolls back what the ledger holds.
  /// - Parameter interrupts: the present number of each interrupt by the identity of its knob;
  ///   asked after queue counts are back, since that makes new interrupts.
  public static func run(
    on tree: some WritableTree, interrupts: () throws -> [String: Int]
  ) throws -> Report {
    guard var ledger = try Ledger.load(tree) else { return .nothing }
    let boot = try Applier.bootID(tree)
    if ledger.bootID != boot { return .otherBoot(ledger.bootID) }
    if ledger.entries.isEmpty { return .nothing }
    var results: [Result] = []
    let channels = ledger.entries.filter { $0.knob.kind == .channels }
    let others = ledger.entries.filter { $0.knob.kind != .channels }
    for entry in channels { results.append(try restore(entry, tree)) }
    let numbers = others.contains { $0.knob.kind == .interrupt } ? try interrupts() : [:]
    // The last change first, as undoing goes.
    for var entry in others.reversed() {
      if entry.knob.kind == .interrupt {
        guard let number = numbers[entry.knob.identity], let device = entry.knob.device,
          let action = entry.knob.action
        else {
          results.append(
            Result(
              knob: entry.knob, subject: entry.subject, outcome: .gone, original: entry.original,
              reason: "the device has no such interrupt now"))
          continue
        }
        entry.knob = .interrupt(number, device: device, action: action)
      }
      results.append(try restore(entry, tree))
    }
    let kept = Set(results.filter { $0.outcome == .refused }.map(\.knob.identity))
    ledger.entries.removeAll { !kept.contains($0.knob.identity) }
    ledger.isComplete = true
    ledger.isRolledBack = true
    try ledger.store(tree)
    return .results(results)
  }

  private static func restore(_ entry: Ledger.Entry, _ tree: some WritableTree) throws -> Result {
    let knob = entry.knob
    func result(_ outcome: Result.Outcome, _ reason: String? = nil) -> Result {
      Result(
        knob: knob, subject: entry.subject, outcome: outcome,
        original: knob.value(of: Array(entry.original.utf8)) ?? entry.original, reason: reason)
    }
    let interface = knob.networkInterface
    func absent(_ reason: String) -> Result {
      if interface != nil, let device = entry.device, tree.isInOtherNetwork(device) {
        return result(
          .refused, "its interface is in the network of a container: roll back when that has ended")
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
        return result(.refused, "the original makes no sense")
      }
      let found = knob.value(of: now)
      let others = found == entry.applied ? nil : "something else had set it to \(found ?? "?")"
      try Applier.write(value, to: knob, tree)
      guard try tree.read(knob) == original else {
        return result(.refused, "it was accepted, and something else holds")
      }
      return result(.restored, others)
    } catch let failure as KnobFailure {
      return try Applier.hasGone(knob, failure, tree)
        ? absent(failure.reason) : result(.refused, failure.reason)
    }
  }
}
