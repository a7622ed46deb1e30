internal import Events
internal import Inventory
internal import Placement

/// Keeps what is placed as it was placed, or reports when it has changed: the mode decides.
///
/// Belongs to the main thread. Two ways lead here. A write to a watched file is looked at alone,
/// in a millisecond (`written`). Everything that has no file, and what is new, is found by planning
/// (`reconcile`), which reads the machine.
final class PlacementReconciler {
  let machine: any PlacementTarget
  /// What the policy says; nil before it could be read.
  private(set) var mode: Policy.Mode?
  /// The same for power caps and persistence modes.
  private(set) var powerMode: Policy.Mode?
  /// After a rollback nothing is placed until somebody applies.
  var isSuspended = false
  private(set) var backoff = ConflictBackoff()
  private(set) var drifts = 0
  private(set) var corrections = 0
  private(set) var conflicts = 0
  /// The machine is to be read again, because what was reported about it is out of date.
  private(set) var needsReading = false
  /// Another program changes the placement: to be looked at again when it is done.
  private(set) var hasMoved = false
  /// A running irqbalance has not taken its list of interrupts yet.
  private(set) var awaitsBalancer = false
  /// The ledger's generation when it was last read or written here.
  var generation: Int?
  /// The ledger, when it was last read, says that a rollback came last.
  var isRolledBack = false
  /// The device whose placement is being tried, when the ledger was last read; nil without a trial. Nothing
  /// is put back and nothing placed meanwhile.
  var trial: String?

  /// What is placed, by the identity of its knob.
  var entries: [String: Ledger.Entry] = [:]
  /// Identities by the files that change them.
  var identities: [String: String] = [:]
  /// Values that were reported, so that each is reported once.
  var reported: [String: String] = [:]
  /// Settings of devices that came back: placing them anew is no correction of a drift.
  var renewed: Set<String> = []
  /// Everything in the ledger, also what is not there at present.
  var ledgerEntries: [Ledger.Entry] = []
  /// What failed: it is tried again only when something else is wanted, or, where its target was
  /// not there, after a while.
  private var suppressed: [String: (value: String, until: Double)] = [:]
  /// Seconds after which something that was not there is looked for again.
  static let returnSeconds = 60.0

  init(_ machine: some PlacementTarget) { self.machine = machine }

  /// The files whose writers are to be watched: of everything placed that is not left alone.
  var watchedPaths: Set<String> {
    Set(identities.filter { !backoff.isSuspended($0.value) }.keys)
  }

  /// Whether the machine is to be read again, and whether only after another program is done; each
  /// answer is given once.
  func takeNeeds() -> (reading: Bool, moved: Bool) {
    defer { (needsReading, hasMoved) = (false, false) }
    return (needsReading, hasMoved)
  }

  /// Takes the policy as the files have it now.
  /// - Throws: what is wrong with it; the one before holds then.
  func takePolicy(_ inventory: Inventory?) throws { try machine.takePolicy(inventory) }

  // MARK: a file was written

  /// Looks at files that somebody wrote to.
  /// - Parameter writes: the files, and who wrote to each, where it is known.
  func written(_ writes: [String: String?], at now: Double) -> [EventDraft] {
    var changed: [Drifted] = []
    var seen: Set<String> = []
    for (path, cause) in writes.sorted(by: { $0.key < $1.key }) {
      guard let identity = identities[path], seen.insert(identity).inserted,
        let entry = entries[identity], let actual = machine.value(of: entry.knob)
      else { continue }
      if actual == entry.applied {
        reported[identity] = nil
        continue
      }
      if keeps(entry.knob), renewed.contains(identity) {
        needsReading = true
        continue
      }
      changed.append(Drifted(entry: entry, actual: actual, cause: cause))
    }
    let events = settle(changed, at: now)
    // Reported, and left as it is.
    if events.contains(where: { $0.kind != .placementCorrected }) { needsReading = true }
    return events
  }

  /// Settings that are kept again: looks at each.
  func released(at now: Double) -> [EventDraft] {
    let due = backoff.release(at: now).compactMap { entries[$0] }
    guard !due.isEmpty else { return [] }
    let resumed = EventDraft(
      .placementResumed, subject: due.count == 1 ? due[0].subject : nil,
      "\(Drifted.name(due.map(\.knob))) no longer suspended", count: due.count)
    let changed = due.compactMap { entry -> Drifted? in
      guard let actual = machine.value(of: entry.knob), actual != entry.applied else { return nil }
      return Drifted(
        entry: entry, actual: actual, cause: backoff.records[entry.knob.identity]?.cause)
    }
    needsReading = true
    return (due.contains { keeps($0.knob) } ? [resumed] : []) + settle(changed, at: now)
  }

