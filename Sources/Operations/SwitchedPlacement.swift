package import Apply
package import Base
package import Placement

/// What a trial switches. Whatever fails, `putBack` is called last, or `keep`.
package protocol SwitchedSettings: AnyObject {
  /// Makes sure that what is found comes back, however the program ends. Sets nothing yet.
  func begin() throws(Failure)
  /// Sets everything to its value with placement, or without.
  func set(_ isOn: Bool) throws(Failure)
  /// Throws when something is not as it was set last.
  func check() throws(Failure)
  /// Puts back what was found.
  func putBack() throws(Failure)
  /// Ends with the placement in force.
  func keep() throws(Failure)
  /// Settings that the machine refused, and why, for people: no part of the trial.
  var refused: [String] { get }
}

/// The settings of a device of a machine, with the ledger.
package final class SwitchedPlacement<Tree: WritableTree>: SwitchedSettings {
  private let plan: TrialPlan
  private let tree: Tree
  private let interrupts: () throws -> [String: Int]
  private let handled: [String: HandledCount]?
  private let locked: (() throws -> Void) throws -> Void
  private var trial: PlacementTrial<Tree>?

  /// - Parameters:
  ///   - interrupts: the present number of each interrupt by the identity of its knob.
  ///   - handled: interrupts handled so far.
  ///   - locked: runs what it is given while nobody else changes the placement.
  package init(
    _ plan: TrialPlan, on tree: Tree, handled: [String: HandledCount]? = nil,
    interrupts: @escaping () throws -> [String: Int],
    locked: @escaping (() throws -> Void) throws -> Void = { try $0() }
  ) {
    self.plan = plan
    self.tree = tree
    self.handled = handled
    self.interrupts = interrupts
    self.locked = locked
  }

  package func begin() throws(Failure) {
    try step("begin the trial") {
      try locked { trial = try PlacementTrial.begin(plan, on: tree) }
    }
  }

  package func set(_ isOn: Bool) throws(Failure) {
    try step(isOn ? "switch the placement on" : "switch the placement off") {
      try trial?.set(isOn)
    }
  }

  package func check() throws(Failure) {
    try step("look at the placement") { try trial?.check() }
  }

  package func putBack() throws(Failure) {
    try step("put the settings back") {
      try locked {
        // Also where `begin` failed: it may have been the last thing that it did.
        guard let ended = try PlacementTrial.putBack(on: tree, interrupts: interrupts) else {
          return
        }
        let refused = ended.results.filter { $0.outcome == .refused }
        guard let first = refused.first else { return }
        throw Failure(
          "put \(Units.count(refused.count, "setting")) of \(plan.subject) back",
          because: "\(first.knob.label): \(first.reason ?? "refused")",
          hint: "'sudo tinyboxctl placement rollback' tries again", code: .conflict)
      }
    }
    trial = nil
  }

  package func keep() throws(Failure) {
    try step("keep the placement") { try locked { try trial?.keep(handled: handled) } }
    trial = nil
  }

  package var refused: [String] {
    (trial?.refused ?? []).map {
      "\($0.change.knob.label): \($0.reason ?? $0.outcome.rawValue)"
    }
  }

  private func step(_ name: String, _ body: () throws -> Void) throws(Failure) {
    do {
      try body()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(name, error)
    }
  }
}
