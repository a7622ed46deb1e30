import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// Checks that go by PCI class: devices that no driver made anything of.
@Suite struct DeviceClassCheckTests {
  private static let address = PCIAddress(domain: 0, bus: 0x71, device: 0, function: 0)

  /// Findings about one more function in a box that is well.
  private func finding(
    _ check: any Check.Type, code: UInt32 = 0x020000,
    _ change: (inout PCIFunction) -> Void = { _ in }
  ) -> Finding? {
    WellServer.findings(check) { inventory in
      var function = WellServer.function(Self.address, 0x8086, 0x1563, node: 0)
      function.identity.classCode = code
      function.isDead = false
      change(&function)
      inventory.pci.append(function)
    }.first { $0.address == Self.address }
  }

  @Test(
    arguments: [
      (0x020000, "NIC 71:00.0"), (0x020700, "NIC 71:00.0"), (0x010802, "drive 71:00.0"),
      (0x120000, "accelerator 71:00.0"),
    ] as [(UInt32, String)])
  func `a dead device fails though no driver holds it`(code: UInt32, name: String) {
    let found = finding(DeviceLostCheck.self, code: code) { $0.isDead = true }
    #expect(found?.verdict == .fail)
    #expect(found?.subject == name)
    #expect(finding(DeviceLostCheck.self, code: code)?.verdict == .pass)
    #expect(finding(DeviceLostCheck.self, code: code) { $0.isDead = nil }?.verdict == .unknown)
    // Nobody bought the box for a SATA port.
    #expect(finding(DeviceLostCheck.self, code: 0x010601) == nil)
  }

  @Test func `where each function says what it is, no device of a kind is none`() {
    let checks: [any Check.Type] = [
      LinkWidthCheck.self, LinkSpeedCheck.self, PayloadCheck.self, ReadRequestCheck.self,
      AERCheck.self, BarAssignedCheck.self, DeviceLostCheck.self, DeviceDriverCheck.self,
      RelaxedOrderingCheck.self,
    ]
    func verdicts(code: UInt32?, vendor: UInt16? = 0x1022) -> Set<Verdict> {
      var inventory = Inventory(origin: "test")
      inventory.collectors = [CollectorReport(name: "PCI", outcome: .found)]
      var bridge = WellServer.function(Self.address, 0x1022, 0x1483, node: 0)
      bridge.identity.classCode = code
      bridge.identity.vendorID = vendor
      inventory.pci = [bridge]
      return Set(checks.flatMap { $0.evaluate(Box(inventory)).map(\.verdict) })
    }
    #expect(verdicts(code: 0x060400) == [.notApplicable])
    // What does not tell its class could be one, and a display of nobody knows whom a GPU.
    #expect(verdicts(code: nil) == [.unknown])
    #expect(verdicts(code: 0x030000, vendor: nil) == [.unknown, .notApplicable])
  }

