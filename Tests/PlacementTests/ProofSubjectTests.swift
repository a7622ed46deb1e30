import Base
import Benchmarks
import Inventory
import TestMachines
import Testing

@testable import Apply
@testable import Placement

/// A device has the same plan before and after it was placed, as the trial of it has.
@Suite struct ProofSubjectTests {
  /// Two nodes, and what the plan sets of them.
  private let box = MadeUp.twoNodes
  private var plan: Plan { Plan(box, Policy(), ServiceState()) }

  private func device(_ plan: Plan) throws -> PCIAddress {
    try #require(plan.changes.compactMap(\.device).first)
  }

  private func subject(
    _ plan: Plan, _ ledger: Ledger? = nil, _ box: Inventory? = nil, problem: String? = nil
  ) throws -> ProofSubject {
    let device = try device(self.plan)
    return try #require(
      plan.proofSubjects(box ?? self.box, ledger, ledgerProblem: problem).first {
        $0.address == device
      })
  }

  private func trial(_ plan: Plan, _ ledger: Ledger?) throws -> TrialPlan {
    try TrialPlan(
      plan, ledger, numbers: InterruptNames.numbers(in: box), device: try device(self.plan),
      subject: "x", onlyChanges: false)
  }

  private func placed() -> Ledger {
    var ledger = Ledger(bootID: "b", generation: 2)
    for change in plan.changes {
      ledger.entries.append(
        .init(
          knob: change.knob, subject: change.subject, device: change.device,
          original: change.old ?? "", applied: change.new))
    }
    return ledger
  }

  @Test func `the plan has the id that its trial has, also once it is placed`() throws {
    let id = try trial(plan, nil).id
    #expect(try subject(plan).plan == id)
    let ledger = placed()
    #expect(try subject(Plan(origin: "test"), ledger).plan == id)
    #expect(try trial(Plan(origin: "test"), ledger).id == id)
    var other = plan
    let index = try #require(other.changes.firstIndex { $0.device != nil })
    other.changes[index].new = "7"
    #expect(try subject(other).plan != id)
    // No trial can be made of a new number of queues, so none has shown anything of it.
    other = plan
    let device = try device(plan)
    other.changes.append(
      Change(.channels("eth0"), subject: "eth0", device: device, old: "8", new: "4", why: ""))
    #expect(try subject(other).plan != id)
  }

  @Test func `what cannot be known has its reason`() throws {
    var blind = plan
    blind.unreadable = ["interrupts"]
    let found = try subject(blind)
    #expect(found.plan == nil && found.problem == "could not look at: interrupts")
    #expect(try subject(plan, problem: "damaged").problem == "damaged")
    var ledger = placed()
    ledger.trial = .init(subject: "x")
    ledger.trial?.found = ledger.entries
    #expect(try subject(plan, ledger).problem == "its placement is being tried now")
  }

  @Test func `devices that share a serial number are known by their address too`() throws {
    var box = box
    let device = try device(plan)
    let index = try #require(box.nics.firstIndex { $0.address == device })
    box.nics[index].hardwareAddress = "02:00:00:00:00:01"
    #expect(try subject(plan, nil, box).isOnlyOne)
    #expect(try subject(plan, nil, box).identity == "02:00:00:00:00:01")
    var second = box.nics[index]
    second.address = PCIAddress(domain: 0, bus: 0x77, device: 0, function: 0)
    box.nics.append(second)
    #expect(try subject(plan, nil, box).isOnlyOne == false)
  }
}
