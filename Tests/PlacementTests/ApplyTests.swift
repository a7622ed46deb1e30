import Apply
import Base
import TestMachines
import Testing

@testable import Placement

@Suite struct ApplyTests {
  private let device = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)

  /// Three queues on CPUs 0 to 2, a mask, a choice and a unit.
  private func plan() -> Plan {
    var plan = Plan(origin: "test")
    for queue in 0..<3 {
      var change = Change(
        .interrupt(30 + queue, device: device, action: "eth0-TxRx-\(queue)"), subject: "eth0",
        device: device, old: "0-7", new: "\(queue)", why: "")
      change.fallback = "0-3"
      plan.changes.append(change)
    }
    plan.changes.append(
      Change(.file("/sys/x/xps_cpus", .mask), subject: "eth0", old: "", new: "1,33", why: ""))
    plan.changes.append(
      Change(.file("/sys/thp", .choice), subject: "system", old: "madvise", new: "never", why: ""))
    plan.changes.append(
      Change(.unit("a.slice", "AllowedCPUs"), subject: "a.slice", old: nil, new: "0-3", why: ""))
    return plan
  }

  private func path(_ number: Int) -> String { "/proc/irq/\(number)/smp_affinity_list" }

  private func rollback(_ bench: Bench) throws -> [RollbackResult] {
    guard case .results(let results) = try Rollback.run(on: bench, interrupts: { bench.interrupts })
    else { return [] }
    return results
  }

  @Test func `changes are made, held, and put back`() throws {
    let bench = Bench(plan())
    let before = bench.files
    let results = try Applier.apply(plan(), to: bench)
    #expect(results.allSatisfy { $0.outcome == .done })
    #expect(bench.files[path(31)] == Array("1\n".utf8))
    #expect(
      bench.files["/sys/x/xps_cpus"]
        == Array(
          "00000000,00000000,00000000,00000000,00000000,00000000,00000002,00000002\n".utf8))
    #expect(bench.files["/sys/thp"] == Array("always madvise [never]\n".utf8))
    #expect(try Applier.apply(plan(), to: bench).allSatisfy { $0.outcome == .unchanged })
    let back = try rollback(bench)
    #expect(back.count == 6 && back.allSatisfy { $0.outcome == .restored && $0.reason == nil })
    #expect(bench.files == before)
    #expect(try Rollback.run(on: bench) { [:] } == .nothing)
  }

  /// errno, count of refusals (0: always), outcome, what the file then holds.
  @Test(
    arguments: [
      (1, 0, ApplyResult.Outcome.refused, "0-7"), (5, 0, .refused, "0-7"),
      (22, 0, .refused, "0-7"), (30, 0, .refused, "0-7"), (2, 0, .gone, "0-7"),
      (19, 0, .gone, "0-7"), (16, 0, .refused, "0-7"), (16, 2, .done, "1"), (11, 3, .done, "1"),
      (12, 1, .done, "1"), (28, 1, .done, "0-3"), (28, 0, .refused, "0-7"),
    ] as [(Int32, Int, ApplyResult.Outcome, String)])
  func `a refusal is a result, and stops nothing`(
    errno: Int32, count: Int, outcome: ApplyResult.Outcome, held: String
  ) throws {
    let bench = Bench(plan())
    let before = bench.files
    bench.refusals[path(31)] = (errno, count)
    let results = try Applier.apply(plan(), to: bench)
    #expect(results.map(\.outcome) == [.done, outcome, .done, .done, .done, .done])
    #expect(bench.files[path(31)] == Array((held + "\n").utf8))
    if outcome == .refused { #expect(results[1].reason != nil) }
    if held == "0-3" { #expect(results[1].actual == "0-3") }
    bench.refusals = [:]
    _ = try rollback(bench)
    #expect(bench.files == before)
  }

  @Test func `what does not hold, and what comes later, is told`() throws {
    let bench = Bench(plan())
    let before = bench.files
    bench.deaf = [path(30)]
    bench.effectiveLag = [path(31): "7", path(32): "2", "a.slice AllowedCPUs": "0-1"]
    let results = try Applier.apply(plan(), to: bench)
    #expect(results.map(\.outcome) == [.differs, .pending, .done, .done, .done, .done])
    #expect(results[0].actual == "0-7")
    #expect(results[1].reason == "in effect is 7")
    bench.effectiveLag["a.slice AllowedCPUs"] = "0-7"
    bench.files["a.slice AllowedCPUs"] = Array("\n".utf8)
    #expect(try Applier.apply(plan(), to: bench).last?.outcome == .differs)
    _ = try rollback(bench)
    #expect(bench.files == before)
  }

  @Test func `a value that cannot be read back keeps its original`() throws {
    let bench = Bench(plan())
    bench.onWrite = { bench, number in
      // After the first interrupt was written its file turns to garbage.
      if number == 3 { bench.files["/proc/irq/30/smp_affinity_list"] = [0xff] }
    }
    _ = try Applier.apply(plan(), to: bench)
    #expect(try rollback(bench).contains { $0.knob.interrupt == 30 && $0.outcome == .restored })
  }

  @Test func `without consent nothing is done`() throws {
    var plan = plan()
    plan.changes[0].consent = "allow-link-reset"
    plan.changes[0].hasConsent = false
    let bench = Bench(plan)
    let results = try Applier.apply(plan, to: bench)
    #expect(results[0].outcome == .notAllowed)
    #expect(!bench.written.contains(path(30)))
  }

  @Test func `an original that makes no sense is not written over`() throws {
    let bench = Bench(plan())
    bench.files[path(30)] = Array("???\n".utf8)
    #expect(try Applier.apply(plan(), to: bench)[0].outcome == .refused)
    #expect(!bench.written.contains(path(30)))
  }

  @Test func `an interrupt whose number went to another is not touched`() throws {
    let bench = Bench(plan())
    bench.handlers[31] = "interrupt 0000:09:00.0 other"
    let results = try Applier.apply(plan(), to: bench)
    #expect(results[1].outcome == .gone)
    #expect(bench.files[path(31)] == Array("0-7\n".utf8))
    // It may also happen between the look and the write.
    let late = Bench(plan())
    late.onWrite = { bench, number in
      if number == 1 { bench.handlers[31] = "interrupt 0000:09:00.0 other" }
    }
    #expect(try Applier.apply(plan(), to: late)[1].outcome == .gone)
    #expect(!late.written.contains(path(31)))
  }

  @Test func `a device that came back under other numbers gets its originals there`() throws {
    let bench = Bench(plan())
    _ = try Applier.apply(plan(), to: bench)
    // Queue 0 has number 90 now, and 30 belongs to someone else; queue 1 is gone.
    let other = "interrupt 0000:09:00.0 other"
    bench.handlers[90] = bench.handlers[30]
    bench.files[path(90)] = Array("5\n".utf8)
    bench.handlers[30] = other
    bench.files[path(30)] = Array("6\n".utf8)
    bench.handlers[31] = nil
    bench.files[path(31)] = nil
    let results = try rollback(bench)
    #expect(bench.files[path(90)] == Array("0-7\n".utf8))
    #expect(bench.files[path(30)] == Array("6\n".utf8))
    #expect(results.filter { $0.outcome == .gone }.map(\.knob.action) == ["eth0-TxRx-1"])
    #expect(results.first { $0.knob.interrupt == 90 }?.reason == "something else had set it to 5")
    #expect(try Rollback.run(on: bench) { [:] } == .nothing)
  }

  @Test func `queue counts go back before interrupts are looked up`() throws {
    var plan = plan()
    plan.changes.insert(
      Change(.channels("eth0"), subject: "eth0", old: "8", new: "3", why: ""), at: 0)
    let bench = Bench(plan)
    _ = try Applier.apply(plan, to: bench)
    bench.restart()
    var asked = -1
    _ = try Rollback.run(on: bench) {
      asked = bench.writes
      return bench.interrupts
    }
    #expect(asked == 1 && bench.written.first == "eth0 combined channels")
    #expect(bench.files["eth0 combined channels"] == Array("8\n".utf8))
  }

  @Test func `what rollback is refused stays in the ledger`() throws {
    let bench = Bench(plan())
    let before = bench.files
    _ = try Applier.apply(plan(), to: bench)
    bench.refusals[path(31)] = (1, 0)
    #expect(try rollback(bench).filter { $0.outcome == .refused }.count == 1)
    bench.refusals = [:]
    #expect(try rollback(bench).map(\.outcome) == [.restored])
    #expect(bench.files == before)
  }

  /// A container took the interface into a network of its own: when that has ended, it is back.
  @Test func `what is in another network is put back when it returns`() throws {
    let xps = "/sys/class/net/eth0/queues/tx-0/xps_cpus"
    var plan = Plan(origin: "test")
    plan.changes.append(
      Change(.file(xps, .mask), subject: "eth0", device: device, old: "", new: "1", why: ""))
    let bench = Bench(plan)
    let before = bench.files
    _ = try Applier.apply(plan, to: bench)
    let applied = bench.files
    bench.files[xps] = nil
    bench.elsewhere = [device]
    #expect(try rollback(bench).map(\.outcome) == [.refused])
    bench.files = applied
    bench.elsewhere = []
    #expect(try rollback(bench).map(\.outcome) == [.restored])
    #expect(bench.files == before)
    // One that is nowhere is gone for good.
    _ = try Applier.apply(plan, to: bench)
    bench.files[xps] = nil
    #expect(try rollback(bench).map(\.outcome) == [.gone])
  }

  /// The kernel answers EIO when an interrupt goes while it is written to.
  @Test func `what goes under the write is gone, not refused`() throws {
    for errno: Int32 in [5, 1, 22] {
      let bench = Bench(plan())
      bench.refusals[path(31)] = (errno, 0)
      // The first write is the ledger's.
      bench.onWrite = { bench, number in if number > 1 { bench.handlers[31] = nil } }
      let result = try Applier.apply(plan(), to: bench).first { $0.change.knob.interrupt == 31 }
      #expect(result?.outcome == .gone)
      #expect(try rollback(bench).allSatisfy { $0.outcome != .refused })
    }
  }

  /// Two interfaces were plugged anew and changed names: the other one's values are not touched,
  /// and what it had before it was placed is its own original.
  @Test func `a name that another device has now is another thing`() throws {
    let xps = "/sys/class/net/eth0/queues/tx-0/xps_cpus"
    let other = try #require(PCIAddress("0000:81:00.0"))
    func plan(_ device: PCIAddress, _ new: String) -> Plan {
      var plan = Plan(origin: "test")
      plan.changes.append(
        Change(.file(xps, .mask), subject: "eth0", device: device, old: "", new: new, why: ""))
      return plan
    }
    let bench = Bench(plan(device, "1"))
    let fresh = bench.files
    _ = try Applier.apply(plan(device, "1"), to: bench)
    bench.renamed = ["eth0": other]
    try bench.write("2", to: .file(xps, .mask))
    let held = bench.files
    #expect(try rollback(bench).map(\.outcome) == [.gone])
    #expect(bench.files == held)

    bench.renamed = [:]
    bench.files = fresh
    _ = try Applier.apply(plan(device, "1"), to: bench)
    bench.renamed = ["eth0": other]
    bench.files = held
    _ = try Applier.apply(plan(other, "3"), to: bench)
    #expect(try rollback(bench).map(\.outcome) == [.restored])
    #expect(bench.files == held)
  }

  @Test func `a ledger of another boot has nothing to put back`() throws {
    let bench = Bench(plan())
    _ = try Applier.apply(plan(), to: bench)
    let ledger = bench.ledger
    bench.boot = "boot-2"
    let held = bench.files
    #expect(try Rollback.run(on: bench) { bench.interrupts } == .otherBoot("boot-1"))
    #expect(bench.files == held && bench.ledger == ledger)
    // The machine came up anew; what was before the reboot is no original any more.
    bench.files = Bench(plan()).files
    let fresh = bench.files
    bench.files[path(30)] = Array("4-5\n".utf8)
    _ = try Applier.apply(plan(), to: bench)
    _ = try rollback(bench)
    #expect(bench.files[path(30)] == Array("4-5\n".utf8))
    #expect(bench.files[path(31)] == fresh[path(31)])
  }

  @Test func `a damaged ledger stops everything before the first write`() throws {
    let bench = Bench(plan())
    _ = try Applier.apply(plan(), to: bench)
    let good = try #require(bench.ledger)
    let held = bench.files
    bench.restart()
    var tried = 0
    func refuses(_ bytes: [UInt8], _ why: String) {
      bench.ledger = bytes
      #expect(throws: Failure.self, "\(why)") { try Applier.apply(plan(), to: bench) }
      #expect(throws: Failure.self, "\(why)") { try rollback(bench) }
      tried += 1
    }
    // A line feed more or less at the end is no damage.
    for count in 0..<(good.count - 1) { refuses(Array(good.prefix(count)), "cut at \(count)") }
    for index in 0..<(good.count - 1) {
      var bytes = good
      bytes[index] ^= 0x01
      refuses(bytes, "bit of byte \(index)")
    }
    print("damaged ledgers tried: \(tried)")
    #expect(bench.files == held && bench.writes == 0)
    bench.ledger = good
    #expect(try rollback(bench).count == 6)
  }

  @Test func `a ledger that cannot be written means that nothing is changed`() throws {
    let bench = Bench(plan())
    let before = bench.files
    bench.ledgerFailure = 28
    #expect(throws: Failure.self) { try Applier.apply(plan(), to: bench) }
    #expect(bench.files == before && bench.written.isEmpty)
  }

  @Test func `a disk that is full after the changes loses no original`() throws {
    let bench = Bench(plan())
    let before = bench.files
    bench.onWrite = { bench, number in if number > 1 { bench.ledgerFailure = 28 } }
    #expect(try Applier.apply(plan(), to: bench).allSatisfy { $0.outcome == .done })
    #expect(try !Ledger.decode(try #require(bench.ledger)).isComplete)
    // Rollback puts everything back, and says that the ledger could not be emptied.
    #expect(throws: Failure.self) { try rollback(bench) }
    #expect(bench.files == before)
    bench.onWrite = nil
    bench.ledgerFailure = nil
    #expect(try rollback(bench).allSatisfy { $0.outcome == .unchanged })
  }

  @Test func `a plan without changes writes nothing at all`() throws {
    let bench = Bench(plan())
    #expect(try Applier.apply(Plan(origin: "test"), to: bench).isEmpty)
    #expect(bench.writes == 0)
  }

  @Test func `the ledger counts its generations`() throws {
    let bench = Bench(plan())
    _ = try Applier.apply(plan(), to: bench)
    let first = try Ledger.decode(try #require(bench.ledger))
    #expect(first.generation == 2 && first.isComplete && first.bootID == "boot-1")
    _ = try rollback(bench)
    let second = try Ledger.decode(try #require(bench.ledger))
    #expect(second.generation == 3 && second.entries.isEmpty)
  }
}
