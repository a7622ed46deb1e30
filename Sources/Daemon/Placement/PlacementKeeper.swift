internal import Apply
internal import Events
internal import Inventory
internal import Placement

/// Keeps what is placed as it was placed, or tells when it is not: the mode decides.
///
/// Belongs to the main thread. Two ways lead here. A write to a watched file is looked at alone,
/// in a millisecond (`written`). Everything that has no file, and what is new, is found by planning
/// (`reconcile`), which reads the machine.
final class PlacementKeeper {
  private let machine: any KeptMachine
  /// What the policy says; nil before it could be read.
  private(set) var mode: Policy.Mode?
  /// After a rollback nothing is placed until somebody applies.
  var isSuspended = false
  private(set) var contest = Contest()
  private(set) var drifts = 0
  private(set) var corrections = 0
  private(set) var fights = 0

  /// What is placed, by the identity of its knob.
  private var entries: [String: Ledger.Entry] = [:]
  /// Identities by the files that change them.
  private var identities: [String: String] = [:]
  /// Values that were told, so that each is told once.
  private var told: [String: String] = [:]
  /// What the machine refused: it is asked again only for something else.
  private var refused: [String: String] = [:]

  init(_ machine: some KeptMachine) { self.machine = machine }

  /// The files whose writers are to be watched: of everything placed that is not left alone.
  var watchedPaths: Set<String> {
    Set(identities.filter { !contest.isHeld($0.value) }.keys)
  }

  /// Whether something is placed.
  var hasPlaced: Bool { !entries.isEmpty }

