import Base
import Events
import KernelTree
import Testing

@testable import Placement
@testable import Daemon
@testable import Inventory

/// A machine in memory: settings are values by the identity of their knob.
private final class MadeUpMachine: PlacementTarget {
  var entries: [Ledger.Entry] = []
  var values: [String: String] = [:]
  var mode = Policy.Mode.enforce
  var powerMode: Policy.Mode?
  var planned: [Change] = []
  var refuses: Set<String> = []
  /// What comes of a change in place of its being done.
  var outcomes: [String: ApplyResult.Outcome] = [:]
  /// What holds in place of what was asked for, as when no vector is free.
  var fallbacks: [String: String] = [:]
  var generation = 1
  var isRolledBack: Bool?
  var trial: Ledger.Trial?
  /// Interrupts that are not there at present.
  var absent: Set<Int> = []
  var suspects: [String] = []
  var leftAlone: [Skipped] = []
  var failure: Failure?
  private(set) var writes: [String] = []
  private(set) var ledgerReads = 0

  func ledger() throws -> Ledger? {
    ledgerReads += 1
    var ledger = Ledger(bootID: "this")
    ledger.entries = entries
    ledger.generation = generation
    ledger.isRolledBack = isRolledBack
    ledger.trial = trial
    return ledger
  }

  func value(of knob: Knob) -> String? { values[knob.identity] }

  func interruptNumbers(_ inventory: Inventory) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: entries.compactMap { entry in
        entry.knob.interrupt.flatMap { absent.contains($0) ? nil : (entry.knob.identity, $0) }
      })
  }

  func status(_ inventory: Inventory) throws -> (status: PlacementStatus, mode: Policy.Mode) {
    var plan = Plan(origin: "live")
    plan.leftAlone = leftAlone
    plan.changes = planned.filter { values[$0.knob.identity] != $0.new }
    var status = PlacementStatus(
      ledger: nil, bootID: "this", plan: plan, inventory, ServiceState(),
      MemoryTreeBuilder().tree())
    status.suspects = suspects
    status.ledger = entries.isEmpty ? .none : .thisBoot
    for entry in entries {
      guard let actual = values[entry.knob.identity] else { continue }
      if actual == entry.applied {
        status.held += 1
      } else {
        status.drifted.append(
          .init(
            knob: entry.knob, subject: entry.subject, desired: entry.applied, actual: actual))
      }
    }
    return (status, mode)
  }

  func apply(_ changes: [Change], _ inventory: Inventory?) throws -> [ApplyResult] {
    if let failure { throw failure }
    return changes.map { change in
      let identity = change.knob.identity
      writes.append("\(identity)=\(change.new)")
      if refuses.contains(identity) {
        return ApplyResult(change: change, outcome: .refused, reason: "EIO")
      }
      if let outcome = outcomes[identity] {
        return ApplyResult(change: change, outcome: outcome)
      }
      let fallback = fallbacks[identity]
      values[identity] = fallback ?? change.new
      if !entries.contains(where: { $0.knob.identity == identity }) {
        entries.append(
          Ledger.Entry(
            knob: change.knob, subject: change.subject, original: "0-7",
            applied: fallback ?? change.new))
      }
      return ApplyResult(change: change, outcome: .done, actual: fallback)
    }
  }

  func place(_ number: Int, _ value: String) {
    let knob = ReconcilerTests.knob(number)
    entries.append(
      Ledger.Entry(knob: knob, subject: "eth0", original: "0-7", applied: value))
    values[knob.identity] = value
  }
}

@Suite struct ReconcilerTests {
  fileprivate static let device = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
  private let inventory = Inventory(origin: "test")

  fileprivate static func knob(_ number: Int) -> Knob {
    .interrupt(number, device: device, action: "eth0-TxRx-\(number)")
  }

  private static func path(_ number: Int) -> String { "/proc/irq/\(number)/smp_affinity_list" }

  private func change(_ number: Int, _ value: String) -> Change {
    Change(ReconcilerTests.knob(number), subject: "eth0", old: "0-7", new: value, why: "its node")
  }

