import Base
import KernelTree
import Testing

@testable import Inventory

@Suite struct PCICollectorTests {
  /// A machine with a root port, a GPU below it, and a function without a link.
  struct Box {
    var builder = MemoryTreeBuilder()

    mutating func function(_ path: String, _ files: [String: String] = [:], config: [UInt8]? = nil)
    {
      let name = String(path.split(separator: "/").last ?? "")
      builder.link("/sys/bus/pci/devices/\(name)", to: "../../../devices/\(path)")
      builder.directory("/sys/devices/\(path)")
      for (file, text) in files { builder.file("/sys/devices/\(path)/\(file)", text) }
      if let config { builder.file("/sys/devices/\(path)/config", bytes: config) }
    }

    func collect(
      _ parts: CollectionOptions.Parts = [.pci, .pciDetail], nodes: [NUMANode] = [],
      online: NumberSet? = nil, names: PCINames? = nil
    ) -> Inventory {
      var inventory = Inventory(origin: "test")
      inventory.memory.nodes = nodes
      inventory.processors.online = online
      var context = CollectionContext(
        tree: builder.tree(),
        options: CollectionOptions(recordSources: true, pciNames: names, parts: parts))
      PCICollector.collect(into: &inventory, &context)
      #expect(context.functionIndex.count == inventory.pci.count)
      for (address, index) in context.functionIndex {
        #expect(inventory.pci[index].address == address)
      }
      return inventory
    }
  }

  static func box() -> Box {
    var box = Box()
    let port = ConfigSpaceBuilder.self
    var root = port.init(bridge: true)
    root.express(type: 4, capability: (4, 16), status: (3, 8))
    var gpu = port.rich()
    gpu.put16(0x72, 8 << 4 | 3)
    box.function(
      "pci0000:20/0000:20:01.1",
      [
        "uevent": "DRIVER=pcieport\nPCI_CLASS=60400\nPCI_ID=1022:1483\nPCI_SUBSYS_ID=0000:0000",
        "numa_node": "1", "power_state": "D0", "current_link_speed": "8.0 GT/s PCIe",
        "current_link_width": "8", "max_link_speed": "16.0 GT/s PCIe", "max_link_width": "16",
        "aer_dev_correctable": "RxErr 0\nBadTLP 3\nTOTAL_ERR_COR 3",
        "aer_dev_nonfatal": "Undefined 0\nTOTAL_ERR_NONFATAL 0",
        "aer_dev_fatal": "Undefined 0\nTOTAL_ERR_FATAL 0",
        "aer_rootport_total_err_cor": "5", "aer_rootport_total_err_nonfatal": "0",
        "aer_rootport_total_err_fatal": "0",
      ], config: root.bytes)
    box.function(
      "pci0000:20/0000:20:01.1/0000:21:00.0",
      [
        "uevent":
          "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:744C\nPCI_SUBSYS_ID=1DA2:E471",
        "numa_node": "-1", "local_cpulist": "0-7", "power_state": "D0",
        "current_link_speed": "8.0 GT/s PCIe", "current_link_width": "8",
        "max_link_speed": "16.0 GT/s PCIe", "max_link_width": "16",
        "resource": """
        0x0000003e00000000 0x0000003effffffff 0x000000000014220c
        0x0000000000000000 0x0000000000000000 0x0000000000000000
        0x0000003f00000000 0x0000003f001fffff 0x000000000014220c
        """,
        "resource0_resize": "0000000000003f00", "msi_irqs/90": "msix", "msi_irqs/91": "msix",
        "driver_override": "(null)", "sriov_totalvfs": "4", "sriov_numvfs": "0",
        "p2pmem/size": "1048576",
        "p2pmem/published": "1", "dma_mask_bits": "44",
      ], config: gpu.bytes)
    box.builder.link(
      "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0/iommu_group",
      to: "../../../../kernel/iommu_groups/17")
    box.builder.file("/sys/bus/pci/slots/PCIe 1/address", "0000:21:00")
    return box
  }

