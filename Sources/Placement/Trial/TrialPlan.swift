package import Base

/// The settings of one device that a trial switches, and between which values.
package struct TrialPlan: Hashable, Sendable {
  /// A setting.
  package struct Setting: Hashable, Sendable {
    /// What applying the plan would do, or did; `new` is the value with placement.
    package var change: Change
    /// What it holds without placement, byte for byte; nil for what it holds when the trial begins.
    package var original: String?
    /// Whether it holds its new value throughout: irqbalance would move the interrupts in either state.
    package var isHeld = false
  }

  /// The device, for people.
  package var subject: String
  /// Its address.
  package var device: PCIAddress
  /// The settings, in the order in which they are set. Empty where placement sets nothing of it.
  package var settings: [Setting] = []
  /// What of it is left alone, and why.
  package var leftAlone: [Skipped]

  /// The settings of a device.
  /// - Parameters:
  ///   - ledger: what is placed in this boot; nil where nothing is.
  ///   - numbers: the present number of each interrupt by the identity of its knob.
  ///   - onlyChanges: only what the plan would change now, against what holds now. Else what was placed
  ///     before is part of it, and switched between its original and the value it was given.
  /// - Throws: `Failure` where such a trial would not show what placement does.
  package init(
    _ plan: Plan, _ ledger: Ledger?, numbers: [String: Int], device: PCIAddress, subject: String,
    onlyChanges: Bool
  ) throws(Failure) {
    self.init(
      unchecked: plan, ledger?.entries ?? [], numbers: numbers, device: device, subject: subject,
      onlyChanges: onlyChanges)
    try TrialPlan.check(plan, settings.map(\.change), subject)
  }

  /// The same without looking whether it can be tried.
  /// - Parameter placed: what is placed in this boot.
  init(
    unchecked plan: Plan, _ placed: [Ledger.Entry], numbers: [String: Int], device: PCIAddress,
    subject: String, onlyChanges: Bool = false
  ) {
    self.device = device
    self.subject = subject
    leftAlone = plan.leftAlone.filter { $0.device == device }
    // Power is no placement: a card that may draw less is slower, and that is what was asked for.
    let changes = plan.changes.filter {
      $0.device == device && $0.isAllowed && $0.isRevertible && !$0.knob.isPower
    }
    let entries =
      onlyChanges
      ? [] : placed.filter { $0.device == device && !$0.knob.isPower }
    var seen: Set<String> = []
    for change in changes {
      let identity = change.knob.identity
      seen.insert(identity)
      settings.append(
        Setting(
          change: change, original: entries.first { $0.knob.identity == identity }?.original))
    }
    for entry in entries where entry.knob.kind != .channels {
      guard seen.insert(entry.knob.identity).inserted,
        let knob = TrialPlan.present(entry.knob, numbers)
      else { continue }
      settings.append(
        Setting(
          change: Change(
            knob, subject: entry.subject, device: device, old: entry.applied, new: entry.applied,
            why: "placed before"), original: entry.original))
    }
    if settings.contains(where: { $0.change.knob.kind == .interrupt }),
      let bans = plan.changes.first(where: { $0.knob.kind == .irqbalance && $0.isAllowed })
    {
      settings.insert(Setting(change: bans, original: nil, isHeld: true), at: 0)
    }
  }

  /// Identifies what is tried: 16 hexadecimal digits, the same for the same values of the same settings,
  /// whatever numbers its interrupts have.
  package var id: String {
    let lines = settings.filter { !$0.isHeld }.map {
      "\($0.change.knob.identity)=\($0.change.new)\n"
    }.sorted()
    let digits = Ledger.checksum(Array(lines.joined().utf8)[...])
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func present(_ knob: Knob, _ numbers: [String: Int]) -> Knob? {
    guard knob.kind == .interrupt else { return knob }
    guard let number = numbers[knob.identity], let device = knob.device, let action = knob.action
    else { return nil }
    return .interrupt(number, device: device, action: action)
  }

  // MARK: What stands in the way

  private static func check(
    _ plan: Plan, _ changes: [Change], _ subject: String
  ) throws(Failure) {
    if !plan.unreadable.isEmpty {
      throw Failure(
        step(subject), because: "could not look at: \(plan.unreadable.joined(separator: ", "))",
        hint: "run it with sudo", code: .conflict)
    }
    if changes.contains(where: { $0.knob.kind == .channels }) {
      throw Failure(
        step(subject),
        because:
          "the plan changes its number of queues, which resets the link and makes new interrupts",
        hint: "set `queues` of it to \"keep\" in the policy, or make this change first with "
          + "'tinyboxctl placement apply'", code: .conflict)
    }
  }

  private static func step(_ subject: String) -> String { "try the placement of \(subject)" }
}
