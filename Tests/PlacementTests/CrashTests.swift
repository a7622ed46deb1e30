import Apply
import Configuration
import TestMachines
import TestSupport
import Testing

@testable import Placement

/// The program is killed before and after every single write it makes, and puts everything back
/// byte for byte each time.
@Suite(.seeded) struct CrashTests {
  /// A plan for a machine with something of every kind in it.
  private func plan(_ round: Int) -> Plan {
    var generator = RandomMachine(SeededGenerator(round: round))
    let box = generator.machine()
    var policy = generator.policy()
    policy.system.transparentHugePages = .init("never")
    return Plan(box, policy, generator.serviceState())
  }

  /// Plans of few changes: every death replays the whole plan, so many small ones try more than few
  /// large ones.
  private var small: some Sequence<(round: Int, plan: Plan)> {
    (0..<10_000).lazy.map { (round: $0, plan: plan($0)) }.filter { $0.plan.changes.count <= 30 }
  }

  private func deaths(_ writes: Int) -> [Bench.Death] {
    writes == 0 ? [] : (1...writes).flatMap { [.before($0), .after($0)] }
  }

  /// How many writes a run makes.
  private func count(_ bench: Bench, _ run: (Bench) throws -> Void) rethrows -> Int {
    bench.restart()
    try run(bench)
    return bench.writes
  }

  private func rollback(_ bench: Bench) throws {
    _ = try Rollback.run(on: bench) { bench.interrupts }
  }

  @Test func `rollback is byte exact after death at every write of an apply`() throws {
    var tried = 0
    for (round, plan) in small {
      if tried > 1000 { break }
      let before = Bench(plan).files
      let writes = try count(Bench(plan)) { _ = try Applier.apply(plan, to: $0) }
      for death in deaths(writes) {
        let bench = Bench(plan)
        bench.death = death
        #expect(throws: Bench.Crash.self) { try Applier.apply(plan, to: bench) }
        bench.restart()
        try rollback(bench)
        #expect(bench.files == before, "\(round) \(death)")
        tried += 1
      }
    }
    print("crash points tried in apply: \(tried)")
    #expect(tried > 1000)
  }

  @Test func `rollback may die as well, at every write, and is finished by the next`() throws {
    var tried = 0
    for (round, plan) in small {
      if tried > 400 { break }
      let before = Bench(plan).files
      let whole = Bench(plan)
      _ = try Applier.apply(plan, to: whole)
      let writes = try count(whole, rollback)
      #expect(whole.files == before)
      for death in deaths(writes) {
        let bench = Bench(plan)
        _ = try Applier.apply(plan, to: bench)
        bench.restart()
        bench.death = death
        #expect(throws: Bench.Crash.self) { try rollback(bench) }
        bench.restart()
        try rollback(bench)
        #expect(bench.files == before, "\(round) \(death)")
        tried += 1
      }
    }
    print("crash points tried in rollback: \(tried)")
    #expect(tried > 100)
  }

  @Test func `a second apply that dies keeps the first originals`() throws {
    var tried = 0
    for (round, plan) in small {
      if tried > 150 { break }
      // The second wants everything elsewhere.
      var second = plan
      for index in second.changes.indices {
        let change = second.changes[index]
        second.changes[index].old = change.new
        if change.knob.kind == .interrupt { second.changes[index].new = "0-1" }
      }
      let before = Bench(plan).files
      let first = Bench(plan)
      _ = try Applier.apply(plan, to: first)
      let writes = try count(first) { _ = try Applier.apply(second, to: $0) }
      for death in deaths(writes) {
        let bench = Bench(plan)
        _ = try Applier.apply(plan, to: bench)
        bench.restart()
        bench.death = death
        #expect(throws: Bench.Crash.self) { try Applier.apply(second, to: bench) }
        bench.restart()
        // Half of them go on with an apply before they go back.
        if tried % 2 == 0 { _ = try Applier.apply(second, to: bench) }
        try rollback(bench)
        #expect(bench.files == before, "\(round) \(death)")
        tried += 1
      }
    }
    print("crash points tried in a second apply: \(tried)")
    #expect(tried > 100)
  }

  @Test func `no original is written over before it is on disk`() throws {
    let plan = try #require(small.first { $0.plan.changes.count > 3 }?.plan)
    let bench = Bench(plan)
    let before = bench.files
    bench.onWrite = { bench, number in
      if number == 1 { return }
      guard let ledger = bench.ledger.flatMap({ try? Ledger.decode($0) }) else {
        Issue.record("a write without a ledger")
        return
      }
      let kept = Dictionary(
        ledger.entries.map { (Bench.key($0.knob), Array($0.original.utf8)) },
        uniquingKeysWith: { first, _ in first })
      for (key, content) in bench.files where content != before[key] {
        #expect(kept[key] == before[key])
      }
    }
    _ = try Applier.apply(plan, to: bench)
    #expect(bench.writes > 3)
  }
}
