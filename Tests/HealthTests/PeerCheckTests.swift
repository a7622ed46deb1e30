import Base
import Inventory
import TestMachines
import Testing

@testable import Health

extension PeerBench {
  /// Findings of a check.
  func findings(_ check: any Check.Type) -> [Finding] { check.evaluate(Box(inventory)) }
  /// Verdicts of a check.
  func verdicts(_ check: any Check.Type) -> [Verdict] { findings(check).map(\.verdict) }

  /// Two GeForce cards behind one switch.
  static func geforce(_ access: PeerAnswer.Access?) -> PeerBench {
    var bench = PeerBench()
    bench.hub(root: "40:01.1", up: "41:00.0", down: "42", ports: 2)
    for (address, port) in [("43:00.0", "42:00.0"), ("44:00.0", "42:01.0")] {
      bench.gpu(
        address, below: port, vendor: .nvidia, driver: "nvidia", name: "NVIDIA GeForce RTX 4090")
    }
    if let access { bench.answer(.nvml, access) }
    return bench
  }

  /// A laptop: graphics of the processor, one drive, one interface, each on its own port.
  static var laptop: PeerBench {
    var bench = PeerBench()
    for (port, index) in [("00:01.1", 0), ("00:02.1", 1), ("00:02.2", 2)] {
      bench.port(port, acs: 0x1d)
      switch index {
      case 0:
        bench.gpu("01:00.0", below: port, name: "Rembrandt [Radeon 680M]")
        bench.editGPU("01:00.0") { $0.memoryTotalBytes = 512 << 20 }
      case 1: bench.nvme("nvme0", "02:00.0", below: port)
      default: bench.nic("wlan0", "03:00.0", below: port)
      }
    }
    bench.inventory.machine.iommu.mode = .translated
    for index in bench.inventory.pci.indices { bench.inventory.pci[index].iommuGroupType = "DMA" }
    bench.inventory.machine.kernel.options = [:]
    bench.inventory.machine.kernel.amdgpuPeerAccess = .missing
    bench.inventory.nvme[0].isBootDisk = true
    bench.inventory.nvme[0].namespaces[0].uses = [
      .init(device: "nvme0n1p3", kind: .deviceMapper, target: "luks")
    ]
    return bench
  }
}

@Suite struct PeerCheckTests {
  static let checks: [any Check.Type] = Checks.peerToPeer

  @Test func `a good box passes`() {
    for check in PeerCheckTests.checks {
      let findings = PeerBench.good().findings(check)
      #expect(findings.allSatisfy { $0.verdict == .pass }, "\(check.info.id): \(findings)")
    }
  }

  @Test func `no alarm on a laptop, an empty inventory or a machine without devices`() {
    var none = PeerBench()
    none.function("00:00.0")
    for check in PeerCheckTests.checks {
      #expect(PeerBench.laptop.verdicts(check).allSatisfy { $0 < .unknown }, "\(check.info.id)")
      #expect(none.verdicts(check).allSatisfy { $0 < .unknown }, "\(check.info.id)")
      let empty = check.evaluate(Box(Inventory(origin: "test"))).map(\.verdict)
      #expect(empty.allSatisfy { $0 == .unknown }, "\(check.info.id)")
    }
  }

  // MARK: acs

  @Test func `acs names bridge, bits and cure`() throws {
    let findings = PeerBench.good(acs: [0x1d]).findings(ACSCheck.self)
    #expect(findings.map(\.verdict) == [.warn])
    let finding = try #require(findings.first)
    #expect(finding.address == MadeUp.at("42:00.0"))
    #expect(finding.summary == "redirects peer traffic: ReqRedir CmpltRedir")
    #expect(finding.evidence.map(\.fact) == ["pci[0000:42:00.0].acs"])
    #expect(finding.advice.first?.text.contains("pci=disable_acs_redir=0000:42:00.0") == true)
    #expect(finding.advice.last?.commands == ["setpci -s 0000:42:00.0 ECAP_ACS+6.w=0:2c"])
    #expect(finding.consequence?.hasPrefix("4 ordered pairs go up") == true)
  }

  @Test func `acs on root ports decides nothing`() {
    var bench = PeerBench.good()
    bench.edit("40:01.1") { $0.acs?.control = 0x5f }
    bench.edit("80:01.1") { $0.acs?.control = 0x5f }
    #expect(bench.verdicts(ACSCheck.self) == [.pass])
    #expect(PeerBench.twoPorts().verdicts(ACSCheck.self) == [.notApplicable])
  }

