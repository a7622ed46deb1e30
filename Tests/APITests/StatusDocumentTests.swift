import Base
import Documents
import Foundation
import Health
import Inventory
import Placement
import TestSupport
import Testing

/// The box on one screen, of recorded boxes.
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
    #expect(status.gpus.map(\.number) == [0, 1, 2, 3])
    let links = status.gpus.map { $0.link?.current?.name }
    #expect(links == ["PCIe 4.0 x16", "PCIe 1.0 x1", "PCIe 1.0 x1", "PCIe 4.0 x16"])
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

  private func status(_ box: Inventory) -> StatusDocument {
    StatusDocument(
      box, HealthReport(Box(box)), placement: nil, mode: nil, time: "2026-11-24T10:00:00Z",
      lastEvent: 0)
  }

  @Test func `of several links the one that lacks lanes limits, then the one that lacks speed`() {
    func hop(_ current: (Double, Int), _ possible: (Double, Int)) -> PCIeHop {
      let rates = [current, possible].map { PCIeRate(gigatransfersPerSecond: $0.0, width: $0.1) }
      return PCIeHop(
        port: PCIAddress("0000:20:01.0")!, device: PCIAddress("0000:21:00.0")!, current: rates[0],
        possible: rates[1], limitedBy: nil, isInsideCard: false,
        verdict: current == possible ? .full : .below)
    }
    func link(_ hops: [PCIeHop], busy: Double? = nil) -> StatusDocument.Link? {
      var box = Inventory(origin: "test")
      var function = PCIFunction(address: PCIAddress("0000:21:00.0")!)
      function.path = PCIePath(hops: hops, bottleneck: nil, slotLink: 0, isDegraded: nil)
      box.pci = [function]
      box.gpus = [GPU(address: function.address, vendor: .amd)]
      box.gpus[0].busyShare = busy
      return status(box).gpus.first?.link
    }
    let well = hop((16, 16), (16, 16))
    let idle = hop((2.5, 16), (16, 16))
    let narrow = hop((16, 8), (16, 16))
    #expect(link([well, well])?.verdict == .full)
    // A switch that trained narrow: the slot below it is well, or idles.
    for slot in [well, idle] {
      #expect(link([slot, narrow])?.limiting?.current?.name == "PCIe 4.0 x8")
      #expect(link([slot, narrow])?.limiting?.possible?.name == "PCIe 4.0 x16")
      #expect(link([slot, narrow])?.verdict == .below)
      // A width is not lowered by a GPU that rests.
      #expect(link([slot, narrow], busy: 0)?.isResting == false)
    }
    #expect(link([idle, well])?.current?.name == "PCIe 1.0 x16")
    #expect(link([idle, well])?.current?.bytesPerSecond == 4e9)
    #expect(link([idle, well], busy: 0)?.isResting == true)
    // Who does not know whether it works does not know that it rests.
    for busy in [nil, 0.05, 1] { #expect(link([idle, well], busy: busy)?.isResting == false) }
    #expect(link([])?.verdict == nil)
  }

  @Test func `a link whose ends disagree has no rate`() {
    var box = Inventory(origin: "test")
    var function = PCIFunction(address: PCIAddress("0000:21:00.0")!)
    let rate = PCIeRate(gigatransfersPerSecond: 8, width: 16)
    function.link = PCIeLinkState(current: rate, maximum: rate)
    box.pci = [function]
    box.gpus = [GPU(address: function.address, vendor: .amd)]
    // Where the port was not seen the device's own end tells.
    #expect(status(box).gpus.first?.link?.current?.name == "PCIe 3.0 x16")
    let hop = PCIeHop(
      port: PCIAddress("0000:20:01.0")!, device: function.address, current: nil, possible: rate,
      limitedBy: .both, isInsideCard: false, verdict: .unknown)
    box.pci[0].path = PCIePath(hops: [hop], bottleneck: nil, slotLink: 0, isDegraded: nil)
    let link = status(box).gpus.first?.link
    #expect(link?.current == nil && link?.verdict == .unknown)
    #expect(link?.possible?.name == "PCIe 3.0 x16")
  }

  @Test func `a device whose interrupts cannot all be placed is left out, not counted short`() {
    var box = Inventory(origin: "test")
    let address = PCIAddress("0000:21:00.0")!
    func interrupt(_ number: Int, _ counts: [Int: Int]) -> Interrupt {
      var interrupt = Interrupt(number: number)
      interrupt.device = address
      interrupt.counts = counts
      return interrupt
    }
    box.interrupts = [interrupt(30, [0: 5, 1: 0])]
    // No node is known.
    #expect(status(box).interrupts.isEmpty)
    box.memory.nodes = [NUMANode(id: 0)]
    box.memory.nodes[0].cpus = NumberSet(range: 0...0)
    #expect(status(box).interrupts.map(\.handled) == [[5]])
    // Some were handled on a CPU of no known node.
    box.interrupts[0].counts[1] = 2
    #expect(status(box).interrupts.isEmpty)
    // What one vector counted could not be read.
    box.interrupts = [interrupt(30, [0: 5]), interrupt(31, [:])]
    for index in box.interrupts.indices { box.interrupts[index].numaNode = 0 }
    let whole = InterruptsDocument(box).devices
    #expect(whole.map(\.handled) == [5] && whole.map(\.handledOnOwnNode) == [5])
    box.interrupts[1].unknown = [UnknownFact(fact: "counts", path: "/proc/interrupts", reason: "")]
    #expect(status(box).interrupts.isEmpty)
    let short = InterruptsDocument(box).devices
    #expect(short.map(\.interruptCount) == [2])
    #expect(short.map(\.handled) == [nil] && short.map(\.handledOnOwnNode) == [nil])
  }
}
