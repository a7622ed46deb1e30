internal import Base
package import Placement

/// The settings of a device, switched between their values without and with placement while a load is
/// measured.
///
/// The ledger holds what was found before the first change, so what the machine had comes back whenever
/// the program ends: by itself (`putBack`, `keep`), or by another that finds the ledger (`putBack`).
package struct PlacementTrial<Tree: WritableTree> {
  private struct Setting {
    var change: Change
    /// What it held when the trial began, byte for byte.
    var found: String
    /// What it holds without placement, byte for byte.
    var off: String
    /// What it holds with placement: another value than asked for where no vector was free.
    var on: String
  }

  private let tree: Tree
  private let subject: String
  private var settings: [Setting] = []
  /// Those that hold their new value throughout (`TrialPlan.Setting.isHeld`).
  private var held: [Setting] = []
  /// The state that was set last; nil before the first.
  private var isOn: Bool?
  /// Whether it was set with placement before.
  private var wasOn = false
  /// What the machine refused when it was first set: no part of the trial.
  package private(set) var refused: [ApplyResult] = []

  /// Begins: keeps what is found in the ledger. Nothing is set yet. The caller holds the lock of the placement.
  /// - Throws: `Failure` when a setting is not what it was when the plan was made, or the ledger cannot be
  ///   written; nothing is changed then.
  package static func begin(_ plan: TrialPlan, on tree: Tree) throws -> PlacementTrial {
    var begun = PlacementTrial(tree: tree, subject: plan.subject)
    if plan.settings.isEmpty { return begun }
    let boot = try Applier.bootID(tree)
    var ledger = try Ledger.load(tree) ?? Ledger(bootID: boot)
    if ledger.bootID != boot { ledger = Ledger(bootID: boot, generation: ledger.generation) }
    if let other = ledger.trial {
      throw begun.failure("a trial of \(other.subject) has begun and not ended", code: .busy)
    }
    var trial = Ledger.Trial(subject: plan.subject)
    for setting in plan.settings {
      let change = setting.change
      let found = try begun.found(change)
      let entry = Ledger.Entry(
        knob: change.knob, subject: change.subject, device: change.device, original: found,
        applied: change.new)
      trial.found.append(entry)
      if let known = ledger.entries.first(where: { $0.knob.identity == change.knob.identity }) {
        if let device = known.device, device != change.device {
          throw begun.failure(
            "\(change.knob.label) belonged to \(device) when it was placed: roll back first")
        }
      } else {
        ledger.entries.append(entry)
        trial.added.append(change.knob.identity)
      }
      let switched = Setting(
        change: change, found: found, off: setting.original ?? found, on: change.new)
      if setting.isHeld { begun.held.append(switched) } else { begun.settings.append(switched) }
    }
    ledger.trial = trial
    try ledger.store(tree)
    return begun
  }

  private init(tree: Tree, subject: String) {
    self.tree = tree
    self.subject = subject
  }

  // MARK: Switching

  /// Sets every setting to its value with placement, or without.
  /// - Throws: `Failure` when one cannot be set any more, or none could ever be.
  package mutating func set(_ isOn: Bool) throws {
    if self.isOn == isOn { return }
    if self.isOn == nil { try hold() }
    if isOn { try setOn() } else { try setOff() }
    self.isOn = isOn
  }

  private mutating func hold() throws {
    for index in held.indices {
      let result = try Applier.set(held[index].change, tree)
      guard result.outcome == .done || result.outcome == .pending else {
        throw failure(
          "\(held[index].change.knob.label) could not be set: "
            + (result.reason ?? result.outcome.rawValue))
      }
      held[index].on = result.actual ?? held[index].change.new
    }
  }

  private mutating func setOn() throws {
    var accepted: [Setting] = []
    for var setting in settings {
      let result = try Applier.set(setting.change, tree)
      switch result.outcome {
      case .done, .pending, .unchanged:
        setting.on = result.actual ?? setting.change.new
        accepted.append(setting)
      case .refused, .differs, .gone, .notAllowed:
        let label = setting.change.knob.label
        let reason = "\(label) could not be set: \(result.reason ?? result.outcome.rawValue)"
        // What could be set before no longer can.
        if wasOn { throw failure(reason) }
        if result.outcome == .differs { try write(setting.found, to: setting) }
        refused.append(result)
        if refused.count == settings.count { throw failure(reason) }
      }
    }
    settings = accepted
    wasOn = true
  }

  private func setOff() throws {
    for setting in settings.reversed() { try write(setting.off, to: setting) }
  }

  private func write(_ content: String, to setting: Setting) throws {
    let entry = Ledger.Entry(
      knob: setting.change.knob, subject: setting.change.subject, device: setting.change.device,
      original: content, applied: setting.on)
    let result = try Rollback.restore(entry, tree)
    guard result.outcome == .restored || result.outcome == .unchanged else {
      throw failure(
        "\(setting.change.knob.label) could not be put back: "
          + (result.reason ?? result.outcome.rawValue))
    }
  }

  /// Whether everything is as it was set last.
  /// - Throws: `Failure` that names what another program, or the kernel, has changed meanwhile.
  package func check() throws {
    guard let isOn else { return }
    for setting in settings {
      let knob = setting.change.knob
      let wanted = isOn ? setting.on : knob.value(of: Array(setting.off.utf8))
      do {
        guard try tree.isPresent(knob) else {
          throw KnobFailure(reason: "it is not there any more")
        }
        let value = knob.value(of: try tree.read(knob))
        if value != wanted {
          throw KnobFailure(
            reason:
              "it was set to \(wanted ?? "?") and is \(value ?? "malformed") now: something else "
              + "changes it")
        }
      } catch let change as KnobFailure {
        throw failure("\(knob.label): \(change.reason)")
      }
    }
  }

  // MARK: Ending

  /// Ends a trial: puts back what was found, and leaves the ledger as it was. The caller holds the lock.
  /// - Parameter interrupts: as of `Rollback.run`.
  /// - Returns: what became of each setting; nil where no trial has begun in this boot. What was refused stays
  ///   in the ledger with its original.
  package static func putBack(
    on tree: Tree, interrupts: () throws -> [String: Int]
  ) throws -> (subject: String, results: [RollbackResult])? {
    guard var ledger = try Ledger.load(tree), let trial = ledger.trial,
      ledger.bootID == (try Applier.bootID(tree))
    else { return nil }
    let results = try Rollback.restore(trial.found, tree, interrupts: interrupts)
    let refused = Set(results.filter { $0.outcome == .refused }.map(\.knob.identity))
    let added = Set(trial.added).subtracting(refused)
    ledger.entries.removeAll { added.contains($0.knob.identity) }
    ledger.trial = nil
    try ledger.store(tree)
    return (trial.subject, results)
  }

  /// Ends the trial with the placement kept, as an apply would have left it. The caller holds the lock.
  /// - Parameter handled: interrupts handled so far.
  package mutating func keep(handled: [String: HandledCount]? = nil) throws {
    if settings.isEmpty { return }
    try set(true)
    guard var ledger = try Ledger.load(tree), let trial = ledger.trial else {
      throw failure("another program has ended it")
    }
    let unset = Set(refused.map(\.change.knob.identity)).intersection(trial.added)
    ledger.entries.removeAll { unset.contains($0.knob.identity) }
    for setting in held + settings {
      let identity = setting.change.knob.identity
      for index in ledger.entries.indices where ledger.entries[index].knob.identity == identity {
        ledger.entries[index].knob = setting.change.knob
        ledger.entries[index].applied = setting.on
      }
    }
    ledger.trial = nil
    ledger.isRolledBack = nil
    ledger.handledBefore = handled ?? ledger.handledBefore
    try ledger.store(tree)
  }

  // MARK: Parts

  /// What a setting holds now, which must be what the plan was made from.
  private func found(_ change: Change) throws -> String {
    let label = change.knob.label
    do {
      guard try tree.isPresent(change.knob) else { throw failure("\(label) is not there any more") }
      let content = try tree.read(change.knob)
      guard let text = String(validating: content, as: UTF8.self),
        let value = change.knob.value(of: content)
      else { throw failure("\(label) is malformed, so it could not be put back") }
      if let old = change.old, old != value {
        throw failure(
          "\(label) was \(old) when the plan was made and is \(value) now: something else changes it"
        )
      }
      return text
    } catch let refusal as KnobFailure {
      throw failure("\(label): \(refusal.reason)")
    }
  }

  private func failure(_ reason: String, code: Failure.Code = .conflict) -> Failure {
    Failure("try the placement of \(subject)", because: reason, code: code)
  }
}