  /// A card with a switch of its own has its slot at the switch's upstream port.
  @Test func theSlotOfACardIsThatOfItsUpstreamPort() throws {
    let places = ["01:00.0", "01:00.0/0000:02:00.0", "01:00.0/0000:02:00.0/0000:03:00.0"]
    var box = Box()
    box.function("pci0000:00/0000:00:01.1", ["uevent": "PCI_CLASS=60400\nPCI_ID=1022:1483"])
    for (index, place) in places.enumerated() {
      box.function(
        "pci0000:00/0000:00:01.1/0000:" + place,
        ["uevent": "PCI_CLASS=\(index == 2 ? "38000" : "60400")\nPCI_ID=1002:66A1"])
    }
    box.builder.file("/sys/bus/pci/slots/3/address", "0000:01:00")
    #expect(box.collect().pci.map(\.slot) == [nil, "3", nil, "3"])
    // A root port is on the board: its place is no card's.
    box.builder.remove("/sys/bus/pci/slots/3/address")
    box.builder.file("/sys/bus/pci/slots/1/address", "0000:00:01")
    #expect(box.collect().pci.last?.slot == nil)
  }

  /// What the kernel allows on a link, from the files that it has for the states it knows.
  @Test func powerStatesOfTheLinkAbove() throws {
    var box = Self.box()
    let folder = "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0/link"
    #expect(box.collect().pci[1].aspm == nil)
    box.builder.file(folder + "/clkpm", "0")
    #expect(box.collect().pci[1].aspm == nil)
    box.builder.file(folder + "/l0s_aspm", "0")
    #expect(box.collect().pci[1].aspm == [])
    box.builder.file(folder + "/l1_aspm", "1")
    box.builder.file(folder + "/l1_2_aspm", "1")
    #expect(box.collect().pci[1].aspm == ["L1", "L1.2"])
    #expect(box.collect().pci[1].path?.hops[0].aspm == ["L1", "L1.2"])
    box.builder.file(folder + "/l1_aspm", "?")
    #expect(box.collect().pci[1].unknown.map(\.fact) == ["aspm"])
  }