  @Test func `the driver of each is asked for`() {
    let check = DeviceDriverCheck.self
    #expect(finding(check)?.verdict == .warn)
    #expect(finding(check) { $0.driver = "ixgbe" }?.verdict == .pass)
    for driver in ["vfio-pci", "pci-stub", "igb_uio", "xen-pciback"] {
      #expect(finding(check) { $0.driver = driver }?.verdict == .notApplicable)
    }
    #expect(finding(check) { $0.driverOverride = "vfio-pci" }?.verdict == .notApplicable)
    #expect(finding(check) { $0.isDead = true }?.verdict == .notApplicable)
    #expect(finding(check) { $0.physicalFunction = WellServer.nic } == nil)
    #expect(
      finding(check) {
        $0.unknown = [UnknownFact(fact: "driver", path: "x", reason: "not in the recording")]
      }?.verdict == .unknown)
    // GPUs have a check of their own.
    #expect(finding(check, code: 0x030000) == nil)
    // Only a driver registers an interface: where its link is not seen, it is not known.
    let registered = WellServer.findings(check) { inventory in
      let index = inventory.pci.firstIndex { $0.address == WellServer.nic }
      if let index { inventory.pci[index].driver = nil }
    }
    #expect(registered.first { $0.address == WellServer.nic }?.verdict == .unknown)
  }

  @Test func `a failed probe fails with the kernel's reason`() {
    let line = "nvme 0000:71:00.0: probe with driver nvme failed with error -19"
    let found = finding(DeviceDriverCheck.self, code: 0x010802) { $0.kernelMessages = [line] }
    #expect(found?.verdict == .fail)
    #expect(found?.summary.contains(line) == true)
    let other = finding(DeviceDriverCheck.self) {
      $0.kernelMessages = ["pci 0000:71:00.0: BAR 0: failed to assign"]
    }
    #expect(other?.verdict == .warn)
  }

  @Test func `one GPU fewer in NVML than its driver holds is a failure`() {
    func verdicts(_ change: (inout Inventory) -> Void) -> [Verdict] {
      WellServer.findings(DeviceLostCheck.self) { inventory in
        for index in inventory.pci.indices { inventory.pci[index].isDead = false }
        inventory.gpus[0].isListedByNVML = true
        inventory.gpus[1].isListedByNVML = false
        change(&inventory)
      }.filter { $0.address.map(WellServer.gpus.contains) ?? false }.map(\.verdict)
    }
    #expect(verdicts { _ in } == [.pass, .fail])
    #expect(verdicts { $0.gpus[1].isListedByNVML = nil } == [.pass, .pass])
    // A container sees the cards that it was given only.
    #expect(
      verdicts {
        $0.machine.virtualization = Virtualization(kind: .container, name: nil, evidence: "test")
      } == [.pass, .unknown])
  }

  @Test func `pci-stub keeps a GPU from others as vfio-pci does`() {
    for driver in ["vfio-pci", "pci-stub"] {
      let verdicts = WellServer.verdicts(GPUDriverCheck.self) { $0.gpus[0].driver = driver }
      #expect(verdicts == [.notApplicable, .pass])
    }
  }

  @Test func `a representor and an RDMA device have no queues to count`() {
    let found = WellServer.findings(NICQueuesCheck.self) { inventory in
      inventory.nics[0].isRepresentor = true
      inventory.nics[0].physicalPortName = "pf0vf0"
      inventory.nics[0].speedBitsPerSecond = 100_000_000_000
      var hca = NIC(name: "mlx5_1")
      hca.address = Self.address
      hca.isRDMAOnly = true
      inventory.nics.append(hca)
    }
    #expect(found.map(\.verdict) == [.notApplicable, .notApplicable])
  }

  @Test func `an HCA without an interface has its link judged`() {
    let port = PCIAddress(domain: 0, bus: 0x70, device: 1, function: 0)
    let found = finding(LinkWidthCheck.self, code: 0x020700) { function in
      var hop = PCIeHop(
        port: port, device: Self.address,
        current: PCIeRate(gigatransfersPerSecond: 8, width: 4),
        possible: PCIeRate(gigatransfersPerSecond: 32, width: 16), limitedBy: .both,
        isInsideCard: false, verdict: .below)
      hop.portMaximum = hop.possible
      hop.deviceMaximum = hop.possible
      function.path = PCIePath(hops: [hop], bottleneck: 0, slotLink: 0, isDegraded: true)
    }
    #expect(found?.verdict == .warn)
  }

  @Test func `MIG without an instance computes nothing`() {
    func verdict(_ mig: MIG?, name: String = "NVIDIA A100", listed: Bool? = true) -> Verdict? {
      WellServer.verdicts(GPUMIGCheck.self) { inventory in
        inventory.gpus.removeLast()
        inventory.gpus[0].vendor = .nvidia
        inventory.gpus[0].driver = "nvidia"
        inventory.gpus[0].name = name
        inventory.gpus[0].isListedByNVML = listed
        inventory.gpus[0].mig = mig
      }.first
    }
    var mig = MIG()
    mig.isEnabled = true
    #expect(verdict(mig) == .warn)
    mig.instances = [MIG.Instance(gpuInstance: 3, computeInstance: nil)]
    #expect(verdict(mig) == .warn)
    mig.instances = [MIG.Instance(gpuInstance: 3, computeInstance: 0)]
    #expect(verdict(mig) == .pass)
    mig.isEnabledAfterReset = false
    #expect(verdict(mig) == .warn)
    #expect(verdict(nil) == .notApplicable)
    #expect(verdict(nil, listed: nil) == .unknown)
    #expect(verdict(nil, name: "NVIDIA GeForce RTX 4090", listed: nil) == .notApplicable)
  }

  @Test func `a further path to a drive is no drive to wear out`() {
    func subjects(_ check: any Check.Type) -> [String?] {
      WellServer.findings(check) { inventory in
        var path = NVMeController(name: "nvme1")
        path.pathOf = "nvme0"
        inventory.nvme.append(path)
      }.map(\.subject)
    }
    #expect(subjects(NVMeWearCheck.self) == ["nvme0"])
    #expect(subjects(NVMeStateCheck.self) == ["nvme0", "nvme1"])
  }
}
