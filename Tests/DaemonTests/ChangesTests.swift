import Base
import Events
import Inventory
import Testing

@testable import Daemon
@testable import Health

@Suite struct BoxChangesTests {
  private func box(nics: [String] = [], drives: [String] = []) -> Inventory {
    var box = Inventory(origin: "test")
    box.nics = nics.enumerated().map { index, address in
      var nic = NIC(name: "eth\(index)")
      nic.address = PCIAddress(address)
      nic.numaNode = 1
      return nic
    }
    box.nvme = drives.enumerated().map { index, address in
      var drive = NVMeController(name: "nvme\(index)")
      drive.address = PCIAddress(address)
      return drive
    }
    return box
  }

  @Test func `what came and what went is reported by address, whatever its name is now`() {
    let before = box(nics: ["0000:21:00.0", "0000:41:00.0"], drives: ["0000:22:00.0"])
    // The first NIC went, so the second took over its name.
    let after = box(nics: ["0000:41:00.0"], drives: ["0000:22:00.0", "0000:23:00.0"])
    let drafts = BoxChanges.between(before, after)
    #expect(drafts.map(\.kind) == [.deviceRemoved, .deviceAdded])
    #expect(drafts.map { $0.address?.description } == ["0000:21:00.0", "0000:23:00.0"])
    #expect(drafts[0].message.contains("eth0") && drafts[1].message.contains("nvme1"))
    #expect(BoxChanges.between(after, after).isEmpty)
  }

  @Test(arguments: ["NIC", "NVMe", "PCI"])
  func `what could not be looked at is neither gone nor new`(collector: String) {
    let before = box(nics: ["0000:21:00.0"], drives: ["0000:22:00.0"])
    var after = Inventory(origin: "test")
    after.collectors = [CollectorReport(name: collector, outcome: .failed, note: "EMFILE")]
    let gone = BoxChanges.between(before, after)
    let seen = ["NIC": ["nvme0"], "NVMe": ["eth0"], "PCI": []][collector]
    #expect(gone.compactMap(\.subject) == seen)
    #expect(BoxChanges.between(after, before).compactMap(\.subject) == seen)
  }

  @Test func `an interface that left alone is told from a card that was pulled out`() {
    let before = box(nics: ["0000:21:00.0"])
    var after = box()
    after.pci = [PCIFunction(address: PCIAddress("0000:21:00.0")!)]
    #expect(
      BoxChanges.between(before, after).first?.message.hasSuffix("is still there") == true)
    #expect(
      BoxChanges.between(before, box()).first?.message.hasSuffix("is still there") == false)
  }

  @Test func `units that fail are told when they do, and not when nobody could be asked`() {
    func box(_ units: [String]?) -> Inventory {
      var box = Inventory(origin: "test")
      box.system.failedUnits = units?.map { FailedUnit(name: $0, summary: nil) }
      return box
    }
    let failed = BoxChanges.between(box(["a.service"]), box(["a.service", "b.service"]))
    #expect(failed.map(\.kind) == [.unitFailed] && failed.first?.subject == "b.service")
    #expect(BoxChanges.between(box(nil), box(["a.service"])).isEmpty)
    #expect(BoxChanges.between(box(["a.service"]), box(nil)).isEmpty)
  }

  @Test func `irqbalance has not ended where processes could not be listed`() {
    var before = box()
    before.system.irqbalance = IRQBalance(pid: 8, arguments: [], unit: nil)
    var after = box()
    #expect(BoxChanges.between(before, after).isEmpty)
    after.system.processesListed = true
    #expect(BoxChanges.between(before, after).map(\.kind) == [.irqbalanceStopped])
  }

  @Test func `links count as changed by state and speed`() {
    var after = box(nics: ["0000:21:00.0"])
    #expect(
      BoxChanges.ObservedState(after) == BoxChanges.ObservedState(box(nics: ["0000:21:00.0"])))
    after.nics[0].operationalState = "down"
    #expect(
      BoxChanges.ObservedState(after) != BoxChanges.ObservedState(box(nics: ["0000:21:00.0"])))
  }

  @Test func `a unit that is not failed any more is judged anew`() {
    var before = box()
    before.system.failedUnits = [FailedUnit(name: "bad.service", summary: nil)]
    var after = box()
    after.system.failedUnits = []
    #expect(BoxChanges.between(before, after).isEmpty)
    #expect(BoxChanges.ObservedState(before) != BoxChanges.ObservedState(after))
  }

  @Test func `a virtual function is no device that comes and goes`() {
    var after = box(nics: ["0000:21:00.0", "0000:21:10.0"])
    after.nics[1].isVirtualFunction = true
    #expect(BoxChanges.between(box(nics: ["0000:21:00.0"]), after).isEmpty)
  }
}

@Suite struct VerdictChangesTests {
  /// A box whose only trouble is NUMA balancing, on or off.
  private func report(balancing: Int?) -> HealthReport {
    var box = Inventory(origin: "test")
    box.memory.nodes = [NUMANode(id: 0), NUMANode(id: 1)]
    box.memory.numaBalancing = balancing
    return HealthReport(Box(box))
  }

  private func changes(_ before: HealthReport, _ now: HealthReport) -> [EventDraft] {
    VerdictChanges.events(since: VerdictChanges(before), now)
  }

  @Test func `a verdict that gets worse is an event, and one that gets better is another`() {
    let well = report(balancing: 0)
    let ill = report(balancing: 1)
    #expect(changes(well, ill).map(\.kind) == [.checkWorse])
    #expect(changes(ill, well).map(\.kind) == [.checkBetter])
    #expect(changes(ill, ill).isEmpty)
  }

  @Test func `a reading that failed is no event`() {
    let well = report(balancing: 0)
    #expect(changes(well, report(balancing: nil)).isEmpty)
    #expect(changes(report(balancing: nil), well).isEmpty)
  }

  /// A report of one check with these findings.
  private func report(_ findings: [(subject: String?, verdict: Verdict)]) -> HealthReport {
    var report = report(balancing: 0)
    report.checks = ["nvme-health"]
    report.findings = findings.map { subject, verdict in
      Finding(
        check: "nvme-health", subject: Subject(subject), verdict: verdict,
        summary: "\(subject ?? "-") \(verdict)", evidence: [])
    }
    return report
  }

  @Test(
    arguments: [
      // The drive does not answer; none can be asked; both, and the other drive is worse.
      [("nvme0", Verdict.unknown)], [(nil, .unknown)], [("nvme0", .unknown), ("nvme0", .warn)],
    ] as [[(subject: String?, verdict: Verdict)]])
  func `what was told is not reported again after it could not be judged for a while`(
    unknown: [(subject: String?, verdict: Verdict)]
  ) {
    let ill = report([("nvme0", .fail)])
    let told = VerdictChanges(ill)
    #expect(VerdictChanges.events(since: told, report(unknown)).isEmpty)
    let later = VerdictChanges(report(unknown), after: told)
    #expect(VerdictChanges.events(since: later, ill).isEmpty)
    // When it can be judged again, that is told.
    #expect(
      VerdictChanges.events(since: later, report([("nvme0", .pass)])).map(\.kind) == [.checkBetter])
    // Gone with its trouble is another thing than not judged.
    #expect(
      VerdictChanges.events(since: later, report([("nvme1", .pass)])).map(\.kind) == [.checkBetter])
  }
}