  @Test func groupTypesAndDMAMasks() throws {
    var box = Self.box()
    let type = "/sys/kernel/iommu_groups/17/type"
    box.builder.file(type, "DMA-FQ\n")
    #expect(box.collect().pci[1].iommuGroupType == "DMA-FQ")
    #expect(box.collect().pci[0].iommuGroupType == nil)
    box.builder.set(type, .failing(.permissionDenied, kind: .file))
    #expect(box.collect().pci[1].iommuGroupType == nil)
    #expect(
      box.collect().pci[1].unknown == [
        UnknownFact(fact: "iommuGroupType", path: type, reason: "permission denied")
      ])
    box.builder.file(type, "\u{1b}[2J")
    #expect(box.collect().pci[1].unknown.map(\.fact) == ["iommuGroupType"])
    // Not told in an overview.
    #expect(box.collect([.pci]).pci[1].iommuGroupType == nil)
    let mask = "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0/dma_mask_bits"
    for text in ["0", "65", "-1", "x", ""] {
      box.builder.file(mask, text)
      #expect(box.collect().pci[1].dmaMaskBits == nil)
    }
  }

  @Test func withoutADriverTheDMAMaskSaysNothing() throws {
    var box = Box()
    box.function(
      "pci0000:20/0000:20:02.0",
      ["uevent": "PCI_CLASS=20000\nPCI_ID=8086:10C9", "dma_mask_bits": "32"])
    #expect(box.collect().pci[0].dmaMaskBits == nil)
    #expect(box.collect().pci[0].driver == nil)
  }

  @Test func acsThatWasNotReadIsNotAbsent() {
    for (length, expected) in [(4096, false), (256, nil), (64, nil)] as [(Int, Bool?)] {
      var box = Box()
      var root = ConfigSpaceBuilder(bridge: true)
      root.express(type: 4, capability: (4, 16), status: (3, 8))
      box.function(
        "pci0000:20/0000:20:01.1", ["uevent": "PCI_CLASS=60400\nPCI_ID=1022:1483"],
        config: Array(root.bytes.prefix(length)))
      #expect(box.collect().pci[0].hasACS == expected, "\(length)")
    }
  }

  @Test func everythingOfAFunction() throws {
    let inventory = Self.box().collect()
    #expect(inventory.collectors.map(\.outcome) == [.found])
    #expect(inventory.pci.map(\.address.description) == ["0000:20:01.1", "0000:21:00.0"])
    let port = inventory.pci[0]
    #expect(port.unknown == [] && port.parent == nil && port.rootBus == "pci0000:20")
    #expect(port.identity.subsystemVendorID == nil)
    #expect(port.aer?.correctable == ["BadTLP": 3] && port.aer?.correctableTotal == 3)
    #expect(port.aer?.rootPort?.correctable == 5 && port.aer?.rootPort?.fatal == 0)
    #expect(port.express?.portType == .rootPort && port.acs == nil)
    let gpu = inventory.pci[1]
    #expect(gpu.unknown == [])
    #expect(gpu.parent == port.address && gpu.driver == "amdgpu" && gpu.slot == "PCIe 1")
    #expect(gpu.identity.vendorID == 0x1002 && gpu.identity.deviceID == 0x744c)
    #expect(gpu.identity.subsystemVendorID == 0x1da2 && gpu.identity.revision == 0xc8)
    #expect(gpu.identity.classCode == 0x030000)
    #expect(gpu.locality.numaNode == 1 && gpu.locality.evidence == .parentBridge)
    #expect(gpu.locality.toldBy == port.address)
    #expect(gpu.iommuGroup == 17 && gpu.powerState == "D0" && gpu.driverOverride == nil)
    #expect(gpu.isDead == false && gpu.configBytes == 4096)
    #expect(gpu.bars.map(\.index) == [0, 2])
    // The kernel knows one size that the card does not tell: 2^(13+20).
    #expect(gpu.bars[0].possibleSizesBytes == (28...33).map { 1 << $0 })
    #expect(gpu.bars[0].setSizeBytes == 4 << 30 && gpu.bars[0].sizeBytes == 4 << 30)
    #expect(gpu.vectors == PCIVectors(kind: "msix", allocated: NumberSet([90, 91]), possible: 64))
    #expect(gpu.virtualFunctionsPossible == 4 && gpu.virtualFunctionsEnabled == 0)
    #expect(gpu.peerMemoryBytes == 1 << 20 && gpu.aer == nil)
    #expect(gpu.peerMemoryPublished == true && gpu.dmaMaskBits == 44)
    #expect(gpu.bars.map(\.address) == [0x3e_0000_0000, 0x3f_0000_0000])
    #expect(port.hasACS == false && gpu.hasACS == (gpu.acs != nil))
    // The group's type is not there.
    #expect(gpu.iommuGroupType == nil)
    #expect(gpu.path?.hops.map(\.verdict) == [.below])
    #expect(gpu.sources?["express"] == "/sys/bus/pci/devices/0000:21:00.0/config")
  }

  @Test func withoutDetailOnlyWhatStatusNeeds() throws {
    let inventory = Self.box().collect(.pci)
    let gpu = inventory.pci[1]
    #expect(gpu.express == nil && gpu.bars.isEmpty && gpu.configBytes == nil)
    #expect(gpu.path?.hops.first?.possible == PCIeRate(gigatransfersPerSecond: 16, width: 16))
    #expect(gpu.path?.isDegraded == true && gpu.driver == "amdgpu")
    #expect(gpu.locality.numaNode == 1)
    // Same link, same verdict, whichever parts were asked for.
    #expect(Self.box().collect().pci[1].path?.hops.first?.verdict == .below)
  }

  @Test func nothingIsReadForPartsThatNeedNoPCI() {
    #expect(Self.box().collect(.processors).collectors.isEmpty)
  }

  @Test func sleepingDeviceIsLeftAlone() throws {
    var box = Self.box()
    let gpu = "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0"
    box.builder.file("\(gpu)/power_state", "D3cold")
    for parts in [.pci, [.pci, .pciDetail]] as [CollectionOptions.Parts] {
      let function = box.collect(parts).pci[1]
      #expect(function.link == nil && function.express == nil && function.isDead == nil)
      #expect(function.unknown.contains { $0.fact == "link" && $0.reason == "device is in D3cold" })
      #expect(function.path?.hops.first?.verdict == .unknown)
    }
    // A kernel before 5.11 has no power_state.
    box.builder.remove("\(gpu)/power_state")
    box.builder.file("\(gpu)/power/runtime_status", "suspended")
    #expect(box.collect(.pci).pci[1].link == nil)
  }

  @Test func deadDeviceTellsNothingElse() throws {
    var box = Self.box()
    box.builder.file(
      "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0/config",
      bytes: [UInt8](repeating: 0xff, count: 4096))
    let gpu = box.collect().pci[1]
    #expect(gpu.isDead == true && gpu.express == nil && gpu.acs == nil)
    // The kernel remembers who it was.
    #expect(gpu.identity.vendorID == 0x1002)
  }

  @Test func unprivilegedReadNamesEachFactOnce() throws {
    var box = Self.box()
    let space = ConfigSpaceBuilder.rich().bytes
    box.builder.file(
      "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0/config", bytes: Array(space.prefix(64)))
    let inventory = box.collect()
    let gpu = inventory.pci[1]
    #expect(gpu.unknown.map(\.fact).sorted() == ["acs", "express", "resizableBar", "vectors"])
    #expect(gpu.unknown.allSatisfy { $0.reason == "config truncated at 64 bytes" })
    // sysfs still tells the link and the vectors in use.
    #expect(gpu.path?.hops.first?.verdict == .below && gpu.vectors?.allocated.count == 2)
    #expect(inventory.collectors.first?.note?.contains("1 functions") == true)
  }

  @Test func separateFilesStandInForUevent() throws {
    var box = Box()
    box.function(
      "pci0000:00/0000:00:02.0",
      [
        "vendor": "0x8086", "device": "0x1533", "class": "0x020000", "subsystem_vendor": "0x1458",
        "subsystem_device": "0xe000", "revision": "0x03",
      ])
    box.builder.link(
      "/sys/devices/pci0000:00/0000:00:02.0/driver", to: "../../../bus/pci/drivers/igb")
    let function = box.collect().pci[0]
    #expect(function.identity.vendorID == 0x8086 && function.identity.deviceID == 0x1533)
    #expect(function.identity.classCode == 0x020000 && function.identity.revision == 3)
    #expect(function.identity.subsystemID == 0xe000 && function.driver == "igb")
    // No config at all is not "no capabilities".
    #expect(function.unknown.map(\.fact) == ["configBytes"])
  }

  @Test func garbageIsUnknownAndNeverANumber() throws {
    var box = Self.box()
    let gpu = "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0"
    for (file, text) in [
      ("numa_node", "9223372036854775807"), ("current_link_speed", "fast"),
      ("max_link_width", "99"), ("resource", "x"), ("sriov_totalvfs", "-3"),
      ("resource0_resize", "zz"), ("p2pmem/size", ""), ("local_cpulist", "7-1"),
    ] {
      box.builder.file("\(gpu)/\(file)", text)
    }
    let function = box.collect().pci[1]
    let facts = Set(function.unknown.map(\.fact))
    #expect(
      facts.isSuperset(of: [
        "numaNode", "link", "bars", "virtualFunctionsPossible", "peerMemoryBytes", "localCPUs",
      ]))
    #expect(function.link == PCIeLinkState(current: nil, maximum: nil))
    #expect(function.bars.isEmpty && function.virtualFunctionsPossible == nil)
  }

  @Test(arguments: [ReadFailure.Cause.permissionDenied, .gone])
  func unreadableFilesAreUnknownWithTheReason(cause: ReadFailure.Cause) throws {
    var box = Self.box()
    let gpu = "/sys/devices/pci0000:20/0000:20:01.1/0000:21:00.0"
    for file in ["config", "resource", "current_link_speed", "numa_node", "uevent"] {
      box.builder.set("\(gpu)/\(file)", .failing(cause, kind: .file))
    }
    let function = box.collect().pci[1]
    for fact in ["configBytes", "bars", "link", "numaNode", "identity"] {
      #expect(function.unknown.contains { $0.fact == fact }, "\(fact)")
    }
    #expect(function.isDead == nil)
  }

  @Test func bridgeThatARecordingDoesNotListIsFound() throws {
    var box = Self.box()
    box.builder.remove("/sys/bus/pci/devices/0000:20:01.1")
    let inventory = box.collect()
    #expect(inventory.pci.map(\.address.description) == ["0000:20:01.1", "0000:21:00.0"])
    #expect(inventory.pci[1].path?.hops.count == 1)
  }

  @Test func flatFolderTellsNoParent() throws {
    var box = Box()
    box.builder.file("/sys/bus/pci/devices/0000:00:02.0/class", "0x030000")
    let function = box.collect().pci[0]
    #expect(function.parent == nil && function.rootBus == nil)
    #expect(function.unknown.contains { $0.fact == "parent" })
  }

  @Test func kernelWithoutLinkFilesLeavesPathUnknown() throws {
    var box = Box()
    box.function("pci0000:00/0000:00:01.0", ["uevent": "PCI_CLASS=60400\nPCI_ID=8086:340A"])
    box.function(
      "pci0000:00/0000:00:01.0/0000:01:00.0", ["uevent": "PCI_CLASS=30000\nPCI_ID=10DE:1234"])
    let function = box.collect(.pci).pci[1]
    #expect(function.path == nil && function.unknown.contains { $0.fact == "path" })
  }

  @Test func wideDomains() throws {
    var box = Box()
    box.function(
      "pci0000:e0/0000:e0:05.5", ["uevent": "PCI_CLASS=10400\nPCI_ID=8086:28C0", "numa_node": "1"])
    box.function(
      "pci0000:e0/0000:e0:05.5/pci10000:e0/10000:e0:02.0",
      ["uevent": "PCI_CLASS=60400\nPCI_ID=8086:352A", "numa_node": "-1"])
    let functions = box.collect().pci
    #expect(functions.map(\.address.domain) == [0, 0x10000])
    #expect(functions[1].parent == nil && functions[1].rootBus == "pci10000:e0")
    // The volume management device is above it all the same.
    #expect(functions[1].locality.numaNode == 1)
    #expect(functions[1].locality.toldBy == functions[0].address)
  }

  @Test func noPCIAtAll() {
    // Another tool's recording may just not hold it.
    #expect(Box().collect().collectors.map(\.outcome) == [.failed])
    var box = Box()
    box.builder.file("/tinybox-recording.json", "{}")
    // Nor is there anything to see where sysfs is not mounted.
    #expect(box.collect().collectors.map(\.outcome) == [.failed])
    box.builder.directory("/sys/bus/cpu")
    var inventory = box.collect()
    #expect(inventory.pci.isEmpty && inventory.collectors.map(\.outcome) == [.nothing])
    box.builder.set("/sys/bus/pci/devices", .failing(.permissionDenied, kind: .directory))
    inventory = box.collect()
    #expect(inventory.collectors.map(\.outcome) == [.failed])
  }

  @Test func namesOfTheRecordingComeFirst() throws {
    var box = Self.box()
    let host = PCINames(text: Array("1002  AMD of the host\n\t744c  Card\n".utf8))
    #expect(box.collect(names: host).pci[1].identity.vendorName == "AMD of the host")
    box.builder.file("/usr/share/misc/pci.ids", "1002  AMD of the recording")
    #expect(box.collect(names: host).pci[1].identity.vendorName == "AMD of the recording")
    #expect(box.collect().pci[1].identity.vendorName == nil)
  }
}

