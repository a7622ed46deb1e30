import Events
import Health
import Inventory
import KernelTree
import Testing

@testable import Daemon

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

  @Test func `what came and what went is told by address, whatever its name is now`() {
    let before = box(nics: ["0000:21:00.0", "0000:41:00.0"], drives: ["0000:22:00.0"])
    // The first NIC went, so the second took over its name.
    let after = box(nics: ["0000:41:00.0"], drives: ["0000:22:00.0", "0000:23:00.0"])
    let drafts = BoxChanges.between(before, after)
    #expect(drafts.map(\.kind) == [.deviceRemoved, .deviceAdded])
    #expect(drafts.map { $0.address?.description } == ["0000:21:00.0", "0000:23:00.0"])
    #expect(drafts[0].message.contains("eth0") && drafts[1].message.contains("nvme1"))
    #expect(BoxChanges.between(after, after).isEmpty)
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
    box.memory.numaBalancing = balancing
    return HealthReport(Box(box))
  }

  private func changes(_ before: HealthReport, _ now: HealthReport) -> [EventDraft] {
    VerdictChanges.events(since: VerdictChanges(before), now)
  }

  @Test func `a verdict that gets worse is an event, and one that gets better is another`() {
    let well = report(balancing: 0)
    let ill = report(balancing: 1)
    let verdicts = [well, ill].map { report in
      report.findings.first { $0.check == "numa-balancing" }?.verdict
    }
    guard verdicts[0] != verdicts[1] else {
      // A machine with one node does not care: then nothing may be told.
      #expect(changes(well, ill).isEmpty)
      return
    }
    #expect(changes(well, ill).map(\.kind) == [.checkWorse])
    #expect(changes(ill, well).map(\.kind) == [.checkBetter])
    #expect(changes(ill, ill).isEmpty)
  }

  @Test func `a reading that failed is no event`() {
    let well = report(balancing: 0)
    #expect(changes(well, report(balancing: nil)).isEmpty)
    #expect(changes(report(balancing: nil), well).isEmpty)
  }
}
