import Base
import Inventory
import TestMachines
import Testing

@testable import PeerToPeer

/// Memory, addresses, IOMMU, kernel, driver and layers above.
@Suite struct JudgementTests {
  @Test func `the good box`() {
    let map = PeerMap(PeerBench.good().inventory)
    let verdicts = map.pairs.filter { $0.verdict != .itself }
    #expect(verdicts.filter { $0.verdict == .direct }.count == 6)
    // To and from the card on the other root port; and everything towards drive and NIC.
    #expect(verdicts.filter { $0.verdict == .viaHostBridge }.count == 6)
    #expect(
      verdicts.filter { $0.verdict == .blocked }.allSatisfy {
        $0.reasons.contains { $0.kind == "noTargetMemory" }
      })
    #expect(!verdicts.contains { $0.verdict == .unknown })
    #expect(verdicts.allSatisfy { $0.contradictions.isEmpty })
  }

  @Test func `a small BAR blocks`() {
    var bench = PeerBench.good()
    bench.editGPU("44:00.0") {
      $0.memoryVisibleBytes = 256 << 20
      $0.largeBar = false
    }
    #expect(bench.pair("43:00.0", "44:00.0").ownVerdict == .blocked)
    #expect(bench.kinds("43:00.0", "44:00.0") == ["barSmall"])
    #expect(bench.pair("44:00.0", "43:00.0").verdict == .direct)
    #expect(
      bench.pair("43:00.0", "44:00.0").reasons.first?.text
        == "BAR of GPU 44:00.0 shows a part of its memory (256 of 24576 MiB)")
  }

  @Test func `a BAR without address, and none`() {
    var bench = PeerBench.good()
    bench.edit("44:00.0") {
      $0.bars[0].isAssigned = false
      $0.bars[0].address = nil
    }
    #expect(bench.kinds("43:00.0", "44:00.0") == ["barUnassigned"])
    bench.edit("44:00.0") { $0.bars = [] }
    #expect(bench.pair("43:00.0", "44:00.0").missing.contains(.bars(at("44:00.0"))))
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
  }

  @Test func `unknown memory is unknown`() {
    var bench = PeerBench.good()
    bench.editGPU("44:00.0") { $0.memoryTotalBytes = nil }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
    bench = .good()
    bench.editGPU("44:00.0") { $0.largeBar = nil }
    #expect(bench.pair("43:00.0", "44:00.0").missing == [.largeBar(at("44:00.0"))])
  }

  @Test func `a drive is a target with a published buffer only`() {
    var bench = PeerBench.good()
    #expect(bench.kinds("43:00.0", "45:00.0") == ["noTargetMemory"])
    bench.edit("45:00.0") {
      $0.peerMemoryBytes = 64 << 20
      $0.peerMemoryPublished = true
    }
    #expect(bench.pair("43:00.0", "45:00.0").verdict == .direct)
    #expect(bench.pair("46:00.0", "45:00.0").verdict == .direct)
    bench.edit("45:00.0") { $0.peerMemoryPublished = false }
    #expect(bench.kinds("46:00.0", "45:00.0") == ["notPublished"])
    bench.edit("45:00.0") { $0.peerMemoryPublished = nil }
    #expect(bench.pair("46:00.0", "45:00.0").verdict == .unknown)
  }

  @Test func `a BAR beyond the initiator's reach`() {
    var bench = PeerBench.good()
    bench.edit("45:00.0") { $0.dmaMaskBits = 32 }
    #expect(bench.kinds("45:00.0", "43:00.0") == ["dmaMask"])
    bench.edit("45:00.0") { $0.dmaMaskBits = nil }
    #expect(bench.pair("45:00.0", "43:00.0").missing == [.dmaMask(at("45:00.0"))])
    bench.edit("45:00.0") { $0.dmaMaskBits = 64 }
    bench.edit("43:00.0") { $0.bars[0].address = .max }
    #expect(bench.pair("45:00.0", "43:00.0").verdict == .direct)
    bench.edit("45:00.0") { $0.dmaMaskBits = 63 }
    #expect(bench.kinds("45:00.0", "43:00.0") == ["dmaMask"])
    // Translated addresses lie where the device reaches.
    bench.edit("45:00.0") { $0.iommuGroupType = "DMA" }
    #expect(bench.pair("45:00.0", "43:00.0").verdict == .direct)
  }

  @Test func `translation stops raw addresses only`() {
    var bench = PeerBench.good()
    for index in bench.inventory.pci.indices {
      bench.inventory.pci[index].iommuGroupType = "DMA-FQ"
    }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .direct)
    #expect(bench.kinds("43:00.0", "44:00.0") == ["iommuTranslated"])
    #expect(bench.pair("43:00.0", "44:00.0").hasReason(.note))
    // A card without a kernel driver.
    bench.edit("43:00.0") { $0.driver = nil }
    bench.editGPU("43:00.0") { $0.driver = nil }
    #expect(bench.pair("43:00.0", "44:00.0").hasReason(.blocks))
    bench.edit("43:00.0") { $0.iommuGroupType = "unmanaged" }
    #expect(!bench.pair("43:00.0", "44:00.0").hasReason(.blocks))
    bench.edit("43:00.0") { $0.iommuGroupType = "blocked" }
    #expect(bench.kinds("43:00.0", "44:00.0").contains("iommuBlocked"))
    bench.edit("43:00.0") { $0.iommuGroupType = "novel" }
    #expect(bench.pair("43:00.0", "44:00.0").missing.contains(.iommuType(at("43:00.0"))))
  }

  @Test func `no IOMMU at all`() {
    var bench = PeerBench.good()
    bench.edit("43:00.0") {
      $0.iommuGroup = nil
      $0.iommuGroupType = nil
    }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
    bench.inventory.machine.iommu.mode = .off
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .direct)
    bench.inventory.machine.iommu.mode = nil
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
  }

  @Test func `packets larger than a receiver takes are told`() {
    var bench = PeerBench.good()
    bench.edit("42:01.0") { $0.express?.maxPayloadBytes = 128 }
    let pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .direct)
    #expect(
      pair.reasons == [
        .payload(
          initiator: at("43:00.0"), bytes: 256, receiver: at("42:01.0"), receiverBytes: 128)
      ])
  }

  @Test func `kernel options`() {
    var bench = PeerBench.good()
    bench.inventory.machine.kernel.amdgpuPeerAccess = .missing
    #expect(bench.kinds("43:00.0", "44:00.0") == ["moduleParameter"])
    bench.inventory.machine.kernel.amdgpuPeerAccess = .off
    #expect(bench.kinds("43:00.0", "44:00.0") == ["moduleParameter"])
    bench.inventory.machine.kernel.amdgpuPeerAccess = nil
    #expect(bench.pair("43:00.0", "44:00.0").missing == [.amdgpuParameter])
    bench.inventory.machine.kernel.options?["CONFIG_HSA_AMD_P2P"] = nil
    #expect(bench.pair("43:00.0", "44:00.0").reasons == [.kernelOption("CONFIG_HSA_AMD_P2P")])
    bench.inventory.machine.kernel.options?["CONFIG_PCI_P2PDMA"] = "n"
    #expect(bench.pair("43:00.0", "44:00.0").reasons == [.kernelOption("CONFIG_PCI_P2PDMA")])
    #expect(bench.pair("45:00.0", "44:00.0").reasons == [.kernelOption("CONFIG_PCI_P2PDMA")])
    bench.inventory.machine.kernel.options?["CONFIG_PCI_P2PDMA"] = "y"
    bench.inventory.machine.kernel.options?["CONFIG_DMABUF_MOVE_NOTIFY"] = nil
    #expect(
      bench.pair("46:00.0", "44:00.0").reasons == [.kernelOption("CONFIG_DMABUF_MOVE_NOTIFY")])
    #expect(bench.pair("45:00.0", "44:00.0").verdict == .direct)
    bench.inventory.machine.kernel.options = nil
    #expect(bench.pair("45:00.0", "44:00.0").missing == [.kernelOptions])
    #expect(bench.pair("43:00.0", "44:00.0").missing == [.amdgpuParameter])
  }

  @Test func `KFD's word: missing, refused, contradicting`() {
    var bench = PeerBench.good()
    bench.editGPU("43:00.0") { $0.peerAnswers = [] }
    #expect(bench.pair("43:00.0", "44:00.0").missing == [.answers(at("43:00.0"))])
    #expect(bench.pair("43:00.0", "44:00.0").ownVerdict == .direct)
    bench.editGPU("43:00.0") {
      $0.peerAnswers = [
        PeerAnswer(peer: at("44:00.0"), source: .kfd, read: .refused, write: .refused)
      ]
    }
    var pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .blocked)
    #expect(pair.contradictions == ["KFD refuses what should work"])
    // Directions are apart.
    #expect(bench.pair("44:00.0", "43:00.0").verdict == .direct)
    bench = .good()
    bench.inventory.machine.kernel.amdgpuPeerAccess = .off
    pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.contradictions == ["KFD allows what should be blocked"])
    bench = .good()
    bench.answer(.hsa, .refused)
    #expect(
      bench.pair("43:00.0", "44:00.0").contradictions == ["HSA refuses what KFD allows"])
  }

  @Test func `XGMI is a way of its own`() {
    var bench = PeerBench.twoPorts()
    bench.inventory.machine.kernel.amdgpuPeerAccess = .missing
    bench.editGPU("41:00.0") { $0.peerAnswers[0].link = .xgmi }
    let pair = bench.pair("41:00.0", "42:00.0")
    #expect(pair.verdict == .direct)
    #expect(pair.reasons == [.linked(.xgmi, isInferred: false)])
    #expect(pair.contradictions.isEmpty)
  }

  private func nvidia(_ name: String, _ access: PeerAnswer.Access?) -> PeerBench {
    var bench = PeerBench()
    bench.hub(root: "40:01.1", up: "41:00.0", down: "42", ports: 2)
    for (address, port) in [("43:00.0", "42:00.0"), ("44:00.0", "42:01.0")] {
      bench.gpu(address, below: port, vendor: .nvidia, driver: "nvidia", name: name)
    }
    if let access { bench.answer(.nvml, access) }
    return bench
  }

  @Test func `NVML's word`() {
    let geforce = "NVIDIA GeForce RTX 4090"
    #expect(nvidia(geforce, .allowed).pair("43:00.0", "44:00.0").verdict == .direct)
    #expect(nvidia(geforce, nil).pair("43:00.0", "44:00.0").verdict == .unknown)
    let refused = nvidia(geforce, .gpuNotSupported).pair("43:00.0", "44:00.0")
    #expect(refused.verdict == .blocked)
    #expect(refused.reasons.map(\.text) == ["NVML: not with this GPU"])
    // The driver's policy is no contradiction.
    #expect(refused.contradictions.isEmpty)
    var half = nvidia(geforce, .allowed)
    half.editGPU("43:00.0") { $0.peerAnswers[0].read = .chipsetNotSupported }
    #expect(
      half.pair("43:00.0", "44:00.0").reasons.map(\.text) == [
        "NVML: read not with this chipset, write ok"
      ])
  }

  @Test func `raw addresses of patched GeForce modules against an IOMMU`() {
    for (name, own) in [
      ("NVIDIA GeForce RTX 4090", PeerVerdict.blocked), ("NVIDIA H100 PCIe", .direct),
    ] {
      var bench = nvidia(name, .allowed)
      for index in bench.inventory.pci.indices { bench.inventory.pci[index].iommuGroupType = "DMA" }
      let pair = bench.pair("43:00.0", "44:00.0")
      // The driver's word stands, and that we see it otherwise is said.
      #expect(pair.ownVerdict == own && pair.verdict == .direct)
      #expect(pair.isOverruled == (own == .blocked))
      #expect(pair.contradictions.isEmpty == (own == .direct))
      bench.editGPU("43:00.0") { $0.name = nil }
      #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
    }
  }

  @Test func `a small BAR is no hindrance for NVIDIA's other cards`() {
    for (name, own) in [
      ("NVIDIA GeForce RTX 4090", PeerVerdict.blocked), ("Tesla V100-PCIE-16GB", .direct),
    ] {
      var bench = nvidia(name, .allowed)
      bench.editGPU("44:00.0") { $0.largeBar = false }
      #expect(bench.pair("43:00.0", "44:00.0").ownVerdict == own)
    }
  }

  @Test func `who sets the window is whose the cure is`() {
    var bench = nvidia("NVIDIA GeForce RTX 4090", .chipsetNotSupported)
    bench.editGPU("44:00.0") { $0.largeBar = false }
    func cure() -> String? {
      bench.pair("43:00.0", "44:00.0").reasons.first { $0.kind == "barSmall" }?.remedy?.text
    }
    #expect(cure()?.hasPrefix("BIOS") == true)
    bench.edit("44:00.0") { $0.bars[0].possibleSizesBytes = [64 << 20, 256 << 20] }
    #expect(cure()?.contains("firmware of the card itself") == true)
    bench.inventory.machine.virtualization = Virtualization(
      kind: .vm, name: "kvm", evidence: "test")
    #expect(cure()?.hasPrefix("on the hypervisor") == true)
  }

  /// Neither BAR nor IOMMU nor host bridge is on the way of NVLink.
  @Test func `NVLink is a way of its own`() {
    var bench = PeerBench.twoPorts()
    for address in ["41:00.0", "42:00.0"] {
      bench.edit(address) {
        $0.driver = "nvidia"
        $0.iommuGroupType = "DMA-FQ"
      }
      bench.editGPU(address) {
        $0.vendor = .nvidia
        $0.driver = "nvidia"
        $0.name = "NVIDIA GeForce RTX 3090"
        $0.largeBar = false
        $0.peerAnswers = []
      }
    }
    bench.answer(.nvml)
    let overPCIe = bench.pair("41:00.0", "42:00.0")
    #expect(overPCIe.isOverruled && overPCIe.verdict == .viaHostBridge)
    for (isInferred, uses) in [(false, 1), (true, 2)] {
      bench.editGPU("41:00.0") {
        $0.peerAnswers[0].link = .nvlink
        $0.peerAnswers[0].isLinkInferred = isInferred ? true : nil
      }
      let pair = bench.pair("41:00.0", "42:00.0")
      #expect(pair.verdict == .direct && pair.ownVerdict == .direct && pair.link == .nvlink)
      #expect(pair.reasons == [.linked(.nvlink, isInferred: isInferred)])
      #expect(pair.contradictions.isEmpty && pair.missing.isEmpty && pair.uses.count == uses)
    }
    // A link that the driver does not let anybody use is none.
    bench.editGPU("41:00.0") { $0.peerAnswers[0].read = .notSupported }
    #expect(bench.pair("41:00.0", "42:00.0").link == nil)
    #expect(bench.pair("41:00.0", "42:00.0").verdict == .blocked)
  }

  /// NVIDIA's driver asks no list of the kernel's; it knows Intel's I/O hubs.
  @Test(arguments: [
    (UInt16(0x6f02), "40:03.0", PeerVerdict.viaHostBridge), (0x6f02, "80:03.0", .blocked),
    (0x3408, "80:03.0", .blocked), (0x2030, "80:03.0", .viaHostBridge),
  ])
  func `host bridges by NVIDIA's rule`(_ device: UInt16, _ second: String, _ own: PeerVerdict) {
    var bench = PeerBench()
    bench.inventory.processors.vendor = "GenuineIntel"
    bench.inventory.processors.family = 6
    for (port, gpu) in [("40:02.0", "41:00.0"), (second, "81:00.0")] {
      bench.port(port, vendor: 0x8086)
      bench.edit(port) { $0.identity.deviceID = device }
      bench.gpu(gpu, below: port, vendor: .nvidia, driver: "nvidia", name: "Tesla P100-PCIE-16GB")
    }
    bench.answer(.nvml)
    let pair = bench.pair("41:00.0", "81:00.0")
    #expect(pair.ownVerdict == own)
    #expect(pair.reasons.contains { $0.kind == "ioHubs" } == (own == .blocked))
    #expect(pair.contradictions.isEmpty == (own != .blocked))
    bench.edit(second) { $0.identity.deviceID = nil }
    #expect(bench.pair("41:00.0", "81:00.0").missing == [.identity(at(second))])
  }

  @Test func `facts of NVIDIA's cards come from NVML and not from files of amdgpu`() {
    let map = PeerMap(nvidia("NVIDIA H100 PCIe", .allowed).inventory)
    for key in [PeerFactKey.memory(at("43:00.0")), .name(at("43:00.0")), .answers(at("43:00.0"))] {
      #expect(map.fact(key).path == "libnvidia-ml.so.1")
    }
    #expect(
      PeerMap(PeerBench.good().inventory).fact(.memory(at("43:00.0"))).path.hasSuffix(
        "/mem_info_vram_total"))
  }

  @Test func `drivers that publish nothing`() {
    var bench = PeerBench.good()
    for address in ["43:00.0", "44:00.0"] {
      bench.edit(address) { $0.driver = "nouveau" }
      bench.editGPU(address) { $0.driver = "nouveau" }
    }
    #expect(bench.pair("43:00.0", "44:00.0").missing == [.answers(at("43:00.0"))])
    // Two makers.
    #expect(bench.pair("43:00.0", "81:00.0").verdict == .unknown)
  }

  @Test func `no kernel driver is no failure`() {
    var bench = PeerBench.good()
    for address in ["43:00.0", "44:00.0"] {
      bench.edit(address) {
        $0.driver = nil
        $0.dmaMaskBits = nil
      }
      bench.editGPU(address) {
        $0.driver = nil
        $0.peerAnswers = []
      }
    }
    let pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .direct)
    #expect(
      pair.reasons == [.noKernelDriver(gpu: at("43:00.0")), .noKernelDriver(gpu: at("44:00.0"))])
    // A driver that could not be told is another thing.
    bench.edit("43:00.0") {
      $0.unknown = [UnknownFact(fact: "driver", path: "driver", reason: "denied")]
    }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .unknown)
  }

  @Test func `arrays and mappings`() {
    var bench = PeerBench.good()
    bench.inventory.nvme[0].namespaces[0].uses = [
      .init(device: "nvme0n1", kind: .raid, target: "md0", detail: "raid0")
    ]
    #expect(bench.kinds("45:00.0", "43:00.0") == ["raidLayer"])
    #expect(bench.pair("45:00.0", "43:00.0").reasons[0].text == "nvme0 is part of md0 (RAID)")
    bench.inventory.nvme[0].namespaces[0].uses = []
    #expect(bench.pair("45:00.0", "43:00.0").missing == [.uses(at("45:00.0"))])
    bench.inventory.nvme[0].namespaces = []
    #expect(bench.pair("45:00.0", "43:00.0").verdict == .unknown)
  }

  @Test func `every reason has words, a source, and what blocks has an effect`() {
    let reasons: [PeerReason] = [
      .redirect(bridge: at("1:0.0"), register: nil, bits: ["ReqRedir"]),
      .noCommonBridge(initiator: "a", target: "b"),
      .hostBridgeNotListed(bus: "a", vendor: 1, device: 2, sameOnly: true),
      .noMemory(target: at("1:0.0"), kind: .nvme), .barUnassigned(gpu: at("1:0.0"), bar: 0),
      .barSmall(gpu: at("1:0.0"), visibleBytes: nil, memoryBytes: nil, blocks: true),
      .dmaMask(initiator: at("1:0.0"), bits: 32, barEnd: 1),
      .iommuTranslated(initiator: at("1:0.0"), type: "DMA", driver: nil, blocks: true),
      .iommuBlocked(initiator: at("1:0.0")),
      .payload(initiator: at("1:0.0"), bytes: 1, receiver: at("1:0.0"), receiverBytes: 1),
      .kernelOption("X"), .amdgpuParameter(.off), .amdgpuParameter(.missing),
      .driverRefuses(source: .kfd, read: nil, write: nil),
      .driverRefuses(source: .nvml, read: .disabledByRegistry, write: nil),
      .notPublished(target: at("1:0.0")), .layer(drive: "a", holder: "b", kind: .deviceMapper),
      .noKernelDriver(gpu: at("1:0.0")), .linked(.xgmi, isInferred: false),
      .linked(.nvlink, isInferred: true), .ioHubs(initiator: "a", target: "b"),
    ]
    for reason in reasons {
      #expect(!reason.text.isEmpty && !reason.general.isEmpty && !reason.source.isEmpty)
      #expect(!reason.kind.isEmpty)
      if let remedy = reason.remedy { #expect(!remedy.text.isEmpty) }
    }
    let all = PeerRemedy.redirects([at("42:00.0"), at("42:01.0")])
    #expect(all.kernelArgument == "pci=disable_acs_redir=0000:42:00.0;0000:42:01.0")
    #expect(all.commands.first == "setpci -s 0000:42:00.0 ECAP_ACS+6.w=0:2c")
  }

  @Test func `every fact in words names a path`() {
    let map = PeerMap(PeerBench.good().inventory)
    for pair in map.pairs {
      for key in pair.uses {
        let fact = map.fact(key)
        #expect(!fact.isMissing, "\(fact)")
        #expect(!fact.value.isEmpty)
      }
    }
    var spoiled = PeerBench.good()
    spoiled.inventory.pci = []
    let bare = PeerMap(spoiled.inventory)
    for pair in bare.pairs where pair.verdict == .unknown {
      #expect(pair.missing.allSatisfy { bare.fact($0).isMissing })
    }
  }
}