  @Test func `enforce puts a setting back and names who changed it`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    #expect(
      reconciler.watchedPaths == ["/proc/irq/30/smp_affinity", "/proc/irq/30/smp_affinity_list"])
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    let events = reconciler.written([ReconcilerTests.path(30): "bash (process 7)"], at: 1)
    #expect(events.map(\.kind) == [.placementCorrected])
    #expect(events.first?.cause == "bash (process 7)")
    #expect(events.first?.message.contains("set to 5, is 2 again") == true)
    #expect(machine.values[ReconcilerTests.knob(30).identity] == "2")
    #expect(reconciler.corrections == 1)
  }

  @Test func `observe tells each value once and touches nothing`() throws {
    let machine = MadeUpMachine()
    machine.mode = .observe
    machine.place(30, "2")
    machine.planned = [change(31, "3")]
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    let path = ReconcilerTests.path(30)
    #expect(reconciler.written([path: nil], at: 1).map(\.kind) == [.placementDrift])
    #expect(reconciler.written([path: nil], at: 2).isEmpty)
    #expect(try reconciler.reconcile(inventory, at: 3).events.isEmpty)
    machine.values[ReconcilerTests.knob(30).identity] = "6"
    #expect(reconciler.written([path: nil], at: 4).map(\.kind) == [.placementDrift])
    #expect(machine.writes.isEmpty)
  }

  @Test func `power has a mode of its own`() throws {
    let machine = MadeUpMachine()
    machine.mode = .observe
    machine.powerMode = .enforce
    let cap = Change(
      .powerCap(ReconcilerTests.device), subject: "GPU", device: ReconcilerTests.device, old: "355",
      new: "300", why: "asked for")
    machine.place(30, "2")
    machine.planned = [cap, change(31, "3")]
    let reconciler = PlacementReconciler(machine)
    #expect(try reconciler.reconcile(inventory, at: 0).events.map(\.kind) == [.placementApplied])
    #expect(machine.writes == ["\(cap.knob.identity)=300"])
    // The driver was loaded again: the cap is set again, and the interrupt only reported.
    machine.values[cap.knob.identity] = "355"
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    let events = try reconciler.reconcile(inventory, at: 1).events
    #expect(Set(events.map(\.kind)) == [.placementDrift, .placementCorrected])
    #expect(machine.values[cap.knob.identity] == "300")
    #expect(machine.values[ReconcilerTests.knob(30).identity] == "5")
    // And the other way round.
    machine.mode = .enforce
    machine.powerMode = .observe
    machine.values[cap.knob.identity] = "355"
    _ = try reconciler.reconcile(inventory, at: 2)
    #expect(machine.values[cap.knob.identity] == "355")
    #expect(machine.values[ReconcilerTests.knob(30).identity] == "2")
  }

  @Test func `a conflict is one event, and the setting is not watched until it is kept again`()
    throws
  {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    var kinds: [EventKind] = []
    for step in 0..<100 {
      machine.values[ReconcilerTests.knob(30).identity] = "5"
      kinds += reconciler.written([ReconcilerTests.path(30): "loop"], at: Double(step) / 10).map(
        \.kind)
    }
    #expect(
      kinds == [.placementCorrected, .placementCorrected, .placementCorrected, .placementConflict])
    #expect(machine.writes.count == 3)
    #expect(reconciler.watchedPaths.isEmpty)
    // Planning does not touch it either while it is left alone.
    #expect(try reconciler.reconcile(inventory, at: 20).events.isEmpty)
    #expect(machine.writes.count == 3)
    let later = reconciler.released(at: 60.3)
    #expect(later.map(\.kind) == [.placementResumed, .placementCorrected])
    #expect(!reconciler.watchedPaths.isEmpty)
  }

  @Test func `what is new is placed, and what is refused is asked for once`() throws {
    let machine = MadeUpMachine()
    machine.planned = [change(30, "2"), change(31, "3")]
    machine.refuses = [ReconcilerTests.knob(31).identity]
    let reconciler = PlacementReconciler(machine)
    let first = try reconciler.reconcile(inventory, at: 0).events
    #expect(first.map(\.kind) == [.placementApplied, .placementRefused])
    #expect(try reconciler.reconcile(inventory, at: 1).events.isEmpty)
    #expect(machine.writes.count == 2)
    // Something else is asked for: the machine is asked again.
    machine.planned[1].new = "4"
    #expect(try reconciler.reconcile(inventory, at: 2).events.map(\.kind) == [.placementRefused])
  }

  @Test func `what came back with its device is placed anew, which is no correction`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    machine.entries[0].device = ReconcilerTests.device
    machine.planned = [change(30, "2")]
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    reconciler.added([ReconcilerTests.device])
    machine.values[ReconcilerTests.knob(30).identity] = "0-7"
    #expect(try reconciler.reconcile(inventory, at: 1).events.map(\.kind) == [.placementApplied])
    #expect(reconciler.corrections == 0)
    // From then on a change is a drift again.
    _ = try reconciler.reconcile(inventory, at: 2)
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    #expect(
      reconciler.written([ReconcilerTests.path(30): nil], at: 3).map(\.kind) == [
        .placementCorrected
      ])
  }

  @Test func `after a rollback nothing is placed`() throws {
    let machine = MadeUpMachine()
    machine.planned = [change(30, "2")]
    let reconciler = PlacementReconciler(machine)
    reconciler.isSuspended = true
    #expect(try reconciler.reconcile(inventory, at: 0).events.isEmpty)
    #expect(machine.writes.isEmpty)
    reconciler.isSuspended = false
    #expect(try reconciler.reconcile(inventory, at: 1).events.map(\.kind) == [.placementApplied])
  }

  @Test func `many settings that one program changed are one event`() throws {
    let machine = MadeUpMachine()
    for number in 30..<40 { machine.place(number, "2") }
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    var writes: [String: String?] = [:]
    for number in 30..<40 {
      machine.values[ReconcilerTests.knob(number).identity] = "7"
      writes[ReconcilerTests.path(number)] = "irqbalance (process 812)"
    }
    let events = reconciler.written(writes, at: 1)
    #expect(events.map(\.count) == [10])
    #expect(reconciler.corrections == 10)
  }

  @Test(arguments: [ApplyResult.Outcome.gone, .unchanged])
  func `what comes to nothing is not tried again at once, nor for ever given up`(
    outcome: ApplyResult.Outcome
  ) throws {
    let machine = MadeUpMachine()
    machine.planned = [change(30, "2")]
    machine.outcomes = [ReconcilerTests.knob(30).identity: outcome]
    let reconciler = PlacementReconciler(machine)
    for step in 0..<50 {
      #expect(try reconciler.reconcile(inventory, at: Double(step) / 10).events.isEmpty)
      // A reading that asks for the next one would never end.
      #expect(!reconciler.takeNeeds().reading)
    }
    #expect(machine.writes.count == 1)
    _ = try reconciler.reconcile(inventory, at: 61)
    #expect(machine.writes.count == 2)
    // Gone from the plan and back in it, as with an interface that goes down and up: at once.
    machine.planned = []
    _ = try reconciler.reconcile(inventory, at: 62)
    machine.planned = [change(30, "2")]
    machine.outcomes = [:]
    #expect(try reconciler.reconcile(inventory, at: 63).events.map(\.kind) == [.placementApplied])
    #expect(reconciler.takeNeeds().reading)
  }

  /// Its socket is not there before it has looked at the machine, and what it has is not known.
  @Test func `irqbalance is looked at again until it has its list`() throws {
    let machine = MadeUpMachine()
    machine.leftAlone = [Skipped(subject: "irqbalance", reason: "not known")]
    let reconciler = PlacementReconciler(machine)
    #expect(try reconciler.reconcile(inventory, at: 0).events.isEmpty && reconciler.awaitsBalancer)
    machine.leftAlone = []
    machine.planned = [
      Change(.irqbalance, subject: "irqbalance", old: "", new: "30", why: "placed")
    ]
    #expect(try reconciler.reconcile(inventory, at: 2).events.map(\.kind) == [.placementApplied])
    #expect(!reconciler.awaitsBalancer)
    machine.mode = .observe
    machine.values = [:]
    _ = try reconciler.reconcile(inventory, at: 6)
    #expect(machine.writes.count == 1 && !reconciler.awaitsBalancer)
  }

  @Test func `what holds in place of what is wanted is told once`() throws {
    let machine = MadeUpMachine()
    machine.planned = [change(30, "2")]
    machine.fallbacks = [ReconcilerTests.knob(30).identity: "0-3"]
    let reconciler = PlacementReconciler(machine)
    #expect(try reconciler.reconcile(inventory, at: 0).events.map(\.kind) == [.placementApplied])
    for step in 1..<10 {
      #expect(try reconciler.reconcile(inventory, at: Double(step)).events.isEmpty)
      #expect(!reconciler.takeNeeds().reading)
    }
    #expect(machine.writes.count == 1)
  }

  @Test func `nothing is told as put back that was not`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    // Another program had put it back when it came to writing.
    machine.outcomes = [ReconcilerTests.knob(30).identity: .unchanged]
    #expect(reconciler.written([ReconcilerTests.path(30): nil], at: 1).isEmpty)
    #expect(reconciler.corrections == 0)
  }

  @Test func `what was put back is told although the rest failed`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    machine.planned = [change(31, "3")]
    machine.failure = Failure("write the ledger", Errno.ENOSPC)
    #expect(try reconciler.reconcile(inventory, at: 1).events.map(\.kind) == [.placementRefused])
  }

  @Test func `only a rollback takes something out of the ledger`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    machine.place(31, "3")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    #expect(reconciler.ledgerChange(inventory) == .none)
    // Fewer queues: the interrupt is not there at present, and still in the ledger.
    machine.absent = [31]
    machine.generation = 2
    #expect(reconciler.ledgerChange(inventory) == .changed)
    machine.entries.removeLast()
    machine.generation = 3
    #expect(reconciler.ledgerChange(inventory) == .rolledBack)
  }

  @Test func `a rollback is not undone by a reading that saw it first`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    #expect(reconciler.ledgerChange(inventory) == .none)
    // Here another program rolls back, before the ledger is read again to plan.
    machine.entries = []
    machine.generation = 2
    machine.isRolledBack = true
    machine.planned = [change(30, "2"), change(31, "3")]
    let before = machine.writes
    #expect(try reconciler.reconcile(inventory, at: 1).events.isEmpty)
    #expect(machine.writes == before)
    #expect(reconciler.takeNeeds().reading)
    #expect(reconciler.ledgerChange(inventory) == .rolledBack)
    // The controller suspends; from then on it is known.
    reconciler.isSuspended = true
    #expect(reconciler.ledgerChange(inventory) == .none)
  }

  /// A trial of 30, which was placed before, and 31, which was not.
  private func begin(_ machine: MadeUpMachine) {
    machine.trial = Ledger.Trial(subject: "eth0")
    machine.trial?.added = [ReconcilerTests.knob(31).identity]
    machine.place(31, "3")
    machine.generation += 1
  }

  @Test func `what a trial switches is neither corrected nor reported`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    machine.planned = [change(31, "3"), change(32, "4")]
    machine.values[ReconcilerTests.knob(32).identity] = "4"
    machine.values[ReconcilerTests.knob(31).identity] = "3"
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    begin(machine)
    #expect(reconciler.ledgerChange(inventory) == .changed)
    #expect(reconciler.trial == "eth0" && reconciler.watchedPaths.isEmpty)
    let before = machine.writes
    for number in [30, 31] { machine.values[ReconcilerTests.knob(number).identity] = "0-7" }
    #expect(reconciler.written([ReconcilerTests.path(30): "tinybox-benchmark"], at: 1).isEmpty)
    #expect(try reconciler.reconcile(inventory, at: 2).events.isEmpty)
    #expect(machine.writes == before && reconciler.drifts == 0)
    // It ends as it began: nothing was applied or rolled back, and 30 is kept again.
    machine.trial = nil
    machine.entries.removeLast()
    machine.values[ReconcilerTests.knob(30).identity] = "2"
    machine.generation += 1
    #expect(reconciler.ledgerChange(inventory) == .changed)
    machine.planned = []
    machine.values[ReconcilerTests.knob(30).identity] = "7"
    #expect(
      try reconciler.reconcile(inventory, at: 3).events.map(\.kind) == [.placementCorrected])
  }

  @Test func `a trial that keeps the placement is an apply`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let reconciler = PlacementReconciler(machine)
    _ = try reconciler.reconcile(inventory, at: 0)
    begin(machine)
    #expect(reconciler.ledgerChange(inventory) == .changed)
    machine.trial = nil
    machine.generation += 1
    #expect(reconciler.ledgerChange(inventory) == .applied)
  }

  @Test func `what a trial that died has added is nothing placed`() throws {
    let machine = MadeUpMachine()
    let reconciler = PlacementReconciler(machine)
    begin(machine)
    reconciler.resume(wasSuspended: true)
    #expect(reconciler.isSuspended)
  }

  @Test func `a start finds out whether the placement was rolled back`() throws {
    let machine = MadeUpMachine()
    let reconciler = PlacementReconciler(machine)
    // Nothing was ever placed, or all was refused.
    reconciler.resume(wasSuspended: false)
    #expect(!reconciler.isSuspended)
    // A rollback of nothing is one as well.
    reconciler.resume(wasSuspended: true)
    #expect(reconciler.isSuspended)
    // Rolled back while no daemon ran, but for what the machine refused to take back.
    machine.place(30, "2")
    machine.isRolledBack = true
    reconciler.resume(wasSuspended: false)
    #expect(reconciler.isSuspended)
    // Applied since.
    machine.isRolledBack = nil
    reconciler.resume(wasSuspended: true)
    #expect(!reconciler.isSuspended)
  }

  @Test func `irqbalance is blamed for interrupts alone`() throws {
    let machine = MadeUpMachine()
    machine.place(30, "2")
    let file = Knob.file("/proc/sys/kernel/numa_balancing", .text)
    machine.entries.append(
      Ledger.Entry(knob: file, subject: "memory", original: "1", applied: "0"))
    machine.values[file.identity] = "1"
    machine.values[ReconcilerTests.knob(30).identity] = "5"
    machine.suspects = ["irqbalance runs (process 8) and moves interrupts"]
    let events = try PlacementReconciler(machine).reconcile(inventory, at: 0).events
    #expect(events.map(\.kind) == [.placementCorrected, .placementCorrected])
    #expect(events.compactMap(\.cause) == machine.suspects)
    #expect(events.first { $0.cause != nil }?.message.contains("interrupt 30") == true)
  }
}