  // MARK: the whole plan

  /// Plans, and makes or reports the changes.
  /// - Parameters:
  ///   - inventory: with `CollectionOptions.Parts.placement`.
  ///   - writes: files that somebody wrote to, and who did.
  /// - Throws: what keeps the plan from being made or the ledger from being read.
  func reconcile(
    _ inventory: Inventory, writes: [String: String?] = [:], at now: Double
  ) throws -> (events: [EventDraft], status: PlacementStatus) {
    try load(inventory)
    var (status, mode) = try machine.status(inventory)
    self.mode = mode
    powerMode = machine.powerMode ?? mode
    if isRolledBack, !isSuspended {
      // Another program rolled back after the ledger was looked at: `ledgerChange` says so with the next
      // reading. Placing now would undo it.
      needsReading = true
      return ([], status)
    }
    if trial != nil { return ([], status) }
    let suspect = status.suspects.first
    var causes: [String: String] = [:]
    for (path, cause) in writes {
      if let cause, let identity = identities[path] { causes[identity] = cause }
    }
    var drifted: [Drifted] = []
    for drift in status.drifted {
      let identity = drift.knob.identity
      guard let entry = entries[identity], let actual = drift.actual else { continue }
      if keeps(entry.knob), renewed.contains(identity) { continue }
      // irqbalance moves interrupts and nothing else.
      let likely = entry.knob.kind == .interrupt ? suspect : nil
      drifted.append(Drifted(entry: entry, actual: actual, cause: causes[identity] ?? likely))
    }
    // Interrupts of an interface come when it is brought up: until then they stay renewed.
    let away = Set(status.drifted.map(\.knob.identity))
    renewed = renewed.filter { entries[$0] == nil || away.contains($0) }
    let corrected = corrections
    var events = settle(drifted, at: now)
    awaitsBalancer = false
    guard keepsAny else { return (events, status) }
    defer {
      // What it has is not known while its socket is not there.
      awaitsBalancer =
        mode == .enforce
        && (status.plan.changes.contains { $0.knob.kind == .irqbalance }
          || status.plan.leftAlone.contains { $0.subject == "irqbalance" })
    }
    // The reading is older than what was done since.
    if corrections != corrected { needsReading = true }
    let done = Set(drifted.map(\.identity))
    // What is wanted no longer has gone or holds: should it be wanted again, that is another time.
    let wanted = Set(status.plan.changes.map(\.knob.identity))
    suppressed = suppressed.filter { wanted.contains($0.key) }
    let new = status.plan.changes.filter { change in
      let identity = change.knob.identity
      return change.isAllowed && keeps(change.knob) && !done.contains(identity)
        && !backoff.isSuspended(identity) && !isInVain(change, at: now)
    }
    if !new.isEmpty {
      do {
        let results = try machine.apply(new, inventory)
        events += place(results, at: now)
        // Only what is otherwise now is a reason to look again: else it would never end.
        if results.contains(where: { $0.isFulfilled }) { needsReading = true }
        try load(inventory)
        status = try machine.status(inventory).status
      } catch is PlacementMoved {
        hasMoved = true
      } catch {
        // What was put back before it is reported all the same.
        events.append(PlacementReconciler.failed("place settings", error))
      }
    }
    return (events, status)
  }

  private func isInVain(_ change: Change, at now: Double) -> Bool {
    guard let suppressed = suppressed[change.knob.identity], suppressed.value == change.new else {
      return false
    }
    return now < suppressed.until
  }

  /// Somebody applied the plan or rolled it back by hand: the past is forgotten.
  func forget() {
    backoff.reset()
    reported = [:]
    suppressed = [:]
  }

  // MARK: deciding

  /// Whether a setting is put back and placed, and not only reported.
  private func keeps(_ knob: Knob) -> Bool {
    (knob.isPower ? powerMode : mode) == .enforce && !isSuspended && trial == nil
  }

  /// Whether anything is.
  private var keepsAny: Bool {
    (mode == .enforce || powerMode == .enforce) && !isSuspended && trial == nil
  }