  @Test func `acs of an unread bridge is unknown`() {
    var bench = PeerBench.good()
    bench.edit("42:01.0") {
      $0.acs = nil
      $0.hasACS = nil
    }
    let findings = bench.findings(ACSCheck.self)
    #expect(findings.map(\.verdict) == [.unknown])
    #expect(findings.first?.address == MadeUp.at("42:01.0"))
    bench.edit("43:00.0") { $0.parent = nil }
    #expect(bench.verdicts(ACSCheck.self).allSatisfy { $0 == .unknown })
  }

  // MARK: iommu-mode

  @Test func `iommu off and many CPUs`() {
    var bench = PeerBench.good()
    bench.inventory.machine.iommu.mode = .off
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.pass])
    bench.inventory.processors.present = NumberSet(range: 0...255)
    bench.inventory.processors.vendor = "AuthenticAMD"
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.fail])
    bench.inventory.processors.present = nil
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.unknown])
    bench.inventory.machine.iommu.mode = nil
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.unknown])
  }

  /// A group that cannot be read is as the machine is.
  @Test(arguments: [
    (IOMMU.Mode.translated, Verdict.warn), (.mixed, .unknown), (.passthrough, .pass), (.off, .pass),
  ])
  func `a card whose group is not known`(_ mode: IOMMU.Mode, _ expected: Verdict) {
    var bench = PeerBench.good()
    bench.inventory.machine.iommu.mode = mode
    for index in bench.inventory.pci.indices { bench.inventory.pci[index].iommuGroupType = nil }
    let findings = bench.findings(IOMMUModeCheck.self)
    #expect(findings.contains { $0.summary.contains("RCCL") } == (mode == .translated))
    #expect(findings.allSatisfy { $0.verdict == expected }, "\(findings)")
  }

  @Test func `iommu translated, by driver`() {
    var amd = PeerBench.good()
    amd.inventory.machine.iommu.mode = .translated
    #expect(amd.verdicts(IOMMUModeCheck.self) == [.pass])
    for index in amd.inventory.pci.indices { amd.inventory.pci[index].iommuGroupType = "DMA" }
    // RCCL hangs where several cards compute behind a translating IOMMU.
    let radeons = amd.findings(IOMMUModeCheck.self)
    #expect(radeons.map(\.verdict) == [.warn, .warn, .warn])
    #expect(radeons.allSatisfy { $0.summary == "translated: RCCL may hang" })
    for gpu in ["44:00.0", "81:00.0"] {
      amd.editGPU(gpu) { $0.memoryTotalBytes = 512 << 20 }
    }
    #expect(amd.verdicts(IOMMUModeCheck.self) == [.pass])
    amd.editGPU("43:00.0") { $0.driver = nil }
    #expect(amd.verdicts(IOMMUModeCheck.self) == [.warn])
    amd.edit("43:00.0") {
      $0.unknown = [UnknownFact(fact: "driver", path: "driver", reason: "denied")]
    }
    #expect(amd.verdicts(IOMMUModeCheck.self) == [.unknown])
    var nvidia = PeerBench.geforce(.allowed)
    nvidia.inventory.machine.iommu.mode = .translated
    let findings = nvidia.findings(IOMMUModeCheck.self)
    #expect(findings.map(\.verdict) == [.warn, .warn])
    #expect(Set(findings.map(\.summary)) == ["translated: patched peer access fails"])
    nvidia.editGPU("43:00.0") { $0.name = "NVIDIA H100 PCIe" }
    nvidia.editGPU("44:00.0") { $0.name = nil }
    #expect(nvidia.verdicts(IOMMUModeCheck.self) == [.unknown])
  }

  /// Cards that NVLink joins need neither a large BAR nor raw addresses for each other.
  @Test func `NVLink takes BAR and IOMMU out of the way`() {
    var bench = PeerBench.geforce(.allowed)
    bench.inventory.machine.iommu.mode = .translated
    for address in ["43:00.0", "44:00.0"] {
      bench.editGPU(address) {
        $0.name = "NVIDIA GeForce RTX 3090"
        $0.largeBar = false
        $0.memoryVisibleBytes = nil
        $0.memoryBarBytes = 256 << 20
      }
    }
    #expect(bench.verdicts(BarSizeCheck.self) == [.fail, .fail])
    for address in ["43:00.0", "44:00.0"] {
      bench.editGPU(address) { $0.peerAnswers[0].link = .nvlink }
    }
    #expect(bench.verdicts(BarSizeCheck.self) == [.notApplicable, .notApplicable])
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.pass])
    #expect(bench.verdicts(PeerContradictionCheck.self) == [.pass])
    #expect(bench.verdicts(PeerAccessCheck.self) == [.pass, .pass])
  }

  @Test func `iommu mixed asks each group`() {
    var bench = PeerBench.geforce(.allowed)
    bench.inventory.machine.iommu.mode = .mixed
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.pass])
    bench.edit("43:00.0") { $0.iommuGroupType = "DMA" }
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.warn])
    bench.edit("43:00.0") { $0.iommuGroupType = nil }
    #expect(bench.verdicts(IOMMUModeCheck.self) == [.unknown])
  }

  // MARK: kernel-p2pdma

  @Test func `kernel options and parameter`() {
    var bench = PeerBench.good()
    func summary(_ change: (inout Kernel) -> Void) -> [String] {
      change(&bench.inventory.machine.kernel)
      return bench.findings(KernelP2PDMACheck.self).map { "\($0.verdict.rawValue) \($0.summary)" }
    }
    #expect(summary { $0.amdgpuPeerAccess = .off } == ["warn amdgpu.pcie_p2p is off"])
    #expect(
      summary { $0.amdgpuPeerAccess = .missing } == [
        "warn amdgpu built without CONFIG_HSA_AMD_P2P"
      ])
    #expect(
      summary { $0.amdgpuPeerAccess = nil } == ["unknown built in; whether it is on is unknown"])
    #expect(
      summary { $0.options?["CONFIG_HSA_AMD_P2P"] = nil } == [
        "warn kernel built without CONFIG_HSA_AMD_P2P"
      ])
    #expect(
      summary { $0.options?["CONFIG_PCI_P2PDMA"] = "n" } == [
        "warn kernel built without CONFIG_PCI_P2PDMA"
      ])
    #expect(summary { $0.options = nil } == ["unknown kernel options unknown"])
  }

  @Test func `kernel options are nobody's business without two amdgpu cards`() {
    #expect(PeerBench.geforce(.allowed).verdicts(KernelP2PDMACheck.self) == [.notApplicable])
    var bench = PeerBench.twoPorts()
    bench.editGPU("41:00.0") { $0.driver = nil }
    #expect(bench.verdicts(KernelP2PDMACheck.self) == [.notApplicable])
    bench = .twoPorts()
    bench.editGPU("41:00.0") { $0.memoryTotalBytes = nil }
    #expect(bench.verdicts(KernelP2PDMACheck.self) == [.unknown])
  }

  // MARK: peer-access

  @Test func `refusal where the path allows it`() {
    let findings = PeerBench.geforce(.chipsetNotSupported).findings(PeerAccessCheck.self)
    #expect(findings.map(\.verdict) == [.warn, .warn])
    #expect(findings.first?.summary == "NVML: not with this chipset")
    #expect(findings.first?.advice.first?.audience == .consumerGPU)
    #expect(PeerBench.geforce(.allowed).verdicts(PeerAccessCheck.self) == [.pass, .pass])
    #expect(PeerBench.geforce(nil).verdicts(PeerAccessCheck.self) == [.unknown, .unknown])
  }

  @Test func `refusal that something else explains`() {
    var bench = PeerBench.twoPorts()
    for address in ["41:00.0", "42:00.0"] { bench.editGPU(address) { $0.peerAnswers = [] } }
    bench.answer(.kfd, .refused)
    #expect(bench.verdicts(PeerAccessCheck.self) == [.warn, .warn])
    bench.inventory.machine.kernel.amdgpuPeerAccess = .off
    let earlier = bench.findings(PeerAccessCheck.self)
    #expect(earlier.map(\.verdict) == [.notApplicable, .notApplicable])
    // The driver was asked, and what it said is told.
    #expect(
      earlier.first?.summary
        == "KFD lists no link between them; path or kernel prevents it first")
    #expect(earlier.first?.evidence.isEmpty == false)
    bench.inventory.machine.kernel.amdgpuPeerAccess = nil
    #expect(bench.verdicts(PeerAccessCheck.self) == [.unknown, .unknown])
  }

  /// The chipset of a guest is made up by its hypervisor, which is also who tells the driver
  /// which cards reach each other.
  @Test func `a guest is sent to its hypervisor`() throws {
    var bench = PeerBench.geforce(.chipsetNotSupported)
    let bare = bench.findings(PeerAccessCheck.self).first?.advice ?? []
    #expect(bare.contains { $0.text.contains("hypervisor") } == false)
    bench.inventory.machine.virtualization = Virtualization(
      kind: .vm, name: "kvm", evidence: "test")
    let found = try #require(bench.findings(PeerAccessCheck.self).first)
    #expect(found.verdict == .warn && found.summary == "NVML: not with this chipset")
    #expect(found.advice.first?.text.contains("hypervisor") == true)
    var redirecting = PeerBench.good(acs: [0x1d])
    redirecting.inventory.machine.virtualization = bench.inventory.machine.virtualization
    let acs = redirecting.findings(ACSCheck.self).flatMap(\.advice)
    #expect(!acs.isEmpty && acs.allSatisfy { $0.commands.isEmpty })
    #expect(acs.first?.text.contains("hypervisor") == true)
  }

  @Test func `cards without a kernel driver are not asked`() {
    var bench = PeerBench.twoPorts()
    for address in ["41:00.0", "42:00.0"] {
      bench.edit(address) { $0.driver = nil }
      bench.editGPU(address) {
        $0.driver = nil
        $0.peerAnswers = []
      }
    }
    #expect(bench.verdicts(PeerAccessCheck.self) == [.notApplicable])
    #expect(bench.verdicts(PeerContradictionCheck.self) == [.notApplicable])
  }

  @Test func `drivers that could not be told are not "no driver"`() {
    var bench = PeerBench.good()
    for address in ["43:00.0", "44:00.0", "81:00.0"] {
      bench.edit(address) {
        $0.driver = nil
        $0.unknown = [UnknownFact(fact: "driver", path: "driver", reason: "denied")]
      }
      bench.editGPU(address) { $0.driver = nil }
    }
    for check in [KernelP2PDMACheck.self, PeerAccessCheck.self, PeerRAIDCheck.self]
      as [any Check.Type]
    {
      #expect(bench.verdicts(check) == [.unknown], "\(check.info.id)")
    }
  }

  // MARK: p2p-contradiction

  @Test func `contradictions are findings of their own`() {
    var bench = PeerBench.twoPorts()
    bench.inventory.machine.kernel.amdgpuPeerAccess = .missing
    let findings = bench.findings(PeerContradictionCheck.self)
    #expect(findings.map(\.verdict) == [.warn, .warn])
    #expect(findings.first?.summary == "KFD allows what should be blocked")
    #expect(findings.first?.consequence?.contains("CONFIG_HSA_AMD_P2P") == true)
    // Agreement on a blocked pair.
    for address in ["41:00.0", "42:00.0"] { bench.editGPU(address) { $0.peerAnswers = [] } }
    bench.answer(.kfd, .refused)
    #expect(bench.verdicts(PeerContradictionCheck.self) == [.pass])
    bench.inventory.machine.kernel.amdgpuPeerAccess = nil
    #expect(bench.verdicts(PeerContradictionCheck.self) == [.unknown, .unknown])
  }

  @Test func `the CPU's view against the BAR`() {
    var bench = PeerBench.twoPorts()
    bench.editGPU("41:00.0") {
      $0.hsa = HSAAgent(name: "gfx1100", productName: nil, computeUnits: nil, kfdNode: 1)
      $0.hsa?.isVisibleToCPU = false
    }
    #expect(
      bench.findings(PeerContradictionCheck.self).map(\.summary) == [
        "HSA sees less memory than the BAR"
      ])
    bench.editGPU("41:00.0") { $0.hsa?.isVisibleToCPU = true }
    #expect(bench.verdicts(PeerContradictionCheck.self) == [.pass])
  }

  // MARK: p2p-raid

  @Test func `an array is named where nothing else is in the way`() {
    var bench = PeerBench.good()
    bench.inventory.nvme[0].namespaces[0].uses = [
      .init(device: "nvme0n1", kind: .raid, target: "md0", detail: "raid0")
    ]
    let findings = bench.findings(PeerRAIDCheck.self)
    #expect(findings.map(\.verdict) == [.warn])
    #expect(findings.first?.summary == "part of md0: no direct way to GPUs")
    bench.inventory.nvme[0].isBootDisk = true
    #expect(bench.verdicts(PeerRAIDCheck.self) == [.notApplicable])
    bench.inventory.nvme[0].isBootDisk = false
    bench.inventory.machine.kernel.options?["CONFIG_PCI_P2PDMA"] = "n"
    #expect(bench.verdicts(PeerRAIDCheck.self) == [.notApplicable])
    bench.inventory.nvme[0].namespaces[0].uses = []
    bench.inventory.machine.kernel.options?["CONFIG_PCI_P2PDMA"] = "y"
    #expect(bench.verdicts(PeerRAIDCheck.self) == [.unknown])
  }

  @Test func `descriptions are complete`() {
    for check in PeerCheckTests.checks {
      let info = check.info
      #expect(info.area == .peerToPeer)
      #expect(!info.sources.isEmpty && !info.reads.isEmpty && info.verdicts[.pass] != nil)
      #expect(Checks.named(info.id)?.info.id == info.id)
    }
  }
}
