import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// The other PCIe checks on a box as it should be, with one thing changed.
@Suite struct PCIeCheckTests {
  private let gpu = WellServer.gpus[0]

  private func findings(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Finding] {
    var inventory = WellServer.linked
    change(&inventory)
    return check.evaluate(Box(inventory, profile: profile, samples: samples))
  }

  private func verdict(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> Verdict? {
    findings(check, profile: profile, samples: samples, change)
      .first { $0.address == gpu || $0.address == nil }?.verdict
  }

  // MARK: device-lost

  @Test func allOnesIsAFailureUnlessAsleep() {
    #expect(verdict(DeviceLostCheck.self) == .pass)
    #expect(verdict(DeviceLostCheck.self) { $0.pci[1].isDead = true } == .fail)
    #expect(verdict(DeviceLostCheck.self) { $0.pci[1].isDead = nil } == .unknown)
    #expect(
      verdict(DeviceLostCheck.self) {
        $0.pci[1].isDead = true
        $0.pci[1].powerState = "D3cold"
      } == .notApplicable)
  }

  @Test func leavingWhileSamplingIsAFailure() {
    var samples = Samples(seconds: 10, count: 100)
    samples.lost = [gpu: 4.25]
    let found = findings(DeviceLostCheck.self, samples: samples).first { $0.address == gpu }
    #expect(found?.verdict == .fail)
    #expect(found?.evidence.first?.value == "after 4.3 s")
  }

  @Test func aDeadBridgeIsNamed() {
    let found = findings(DeviceLostCheck.self) { $0.pci[0].isDead = true }
    #expect(found.contains { $0.verdict == .fail && $0.address == MadeUp.at("20:01.1") })
  }

  // MARK: aer

  @Test func errorsBelongToTheLink() {
    #expect(verdict(AERCheck.self) == .pass)
    // The port above counts, the device reads 0.
    let found = findings(AERCheck.self) {
      $0.pci[0].aer?.correctable = ["BadTLP": 7]
      $0.pci[0].aer?.correctableTotal = 7
    }
    let bad = found.filter { $0.verdict == .warn }
    #expect(bad.map(\.address) == [gpu])
    #expect(bad.first?.summary == "PCIe errors: 7 corrected (BadTLP)")
    #expect(bad.first?.consequence?.hasSuffix("7 a day since boot") == true)
  }

  @Test func oneEndThatCountsNoErrorsIsNoPass() {
    let found = findings(AERCheck.self) { $0.pci[1].aer = nil }.first { $0.address == gpu }
    #expect(found?.verdict == .notApplicable)
    #expect(found?.summary == "has no error reporting capability")
    let port = findings(AERCheck.self) { $0.pci[0].aer = nil }.first { $0.address == gpu }
    #expect(port?.verdict == .notApplicable)
    #expect(port?.summary == "its port has no error reporting capability")
  }

