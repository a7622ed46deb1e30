import API
import Apply
import Foundation
import Health
import Inventory
import KernelTree
import TestSupport
import Testing

/// The box at a glance, of recorded boxes.
@Suite struct StatusDocumentTests {
  private func status(_ name: String) throws -> StatusDocument {
    Documents.status(try Documents.inventory(try Documents.recording(name)))
  }

  @Test func `the virtual box is told as the screen tells it`() throws {
    let status = try status("virtual-tinybox")
    #expect(status.schema == "tinybox.status/1")
    #expect(status.hostName == "host-1")
    #expect(status.kernel == "6.12.117+deb13-amd64")
    #expect(status.verdict == .warn)
    #expect(status.gpus.map(\.address.short) == ["21:00.0", "43:00.0", "45:00.0", "62:00.0"])
    // GPUs have no node of their own: it is that of their function.
    #expect(status.gpus.map(\.numaNode) == [0, 1, 1, 2])
    let links = status.gpus.map { $0.link?.current }
    #expect(links == ["16 GT/s x16", "2.5 GT/s x1", "2.5 GT/s x1", "16 GT/s x16"])
    #expect(status.drives.map(\.name) == ["nvme2", "nvme0", "nvme1", "nvme3"])
    #expect(status.drives.map(\.numaNode) == [0, 1, 2, 3])
    #expect(status.nics.map(\.name) == ["eth1", "eth3", "eth2", "eth0"])
    #expect(status.nodes.map(\.node) == [0, 1, 2, 3])
    #expect(status.nodes.map { $0.cpus?.description } == ["0-1", "2-3", "4-5", "6-7"])
    #expect(status.lastEvent == 3)
    #expect(status.placement.ledger == PlacementStatus.LedgerState.none)
  }

  @Test func `what is not known of nodes and placement is absent, not zero`() throws {
    var box = Inventory(origin: "test")
    box.memory.nodes = [NUMANode(id: 0)]
    let status = StatusDocument(
      box, HealthReport(Box(box)), placement: nil, mode: nil, time: "2026-11-24T10:00:00Z",
      lastEvent: 0)
    #expect(status.nodes.map(\.cpus) == [nil])
    #expect(status.placement.held == nil && status.placement.gone == nil)
    #expect(status.placement.planned == nil)
  }

  @Test func `virtual functions are left out, and an unknown node is absent`() throws {
    let status = try status("virtual-odd")
    #expect(status.nics.map(\.name) == ["eth0", "eth2", "eth1"])
    #expect(status.nics.map(\.numaNode) == [nil, 0, 3])
    #expect(status.drives.map(\.numaNode) == [nil, 1])
    #expect(status.drives.first?.link == nil)
    #expect(status.gpus.isEmpty)
  }

  @Test(arguments: Project.ownRecordings + Project.sharedRecordings)
  func `interrupts by node add up to those of the device`(_ recording: URL) throws {
    let inventory = try Documents.inventory(recording)
    let status = Documents.status(inventory)
    let placed = Set(inventory.memory.nodes.flatMap { $0.cpus?.numbers ?? [] })
    for device in status.interrupts {
      #expect(device.handled.count == status.nodes.count)
      let counted = inventory.interrupts.filter { $0.device == device.device }
        .flatMap(\.counts).filter { placed.contains($0.key) }.reduce(0) { $0 + $1.value }
      #expect(device.handled.reduce(0, +) == counted, "\(device.device)")
    }
  }

  @Test(arguments: Project.ownRecordings + Project.sharedRecordings)
  func `findings are the warnings and failures, the worst first, at most fifty`(
    _ recording: URL
  ) throws {
    let inventory = try Documents.inventory(recording)
    let report = HealthReport(Box(inventory))
    let status = Documents.status(inventory)
    let alarms = report.findings.filter { $0.verdict == .warn || $0.verdict == .fail }
    #expect(status.findings.count == min(50, alarms.count))
    #expect(status.findings.map(\.summary) == alarms.prefix(50).map(\.summary))
    let firstWarning = status.findings.firstIndex { $0.verdict == .warn } ?? status.findings.count
    #expect(status.findings[firstWarning...].allSatisfy { $0.verdict == .warn })
    #expect(status.checks == report.counts)
  }

  @Test func `without a placement its summary says why and claims nothing`() throws {
    let inventory = Inventory(origin: "nothing")
    let status = StatusDocument(
      inventory, HealthReport(Box(inventory)), placement: nil, mode: nil,
      problem: "tinybox.toml:3: unknown key", time: "2026-11-24T10:01:02Z", lastEvent: 0)
    #expect(status.placement.ledger == nil)
    #expect(status.placement.problem == "tinybox.toml:3: unknown key")
    let text = String(decoding: try Documents.data(status), as: UTF8.self)
    for absent in ["null", "\"ledger\"", "\"mode\"", "\"memoryTotalBytes\"", "\"hostName\""] {
      #expect(!text.contains(absent), "\(absent) in \(text)")
    }
  }
}