  /// Reads again what is placed.
  func load(_ inventory: Inventory) throws {
    let ledger = try machine.ledger()
    let numbers = machine.interruptNumbers(inventory)
    entries = [:]
    identities = [:]
    for var entry in ledger?.entries ?? [] {
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
    told = told.filter { entries[$0.key] != nil }
  }

  // MARK: a file was written

  /// Looks at files that somebody wrote to.
  /// - Parameter writes: the files, and who wrote to each, as far as it is known.
  func written(_ writes: [String: String?], at now: Double) -> [EventDraft] {
    var changed: [Drifted] = []
    var seen: Set<String> = []
    for (path, cause) in writes.sorted(by: { $0.key < $1.key }) {
      guard let identity = identities[path], seen.insert(identity).inserted,
        let entry = entries[identity], let actual = machine.value(of: entry.knob)
      else { continue }
      if actual == entry.applied {
        told[identity] = nil
        continue
      }
      changed.append(Drifted(entry: entry, actual: actual, cause: cause))
    }
    return settle(changed, at: now)
  }

  /// Settings that are kept again: looks at each.
  func released(at now: Double) -> [EventDraft] {
    let due = contest.release(at: now).compactMap { entries[$0] }
    guard !due.isEmpty else { return [] }
    let resumed = EventDraft(
      .placementResumed, subject: due.count == 1 ? due[0].subject : nil,
      "\(Drifted.name(due.map(\.knob))) kept again", count: due.count)
    let changed = due.compactMap { entry -> Drifted? in
      guard let actual = machine.value(of: entry.knob), actual != entry.applied else { return nil }
      return Drifted(
        entry: entry, actual: actual, cause: contest.records[entry.knob.identity]?.cause)
    }
    return [resumed] + settle(changed, at: now)
  }

  // MARK: the whole plan

  /// Plans, and does or tells what is to be done.
  /// - Parameter inventory: with `PlacementCommand.parts`.
  /// - Throws: what keeps the plan from being made or the ledger from being read.
  func reconcile(_ inventory: Inventory, at now: Double) throws -> (
    events: [EventDraft], status: PlacementStatus
  ) {
    try load(inventory)
    var (status, mode) = try machine.status(inventory)
    self.mode = mode
    let suspect = status.suspects.first
    var drifted: [Drifted] = []
    for drift in status.drifted {
      let identity = drift.knob.identity
      guard let entry = entries[identity], let actual = drift.actual else { continue }
      drifted.append(Drifted(entry: entry, actual: actual, cause: suspect))
    }
    guard mode == .enforce, !isSuspended else {
      return (settle(drifted, at: now), status)
    }
    var events = settle(drifted, at: now)
    let done = Set(drifted.map(\.identity))
    let new = status.plan.changes.filter { change in
      let identity = change.knob.identity
      return change.isAllowed && !done.contains(identity) && !contest.isHeld(identity)
        && refused[identity] != change.new
    }
    if !new.isEmpty {
      events += place(new, try machine.apply(new, inventory))
      try load(inventory)
      status = try machine.status(inventory).status
    }
    return (events, status)
  }

  /// Somebody applied the plan or rolled it back by hand: the past is forgotten.
  func forget() {
    contest.reset()
    told = [:]
    refused = [:]
  }

  // MARK: deciding

  private func settle(_ changed: [Drifted], at now: Double) -> [EventDraft] {
    if changed.isEmpty { return [] }
    guard mode == .enforce, !isSuspended else {
      let new = changed.filter { told[$0.identity] != $0.actual }
      for drift in new { told[drift.identity] = drift.actual }
      drifts += new.count
      return Drifted.events(new, .placementDrift) { "\($0.was); wanted is \($0.entry.applied)" }
    }
    var wanted: [Drifted] = []
    var fought: [(Drifted, Double)] = []
    for drift in changed {
      let judgement = contest.judge(
        drift.identity, label: drift.entry.knob.label, cause: drift.cause, at: now)
      switch judgement {
      case .correct: wanted.append(drift)
      case .backOff(let seconds): fought.append((drift, seconds))
      case .held: break
      }
    }
    drifts += wanted.count + fought.count
    var events = correct(wanted)
    if let seconds = fought.map(\.1).max() {
      fights += 1
      events += Drifted.events(fought.map(\.0), .placementFight) {
        "\($0.was) again and again; it is left alone for \(Int(seconds)) s"
      }
    }
    return events
  }

  /// Puts settings back.
  private func correct(_ drifted: [Drifted]) -> [EventDraft] {
    if drifted.isEmpty { return [] }
    let results: [Applier.Result]
    do {
      results = try machine.apply(drifted.map(\.change), nil)
    } catch {
      return [
        EventDraft(.placementRefused, "cannot put settings back: \(error)", severity: .error)
      ]
    }
    let outcomes = Dictionary(
      results.map { ($0.change.knob.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let held = drifted.filter { drift in
      switch outcomes[drift.identity]?.outcome {
      case .done, .pending, .unchanged: true
      default: false
      }
    }
    corrections += held.count
    return Drifted.events(held, .placementCorrected) {
      "\($0.was), is \($0.entry.applied) again"
    } + refusals(results)
  }

  /// What came of new settings.
  private func place(_ changes: [Change], _ results: [Applier.Result]) -> [EventDraft] {
    let done = results.filter { $0.outcome == .done || $0.outcome == .pending }
    var events: [EventDraft] = []
    if !done.isEmpty {
      let subjects = Set(done.map(\.change.subject)).sorted()
      let shown = subjects.prefix(6).joined(separator: ", ")
      events.append(
        EventDraft(
          .placementApplied, subject: subjects.count == 1 ? subjects[0] : nil,
          address: subjects.count == 1 ? done[0].change.device : nil,
          "\(done.count) settings placed: \(shown)" + (subjects.count > 6 ? ", ..." : ""),
          count: done.count))
    }
    return events + refusals(results)
  }

  private func refusals(_ results: [Applier.Result]) -> [EventDraft] {
    var events: [EventDraft] = []
    for result in results where result.outcome == .refused || result.outcome == .differs {
      let knob = result.change.knob
      guard refused[knob.identity] != result.change.new else { continue }
      refused[knob.identity] = result.change.new
      events.append(
        EventDraft(
          .placementRefused, subject: result.change.subject, address: result.change.device,
          "\(knob.label) could not be set to \(result.change.new): "
            + (result.reason ?? "something else holds")))
    }
    return events
  }
}