  @Test func errorsOfALinkThatSleepsAreTriedAwake() {
    func advice(_ states: [String]?, kernel: Bool) -> [Advice] {
      findings(AERCheck.self) {
        $0.pci[1].aer?.correctableTotal = 3
        $0.pci[1].path?.hops[0].aspm = states
        if kernel { $0.pci[1].aspm = states }
      }.first { $0.address == gpu }?.advice ?? []
    }
    #expect(advice(nil, kernel: false).first?.text.hasPrefix("reseat") == true)
    #expect(advice([], kernel: true).first?.text.hasPrefix("reseat") == true)
    let first = advice(["L0s", "L1", "L1.1"], kernel: true).first
    #expect(first?.text.hasPrefix("ASPM is on for this link (L0s L1 L1.1)") == true)
    #expect(
      first?.commands
        == ["l0s", "l1"].map {
          "echo 0 > /sys/bus/pci/devices/\(gpu)/link/\($0)_aspm"
        })
    // The lower end first, as the kernel does it.
    #expect(
      advice(["L1"], kernel: false).first?.commands
        == ["\(gpu)", "0000:20:01.1"].map { "setpci -s \($0) CAP_EXP+10.w=0:3" })
  }

  @Test func fatalErrorsFail() {
    #expect(verdict(AERCheck.self) { $0.pci[1].aer?.fatalTotal = 1 } == .fail)
    #expect(verdict(AERCheck.self) { $0.pci[1].aer?.nonFatalTotal = 1 } == .warn)
  }

  @Test func growingErrorsFail() {
    var samples = Samples(seconds: 10, count: 100)
    samples.errors = [ErrorGrowth(address: gpu, correctable: 3, nonFatal: 0, fatal: 0)]
    let found = findings(AERCheck.self, samples: samples) { $0.pci[1].aer?.correctableTotal = 3 }
    #expect(found.first { $0.address == gpu }?.summary == "PCIe errors grow: 3 in 10 s")
    #expect(found.first { $0.address == gpu }?.verdict == .fail)
  }

  @Test func aRootPortsTotalIsNewsOnlyWhenNobodyBelowTells() {
    let change: (inout Inventory) -> Void = { inventory in
      inventory.pci[0].aer?.rootPort = .init(correctable: 5, nonFatal: 0, fatal: 0)
    }
    #expect(findings(AERCheck.self, change).count { $0.verdict == .warn } == 1)
    let both = findings(AERCheck.self) { inventory in
      change(&inventory)
      inventory.pci[1].aer?.correctableTotal = 5
    }
    #expect(both.count { $0.verdict == .warn } == 1)
    #expect(both.first { $0.verdict == .warn }?.summary == "PCIe errors: 5 corrected")
  }

  @Test func withoutCountersNothingIsKnown() {
    #expect(
      findings(AERCheck.self) { box in
        for index in box.pci.indices { box.pci[index].aer = nil }
      }.map(\.verdict) == [.unknown])
    // One device without the capability, where the kernel counts for others.
    #expect(
      verdict(AERCheck.self) {
        $0.pci[0].aer = nil
        $0.pci[1].aer = nil
      } == .notApplicable)
    #expect(
      verdict(AERCheck.self) {
        $0.pci[1].aer = nil
        $0.pci[1].unknown = [UnknownFact(fact: "aer", path: "x", reason: "permission denied")]
      } == .unknown)
  }

  // MARK: BARs

  @Test func aSmallWindowFailsWhereSeveralGPUsAre() {
    #expect(verdict(BarSizeCheck.self) == .pass)
    let small: (inout Inventory) -> Void = {
      $0.gpus[0].largeBar = false
      $0.gpus[0].memoryVisibleBytes = 256 << 20
    }
    let found = findings(BarSizeCheck.self, small).first { $0.address == gpu }
    #expect(found?.verdict == .fail)
    #expect(found?.summary == "only part of its memory is visible (256 MiB of 24 GiB)")
    #expect(
      verdict(BarSizeCheck.self) {
        small(&$0)
        $0.gpus.removeLast()
      } == .warn)
  }

  @Test func aResizableWindowComesWithTheCommand() {
    let found = findings(BarSizeCheck.self) {
      $0.gpus[0].largeBar = false
      $0.pci[1].bars[0].possibleSizesBytes = [256 << 20, 16 << 30, 32 << 30]
    }.first { $0.address == gpu }
    #expect(
      found?.advice.last?.commands.contains(
        "echo 15 > /sys/bus/pci/devices/0000:21:00.0/resource0_resize") == true)
  }

  /// What a small window means depends on the driver, and who sets its size on the place.
  @Test func aSmallWindowIsNotEverybodysFault() {
    func finding(_ name: String?, _ change: (inout Inventory) -> Void = { _ in }) -> Finding? {
      findings(BarSizeCheck.self) {
        $0.gpus[0].vendor = .nvidia
        $0.gpus[0].driver = "nvidia"
        $0.gpus[0].name = name
        $0.gpus[0].largeBar = false
        $0.gpus[0].memoryVisibleBytes = 256 << 20
        $0.pci[1].bars[0].index = 1
        change(&$0)
      }.first { $0.address == gpu }
    }
    #expect(finding("NVIDIA GeForce RTX 4090")?.verdict == .fail)
    for name in ["Tesla T4", "NVIDIA RTX A6000", "Tesla P100-PCIE-16GB"] {
      #expect(finding(name)?.verdict == .notApplicable)
    }
    // A driver that is older than the card calls every card so, a GeForce too.
    #expect(finding("NVIDIA Graphics Device")?.verdict == .unknown)
    #expect(finding(nil)?.verdict == .unknown)
    let guest = finding("NVIDIA GeForce RTX 4090", WellServer.makeGuest)
    #expect(guest?.verdict == .notApplicable)
    #expect(guest?.summary.contains("hypervisor") == true)
    // A container in a guest has no more firmware to change than the guest.
    let inGuest = finding("NVIDIA GeForce RTX 4090") {
      $0.machine.virtualization = Virtualization(
        kind: .container, name: nil, evidence: "test", isInVirtualMachine: true)
    }
    #expect(inGuest?.verdict == .notApplicable)
    let old = finding("NVIDIA GeForce RTX 3090") {
      $0.pci[1].bars[0].possibleSizesBytes = [64 << 20, 128 << 20, 256 << 20]
    }
    #expect(old?.verdict == .fail)
    #expect(old?.advice.count == 1 && old?.advice[0].text.contains("card's own firmware") == true)
  }

  @Test func unknownMemoryIsUnknown() {
    #expect(verdict(BarSizeCheck.self) { $0.gpus[0].memoryTotalBytes = nil } == .unknown)
    #expect(verdict(BarSizeCheck.self) { $0.gpus[0].largeBar = nil } == .unknown)
  }

  @Test func anUnassignedWindowFails() {
    #expect(verdict(BarAssignedCheck.self) == .pass)
    #expect(verdict(BarAssignedCheck.self) { $0.pci[1].bars[0].isAssigned = false } == .fail)
    #expect(verdict(BarAssignedCheck.self) { $0.pci[1].bars = [] } == .unknown)
  }

  // MARK: Payload, read requests, ordering

  @Test func payloadMustAgree() {
    #expect(verdict(PayloadCheck.self) == .pass)
    let found = findings(PayloadCheck.self) { $0.pci[1].express?.maxPayloadBytes = 256 }
      .first { $0.address == gpu }
    #expect(found?.verdict == .warn)
    #expect(found?.summary == "payload sizes differ: 256 B at 21:00.0, 512 B at 20:01.1")
    let low = findings(PayloadCheck.self) {
      $0.pci[0].express?.maxPayloadBytes = 128
      $0.pci[1].express?.maxPayloadBytes = 128
    }.first { $0.address == gpu }
    #expect(low?.summary == "payload of 128 B where all could take 512 B")
    #expect(low?.consequence == "84 % of the link carries data, 96 % could")
  }

  @Test func payloadOfATruncatedPortIsUnknown() {
    #expect(
      verdict(PayloadCheck.self) {
        $0.pci[0].express = nil
        $0.pci[0].configBytes = 64
      } == .unknown)
    #expect(verdict(PayloadCheck.self) { $0.pci.removeFirst() } == .unknown)
  }

  @Test func aPathWithAFunctionThatIsNotExpressIsNoPass() {
    let found = findings(PayloadCheck.self) {
      var bridge = $0.pci[0]
      bridge.address = MadeUp.at("20:02.0")
      bridge.parent = $0.pci[0].address
      bridge.express = nil
      $0.pci.append(bridge)
      $0.pci[1].parent = bridge.address
    }.first { $0.address == gpu }
    #expect(found?.verdict == .notApplicable)
    #expect(found?.summary == "conventional PCI on the path")
  }

  @Test func smallReadRequestsAreAWarning() {
    #expect(verdict(ReadRequestCheck.self) == .pass)
    #expect(
      verdict(ReadRequestCheck.self) { $0.pci[1].express?.maxReadRequestBytes = 128 } == .warn)
    #expect(
      verdict(ReadRequestCheck.self) {
        $0.pci[1].express = nil
        $0.pci[1].configBytes = 64
      } == .unknown)
    #expect(
      verdict(ReadRequestCheck.self) {
        $0.pci[1].express?.maxReadRequestBytes = 128
        $0.machine.virtualization = Virtualization(kind: .vm, name: "kvm", evidence: "test")
      } == .notApplicable)
  }

  @Test func theRootComplexHasNoReadRequests() {
    #expect(
      verdict(ReadRequestCheck.self) {
        $0.pci[1].express?.maxReadRequestBytes = 128
        $0.pci[1].express?.portType = .rootComplexEndpoint
      } == .notApplicable)
  }

  @Test func relaxedOrderingOffIsAWarningUnlessThePortGetsItWrong() {
    #expect(verdict(RelaxedOrderingCheck.self) == .pass)
    let off: (inout Inventory) -> Void = { $0.pci[1].express?.relaxedOrdering = false }
    #expect(verdict(RelaxedOrderingCheck.self, off) == .warn)
    #expect(
      verdict(RelaxedOrderingCheck.self) {
        off(&$0)
        $0.pci[0].identity.deviceID = 0x1a01
      } == .notApplicable)
    #expect(
      verdict(RelaxedOrderingCheck.self) {
        off(&$0)
        $0.memory.nodes = [NUMANode(id: 0)]
      } == .notApplicable)
  }

  // MARK: expected-devices

  private var profile: Profile {
    var profile = Profile(name: "test", origin: .learned)
    profile.places = [
      Profile.Place(
        address: gpu, kind: .nvme, pciID: "1002:744c", slot: nil, numaNode: nil, link: nil,
        name: "drive")
    ]
    return profile
  }

  @Test func whatIsMissingIsNamed() {
    #expect(verdict(ExpectedDevicesCheck.self) == .notApplicable)
    #expect(verdict(ExpectedDevicesCheck.self, profile: profile) == .pass)
    #expect(verdict(ExpectedDevicesCheck.self, profile: profile) { $0.pci.remove(at: 1) } == .fail)
    #expect(
      verdict(ExpectedDevicesCheck.self, profile: profile) { $0.pci[1].identity.deviceID = 1 }
        == .warn)
    #expect(
      verdict(ExpectedDevicesCheck.self, profile: profile) { $0.pci[1].identity.deviceID = nil }
        == .unknown)
  }

  @Test func countsAreEnoughOrNot() {
    var declared = Profile(name: "test", origin: .declared)
    declared.nvme = .init(count: 2)
    #expect(verdict(ExpectedDevicesCheck.self, profile: declared) == .fail)
    declared.nvme = .init(count: 0)
    #expect(verdict(ExpectedDevicesCheck.self, profile: declared) == .pass)
    #expect(
      verdict(ExpectedDevicesCheck.self, profile: declared) { $0.collectors = [] } == .unknown)
  }
}