  private func settle(_ changed: [Drifted], at now: Double) -> [EventDraft] {
    if changed.isEmpty { return [] }
    var wanted: [Drifted] = []
    var fought: [(Drifted, Double)] = []
    for drift in changed where keeps(drift.entry.knob) || reported[drift.identity] != drift.actual {
      let judgement = backoff.judge(
        drift.identity, label: drift.entry.knob.label, cause: drift.cause, at: now)
      switch judgement {
      case .correct: wanted.append(drift)
      case .backOff(let seconds): fought.append((drift, seconds))
      case .suspended: break
      }
    }
    drifts += wanted.count + fought.count
    let others = wanted.filter { !keeps($0.entry.knob) }
    let othersFought = fought.filter { !keeps($0.0.entry.knob) }
    wanted.removeAll { !keeps($0.entry.knob) }
    fought.removeAll { !keeps($0.0.entry.knob) }
    var events = report(others, othersFought) + correct(wanted, at: now)
    if let seconds = fought.map(\.1).max() {
      conflicts += 1
      events += Drifted.events(fought.map(\.0), .placementConflict) {
        "\($0.was) repeatedly; suspended for \(Int(seconds)) s"
          + ($0.cause == nil ? "" : ", and so is every other setting that it changes until then")
      }
    }
    return events
  }

  /// Reports what is left as it is, once each.
  private func report(_ wanted: [Drifted], _ fought: [(Drifted, Double)]) -> [EventDraft] {
    for drift in wanted + fought.map(\.0) { reported[drift.identity] = drift.actual }
    return Drifted.events(wanted, .placementDrift) {
      "\($0.was); the placed value is \($0.entry.applied)"
    }
      + Drifted.events(fought.map(\.0), .placementDrift) {
        "\($0.was); it is changed repeatedly, and is read again in "
          + "\(Int(fought.map(\.1).max() ?? 0)) s"
      }
  }

  /// Puts settings back.
  private func correct(_ drifted: [Drifted], at now: Double) -> [EventDraft] {
    if drifted.isEmpty { return [] }
    let results: [ApplyResult]
    do {
      results = try machine.apply(drifted.map(\.change), nil)
      refresh()
    } catch is PlacementMoved {
      hasMoved = true
      return []
    } catch {
      return [PlacementReconciler.failed("put settings back", error)]
    }
    let outcomes = Dictionary(
      results.map { ($0.change.knob.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let suspended = drifted.filter { drift in
      switch outcomes[drift.identity]?.outcome {
      case .done, .pending: true
      default: false
      }
    }
    corrections += suspended.count
    return Drifted.events(suspended, .placementCorrected) {
      "\($0.was), is \($0.entry.applied) again"
    } + refusals(results, at: now)
  }

  private static func failed(_ step: String, _ error: any Error) -> EventDraft {
    EventDraft(.placementRefused, "cannot \(step): \(error)", severity: .error)
  }

  /// What came of new settings.
  private func place(_ results: [ApplyResult], at now: Double) -> [EventDraft] {
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
    return events + refusals(results, at: now)
  }

  /// Remembers what failed, and reports what the machine refused.
  private func refusals(_ results: [ApplyResult], at now: Double) -> [EventDraft] {
    var events: [EventDraft] = []
    for result in results where !result.isFulfilled {
      let knob = result.change.knob
      let wasSuppressed = suppressed[knob.identity]?.value == result.change.new
      switch result.outcome {
      case .gone, .unchanged, .notAllowed:
        suppressed[knob.identity] = (result.change.new, now + PlacementReconciler.returnSeconds)
      case .done, .pending:
        // A value near it is in force, which has an event of its own.
        suppressed[knob.identity] = (result.change.new, .infinity)
      case .refused, .differs:
        suppressed[knob.identity] = (result.change.new, .infinity)
        if wasSuppressed { continue }
        events.append(
          EventDraft(
            .placementRefused, subject: result.change.subject, address: result.change.device,
            "\(knob.label) could not be set to \(result.change.new): "
              + (result.reason ?? "another value is in place")))
      }
    }
    return events
  }
}

extension ApplyResult {
  /// Whether what was asked for holds because of it.
  fileprivate var isFulfilled: Bool {
    (outcome == .done || outcome == .pending) && actual == nil
  }
}
