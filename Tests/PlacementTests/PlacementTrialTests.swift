import Apply
import Base
import TestMachines
import Testing

@testable import Placement

/// The settings of a trial come back byte for byte, wherever it ends.
@Suite struct PlacementTrialTests {
  private let device = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)

  /// Two queues, a mask of the same interface, and a setting of no device.
  private var plan: Plan {
    var plan = Plan(origin: "test")
    for queue in 0..<2 {
      plan.changes.append(
        Change(
          .interrupt(30 + queue, device: device, action: "eth0-TxRx-\(queue)"), subject: "eth0",
          device: device, old: "0-7", new: "\(queue)", why: ""))
    }
    plan.changes.append(
      Change(
        .file("/sys/x/xps_cpus", .mask), subject: "eth0", device: device, old: "", new: "1,33",
        why: ""))
    plan.changes.append(
      Change(.file("/sys/thp", .choice), subject: "system", old: "madvise", new: "never", why: ""))
    return plan
  }

  private func tried(
    _ bench: Bench, _ plan: Plan? = nil, onlyChanges: Bool = false
  ) throws -> TrialPlan {
    try TrialPlan(
      plan ?? self.plan, try bench.ledger.map { try Ledger.decode($0) }, numbers: bench.interrupts,
      device: device, subject: "eth0", onlyChanges: onlyChanges)
  }

  private func path(_ number: Int) -> String { "/proc/irq/\(number)/smp_affinity_list" }

  private func putBack(_ bench: Bench) throws {
    _ = try PlacementTrial.putBack(on: bench) { bench.interrupts }
  }

  private func entries(_ bench: Bench) throws -> [Ledger.Entry] {
    try bench.ledger.map { try Ledger.decode($0).entries } ?? []
  }

  @Test func `a trial switches the settings of its device and no others`() throws {
    let bench = Bench(plan)
    let before = bench.files
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    #expect(bench.files == before)
    for _ in 0..<3 {
      try trial.set(true)
      #expect(bench.files[path(31)] == Array("1\n".utf8))
      #expect(bench.files["/sys/thp"] == before["/sys/thp"])
      try trial.check()
      try trial.set(false)
      #expect(bench.files == before)
      try trial.check()
    }
    try trial.set(true)
    try putBack(bench)
    #expect(bench.files == before)
    #expect(try entries(bench).isEmpty)
    #expect(try PlacementTrial.putBack(on: bench, interrupts: { bench.interrupts }) == nil)
  }

  /// What was placed before is off at its original, and ends placed.
  @Test func `settings that were placed before are switched too, and are placed afterwards`() throws
  {
    let bench = Bench(plan)
    let original = bench.files
    _ = try Applier.apply(plan, to: bench)
    let placed = bench.files
    let ledger = try entries(bench)
    var trial = try PlacementTrial.begin(try tried(bench, Plan(origin: "test")), on: bench)
    try trial.set(true)
    #expect(bench.files == placed)
    try trial.set(false)
    #expect(bench.files[path(30)] == original[path(30)])
    #expect(bench.files["/sys/x/xps_cpus"] == original["/sys/x/xps_cpus"])
    try putBack(bench)
    #expect(bench.files == placed)
    #expect(try entries(bench) == ledger)
  }

  /// Proving a change compares with what holds now, not with what held before another apply.
  @Test func `a trial of changes alone leaves what is placed as it is`() throws {
    let bench = Bench(plan)
    _ = try Applier.apply(plan, to: bench)
    var wish = plan
    wish.changes = [wish.changes[1]]
    wish.changes[0].old = "1"
    wish.changes[0].new = "5"
    let placed = bench.files
    var trial = try PlacementTrial.begin(
      try tried(bench, wish, onlyChanges: true), on: bench)
    try trial.set(true)
    #expect(bench.files[path(31)] == Array("5\n".utf8))
    try trial.set(false)
    #expect(bench.files == placed)
    try trial.keep()
    #expect(bench.files[path(31)] == Array("5\n".utf8))
    let entry = try #require(try entries(bench).first { $0.knob.interrupt == 31 })
    #expect(entry.applied == "5" && entry.original == "0-7\n")
  }

  @Test func `what is kept can be rolled back`() throws {
    let bench = Bench(plan)
    let before = bench.files
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    try trial.set(true)
    try trial.set(false)
    try trial.keep()
    let ledger = try Ledger.decode(try #require(bench.ledger))
    #expect(ledger.trial == nil && ledger.entries.count == 3)
    #expect(bench.files[path(30)] == Array("0\n".utf8))
    _ = try Rollback.run(on: bench) { bench.interrupts }
    #expect(bench.files == before)
  }

  // MARK: death

  /// A whole trial: two pairs, then its end.
  private func run(_ bench: Bench, keeps: Bool, wasPlaced: Bool) throws {
    let plan = wasPlaced ? Plan(origin: "test") : plan
    var trial = try PlacementTrial.begin(try tried(bench, plan), on: bench)
    for isOn in [false, true, true, false] { try trial.set(isOn) }
    if keeps { try trial.keep() } else { try putBack(bench) }
  }

  @Test(arguments: [false, true], [false, true])
  func `death at any write leaves what was found`(keeps: Bool, wasPlaced: Bool) throws {
    func bench() throws -> Bench {
      let bench = Bench(plan)
      if wasPlaced { _ = try Applier.apply(plan, to: bench) }
      bench.restart()
      return bench
    }
    let whole = try bench()
    let (found, ledger) = (whole.files, try entries(whole))
    try run(whole, keeps: keeps, wasPlaced: wasPlaced)
    let kept = whole.files
    var tried = 0
    for number in 1...whole.writes {
      for death in [Bench.Death.before(number), .after(number)] {
        let bench = try bench()
        bench.death = death
        #expect(throws: Bench.Crash.self) {
          try run(bench, keeps: keeps, wasPlaced: wasPlaced)
        }
        bench.restart()
        // The one that puts back may die as well.
        if tried % 2 == 0 {
          bench.death = .before(2)
          try? putBack(bench)
          bench.restart()
        }
        let isOver = try bench.ledger.map { try Ledger.decode($0).trial == nil } ?? true
        try putBack(bench)
        // Its last write may have been done.
        let isKept = keeps && isOver && death == .after(whole.writes)
        #expect(bench.files == (isKept ? kept : found), "\(death)")
        if !isKept { #expect(try entries(bench) == ledger, "\(death)") }
        tried += 1
      }
    }
    #expect(tried >= 16)
  }

  @Test func `a reboot has nothing to put back`() throws {
    let bench = Bench(plan)
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    try trial.set(true)
    bench.boot = "boot-2"
    bench.restart()
    #expect(try PlacementTrial.putBack(on: bench, interrupts: { bench.interrupts }) == nil)
    #expect(bench.writes == 0)
    // The next trial begins anew.
    bench.files = Bench(plan).files
    let next = try TrialPlan(
      plan, nil, numbers: bench.interrupts, device: device, subject: "eth0", onlyChanges: false)
    _ = try PlacementTrial.begin(next, on: bench)
    #expect(try Ledger.decode(try #require(bench.ledger)).trial?.added.count == 3)
  }

  @Test func `a roll back during a trial that died restores the originals`() throws {
    let bench = Bench(plan)
    let before = bench.files
    _ = try Applier.apply(plan, to: bench)
    var trial = try PlacementTrial.begin(try tried(bench, Plan(origin: "test")), on: bench)
    try trial.set(false)
    _ = try Rollback.run(on: bench) { bench.interrupts }
    #expect(bench.files == before)
    #expect(try Ledger.decode(try #require(bench.ledger)).trial == nil)
  }

  // MARK: a machine that changes

  @Test func `a machine that is not as planned is not tried`() throws {
    let bench = Bench(plan)
    bench.files[path(31)] = Array("6\n".utf8)
    let failure = #expect(throws: Failure.self) {
      try PlacementTrial.begin(try tried(bench), on: bench)
    }
    #expect(failure?.code == .conflict)
    #expect(failure?.reason.contains("was 0-7 when the plan was made and is 6 now") == true)
    #expect(bench.ledger == nil && bench.writes == 0)
  }

  @Test func `what something else changes meanwhile is noticed`() throws {
    let bench = Bench(plan)
    let before = bench.files
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    try trial.set(true)
    bench.files[path(31)] = Array("6\n".utf8)
    let failure = #expect(throws: Failure.self) { try trial.check() }
    #expect(failure?.reason.contains("/proc/irq/31/") == true)
    #expect(failure?.reason.contains("is 6 now") == true)
    try putBack(bench)
    #expect(bench.files == before)
    // An interrupt that has gone, and its number.
    var second = try PlacementTrial.begin(try tried(bench), on: bench)
    try second.set(true)
    bench.handlers[31] = nil
    #expect(throws: Failure.self) { try second.check() }
  }

  @Test func `what is refused is no part of the trial`() throws {
    let bench = Bench(plan)
    let before = bench.files
    bench.refusals[path(31)] = (5, 0)
    bench.deaf = ["/sys/x/xps_cpus"]
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    try trial.set(true)
    #expect(trial.refused.map(\.outcome) == [.refused, .differs])
    try trial.check()
    try trial.set(false)
    try trial.set(true)
    try trial.keep()
    #expect(try entries(bench).map(\.knob.interrupt) == [30])
    #expect(bench.files[path(31)] == before[path(31)])
    // With everything refused there is nothing to try.
    let other = Bench(plan)
    for key in [path(30), path(31), "/sys/x/xps_cpus"] { other.refusals[key] = (1, 0) }
    var none = try PlacementTrial.begin(try tried(other), on: other)
    #expect(throws: Failure.self) { try none.set(true) }
    other.refusals = [:]
    try putBack(other)
    #expect(other.files == before)
  }

  @Test func `a value beside the one asked for is switched and kept as it is`() throws {
    var plan = plan
    plan.changes[0].fallback = "0-3"
    let bench = Bench(plan)
    bench.refusals[path(30)] = (28, 1)
    var trial = try PlacementTrial.begin(try tried(bench, plan), on: bench)
    try trial.set(true)
    try trial.check()
    #expect(bench.files[path(30)] == Array("0-3\n".utf8))
    try trial.keep()
    #expect(try entries(bench).first?.applied == "0-3")
  }

  @Test func `a second trial waits for the end of the first`() throws {
    let bench = Bench(plan)
    _ = try PlacementTrial.begin(try tried(bench), on: bench)
    let failure = #expect(throws: Failure.self) {
      try PlacementTrial.begin(try tried(bench), on: bench)
    }
    #expect(failure?.code == .busy)
  }

  @Test func `without a ledger nothing is tried`() throws {
    let bench = Bench(plan)
    bench.ledgerFailure = 28
    #expect(throws: Failure.self) { try PlacementTrial.begin(try tried(bench), on: bench) }
    #expect(bench.written.isEmpty)
  }

  @Test func `what cannot be put back stays in the ledger`() throws {
    let bench = Bench(plan)
    let before = bench.files
    var trial = try PlacementTrial.begin(try tried(bench), on: bench)
    try trial.set(true)
    bench.refusals[path(31)] = (1, 0)
    let ended = try PlacementTrial.putBack(on: bench) { bench.interrupts }
    #expect(ended?.results.filter { $0.outcome == .refused }.count == 1)
    #expect(try entries(bench).map(\.knob.interrupt) == [31])
    bench.refusals = [:]
    _ = try Rollback.run(on: bench) { bench.interrupts }
    #expect(bench.files == before)
  }

  // MARK: the plan

  @Test func `a plan that a trial could not judge is refused`() throws {
    let bench = Bench(plan)
    var counts = plan
    counts.changes.append(
      Change(.channels("eth0"), subject: "eth0", device: device, old: "1", new: "4", why: ""))
    #expect(throws: Failure.self) { try tried(bench, counts) }
    // Without consent it is not made, and in nobody's way.
    counts.changes[4].consent = "allow-link-reset"
    counts.changes[4].hasConsent = false
    #expect(try tried(bench, counts).settings.count == 3)
    var blind = plan
    blind.unreadable = ["interrupts"]
    #expect(throws: Failure.self) { try tried(bench, blind) }
  }

  /// It would move the interrupts in either state.
  @Test func `irqbalance leaves the interrupts alone throughout`() throws {
    var balanced = plan
    balanced.changes.append(
      Change(.irqbalance, subject: "irqbalance", old: "7", new: "7,30-31", why: ""))
    let bench = Bench(balanced)
    let before = bench.files
    let bans = "irqbalance ban list"
    var trial = try PlacementTrial.begin(try tried(bench, balanced), on: bench)
    for isOn in [false, true, false] {
      try trial.set(isOn)
      #expect(bench.files[bans] == Array("7,30-31\n".utf8))
    }
    #expect(bench.files[path(30)] == before[path(30)])
    try putBack(bench)
    #expect(bench.files == before)
    // What is kept is not to be moved either.
    var other = try PlacementTrial.begin(try tried(bench, balanced), on: bench)
    try other.set(false)
    try other.keep()
    #expect(bench.files[bans] == Array("7,30-31\n".utf8))
    #expect(try entries(bench).contains { $0.knob.kind == .irqbalance })
    _ = try Rollback.run(on: bench) { bench.interrupts }
    #expect(bench.files == before)
    // One that does not take the list ends the trial.
    bench.refusals[bans] = (1, 0)
    var refused = try PlacementTrial.begin(try tried(bench, balanced), on: bench)
    #expect(throws: Failure.self) { try refused.set(false) }
    try putBack(bench)
    #expect(bench.files == before)
    #expect(try tried(bench, balanced).id == tried(bench).id)
  }

  @Test func `the id of a plan is that of its values`() throws {
    let bench = Bench(plan)
    let id = try tried(bench).id
    #expect(id.count == 16)
    var moved = plan
    moved.changes[0].knob = .interrupt(90, device: device, action: "eth0-TxRx-0")
    moved.changes.swapAt(0, 1)
    #expect(try tried(bench, moved).id == id)
    moved.changes[0].new = "7"
    #expect(try tried(bench, moved).id != id)
    // Placed already, it is the same plan.
    _ = try Applier.apply(plan, to: bench)
    #expect(try tried(bench, Plan(origin: "test")).id == id)
  }
}
