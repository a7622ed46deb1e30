import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// What findings threaten, and the order that follows from it.
@Suite struct HarmTests {
  private func finding(_ name: String, _ verdict: Verdict, _ harm: Harm?) -> Finding {
    Finding(
      check: name, subject: .box, verdict: verdict, harm: harm, summary: name, evidence: [])
  }

  @Test func `harm comes before the verdict, and what harms nothing follows`() {
    let findings = [
      finding("fine", .pass, nil), finding("unknown", .unknown, nil),
      finding("slow", .fail, .largeLoss), finding("untidy", .warn, .untidy),
      finding("data, warn", .warn, .dataAtRisk), finding("data, fail", .fail, .dataAtRisk),
      finding("lost", .warn, .deviceLost), finding("no matter", .notApplicable, nil),
    ]
    #expect(
      findings.byHarm.map(\.check) == [
        "lost", "data, fail", "data, warn", "slow", "untidy", "unknown", "fine", "no matter",
      ])
  }

  @Test func `whatever warns or fails says what it threatens, and nothing else does`() {
    for profile in [nil, WellServer.profile] {
      var box = WellServer.linked
      for index in box.pci.indices { box.pci[index].isDead = index % 2 == 0 }
      let report = HealthReport(Box(box, profile: profile))
      #expect(report.findings.contains { $0.harm != nil })
      for finding in report.findings {
        #expect((finding.harm != nil) == (finding.verdict >= .warn), "\(finding.check)")
      }
      #expect(report.findings == report.findings.byHarm)
    }
  }

  @Test func `cards keep their numbers while one of the profile's is missing`() {
    func address(_ bus: UInt8) -> PCIAddress {
      PCIAddress(domain: 0, bus: bus, device: 0, function: 0)
    }
    func numbers(_ buses: [UInt8], _ profile: Profile? = nil, builtIn: UInt8? = nil) -> [Int?] {
      var box = Inventory(origin: "test")
      box.gpus = buses.map { GPU(address: address($0), vendor: .amd) }
      for index in box.gpus.indices where buses[index] == builtIn {
        box.gpus[index].isBuiltIn = true
      }
      box.numberGPUs(by: profile)
      return box.gpus.map(\.number)
    }
    var profile = Profile(name: "test", origin: .learned)
    profile.places = [0x41, 0x21, 0x61].map { bus in
      Profile.Place(
        address: address(bus), kind: .gpu, pciID: nil, slot: nil, numaNode: nil, link: nil,
        name: nil)
    }
    #expect(numbers([0x21, 0x41, 0x61]) == [0, 1, 2])
    #expect(numbers([0x21, 0x61], profile) == [0, 2])
    // One that the profile does not know follows.
    #expect(numbers([0x11, 0x21, 0x41, 0x61], profile) == [3, 0, 1, 2])
    // What is built into the processor is no card that somebody bought.
    #expect(numbers([0x01, 0x21], builtIn: 0x01) == [1, 0])
    // A profile that was learned from the box names it too, and changes no number.
    for buses: [UInt8] in [[0x01, 0x21, 0x41], [0x11, 0x21, 0x31]] {
      var learned = profile
      learned.places = buses.map { bus in
        Profile.Place(
          address: address(bus), kind: .gpu, pciID: nil, slot: nil, numaNode: nil, link: nil,
          name: nil)
      }
      for builtIn in buses {
        #expect(numbers(buses, learned, builtIn: builtIn) == numbers(buses, builtIn: builtIn))
      }
    }
    var box = Inventory(origin: "test")
    box.gpus = [GPU(address: address(0x21), vendor: .amd)]
    box.numberGPUs()
    for name in ["GPU0", "gpu0"] {
      #expect(DeviceSubject(name, in: box) == .function(address(0x21)))
    }
    for name in ["GPU1", "GPU", "GPU-1", "GPU0x", "gpu99999999999999999999"] {
      #expect(DeviceSubject(name, in: box) == nil, "\(name)")
    }
  }
}