@Suite struct PCILocalityTests {
  private static func node(_ id: Int, _ cpus: String?) -> NUMANode {
    var node = NUMANode(id: id)
    node.cpus = cpus.flatMap { NumberSet(list: $0) }
    return node
  }

  private static func local(
    _ nodes: [NUMANode], online: String? = nil, own: Int? = nil, cpus: String?
  ) -> PCILocality {
    PCILocalityRules(nodes: nodes, online: online.flatMap { NumberSet(list: $0) })
      .locality(own: own, nearest: nil, localCPUs: cpus.flatMap { NumberSet(list: $0) })
  }

  static let two = [node(0, "0-7,16-23"), node(2, "8-15,24-31")]

  @Test func ownNodeComesFirst() {
    let locality = Self.local(Self.two, own: 0, cpus: "8-15,24-31")
    #expect(locality.numaNode == 0 && locality.evidence == .own)
  }

  @Test func localCPUsOfExactlyOneNode() {
    let locality = Self.local(Self.two, cpus: "8-15,24-31")
    #expect(locality.numaNode == 2 && locality.evidence == .localCPUs)
  }

  @Test(arguments: ["0-31", "8-15", "0-7,16-24", ""])
  func otherCPUListsAreNoEvidence(cpus: String) {
    let locality = Self.local(Self.two, cpus: cpus)
    #expect(locality.numaNode == nil && locality.evidence == .unknown)
  }

  @Test func allOnlineCPUsAreNoEvidenceBesideMemoryNodes() {
    // One node has all CPUs: its list and "not known" read the same.
    let nodes = [Self.node(0, "0-15"), Self.node(1, ""), Self.node(2, nil)]
    #expect(Self.local(nodes, online: "0-15", cpus: "0-15").evidence == .unknown)
  }

  @Test func onlyNodeOfTheMachine() {
    let locality = Self.local([Self.node(3, "0-7")], cpus: "0-7")
    #expect(locality.numaNode == 3 && locality.evidence == .singleNode)
    // No nodes at all: a kernel without NUMA, or a recording without them.
    #expect(Self.local([], cpus: "0-7").evidence == .unknown)
  }
}
