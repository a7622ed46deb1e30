import Base
import Inventory
import TestMachines
import Testing

@testable import PeerToPeer

func at(_ text: String) -> PCIAddress { MadeUp.at(text) }

extension PeerBench {
  /// The pair of two addresses.
  func pair(_ a: String, _ b: String) -> PeerPair {
    let (a, b) = (MadeUp.at(a), MadeUp.at(b))
    return PeerMap(inventory).pair(a, b)
      ?? PeerPair(
        initiator: a, target: b, verdict: .itself, ownVerdict: .itself, route: PeerRoute())
  }
  /// Kinds of reasons of a pair.
  func kinds(_ a: String, _ b: String) -> [String] { pair(a, b).reasons.map(\.kind) }
}

/// The way through bridges, and the kernel's rules for it.
@Suite struct RouteTests {
  @Test func `one switch without redirection is direct`() {
    let pair = PeerBench.good().pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .direct)
    #expect(pair.reasons.isEmpty)
    #expect(pair.missing.isEmpty)
    #expect(pair.route.commonBridge == at("41:00.0"))
    #expect(pair.route.distance == 4)
    #expect(pair.route.fromInitiator == [at("43:00.0"), at("42:00.0")])
  }

  @Test func `a port redirects, on either side`() {
    for port in 0..<2 {
      var acs: [UInt16?] = [0, 0]
      acs[port] = 0x1d
      let bench = PeerBench.good(acs: acs)
      let pair = bench.pair("43:00.0", "44:00.0")
      #expect(pair.verdict == .viaHostBridge)
      #expect(pair.route.redirects == [at("42:0\(port).0")])
      #expect(
        pair.reasons == [
          .redirect(
            bridge: at("42:0\(port).0"), register: 0x2a6, bits: ["ReqRedir", "CmpltRedir"])
        ])
      // A drive that does not pass this port is not affected.
      let other = port == 0 ? "44:00.0" : "43:00.0"
      #expect(bench.pair("45:00.0", other).verdict == .direct)
    }
  }

  @Test(arguments: [
    (UInt16(0x01), false), (0x02, false), (0x04, true), (0x08, true), (0x10, false), (0x20, true),
    (0x40, false),
  ])
  func `only request and completion redirect and egress control count`(
    _ bits: UInt16, _ redirects: Bool
  ) {
    let pair = PeerBench.good(acs: [bits]).pair("43:00.0", "44:00.0")
    #expect((pair.verdict == .viaHostBridge) == redirects)
  }

  @Test func `the common bridge counts, what is above it does not`() {
    var bench = PeerBench.good()
    bench.edit("40:01.1") { $0.acs?.control = 0x1d }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .direct)
    bench.edit("41:00.0") {
      $0.acs = PCIeACS(capability: 0x5f, control: 0x04)
      $0.hasACS = true
    }
    #expect(bench.pair("43:00.0", "44:00.0").route.redirects == [at("41:00.0")])
  }

  @Test func `the functions themselves count`() {
    var bench = PeerBench.good()
    bench.edit("43:00.0") {
      $0.acs = PCIeACS(capability: 0x5f, control: 0x04)
      $0.hasACS = true
    }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .viaHostBridge)
    #expect(bench.pair("44:00.0", "43:00.0").verdict == .viaHostBridge)
  }

  @Test func `no capability redirects nothing, an unread one is unknown`() {
    var bench = PeerBench.good(acs: [nil, nil])
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .direct)
    bench.edit("42:01.0") {
      $0.hasACS = nil
      $0.configBytes = 256
    }
    let pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .unknown)
    #expect(pair.missing == [.acs(at("42:01.0"))])
    #expect(
      PeerMap(bench.inventory).fact(.acs(at("42:01.0"))).value == "config truncated at 256 bytes")
    // One that does redirect decides whatever the other does.
    bench.edit("42:00.0") {
      $0.acs = PCIeACS(capability: 0x5f, control: 0x04)
      $0.hasACS = true
    }
    #expect(bench.pair("43:00.0", "44:00.0").verdict == .viaHostBridge)
  }

  @Test func `two root ports go through the host bridge`() {
    let bench = PeerBench.twoPorts()
    let pair = bench.pair("41:00.0", "42:00.0")
    #expect(pair.verdict == .viaHostBridge)
    #expect(
      pair.reasons == [.noCommonBridge(initiator: "pci0000:40", target: "pci0000:40")])
    #expect(pair.route.distance == 4)
    // ACS on root ports changes nothing between them.
    var other = bench
    other.edit("40:01.1") { $0.acs?.control = 0x1d }
    #expect(other.pair("41:00.0", "42:00.0").reasons == pair.reasons)
  }

  @Test func `two functions of one device have the port above in common`() {
    var bench = PeerBench()
    bench.port("40:01.1", acs: 0x1d)
    bench.gpu("41:00.0", below: "40:01.1")
    bench.nic("eth0", "41:00.1", below: "40:01.1")
    let pair = bench.pair("41:00.1", "41:00.0")
    #expect(pair.route.distance == 2)
    #expect(pair.route.redirects == [at("40:01.1")])
  }

  @Test func `bridges on the card add hops`() {
    var bench = PeerBench()
    bench.hub(root: "40:01.1", up: "41:00.0", down: "42", ports: 2)
    for (bus, down) in [("50", "42:00.0"), ("60", "42:01.0")] {
      let next = bus == "50" ? "51" : "61"
      bench.port("\(bus):00.0", below: down, .switchUpstream, vendor: 0x1002)
      bench.port("\(next):00.0", below: "\(bus):00.0", .switchDownstream, vendor: 0x1002)
      bench.gpu("\(bus == "50" ? "52" : "62"):00.0", below: "\(next):00.0")
    }
    bench.answer(.kfd)
    let pair = bench.pair("52:00.0", "62:00.0")
    #expect(pair.verdict == .direct)
    #expect(pair.route.distance == 8)
  }

  @Test func `a lost parent is unknown, not a root bus`() {
    var bench = PeerBench.good()
    bench.edit("42:00.0") { $0.parent = nil }
    let pair = bench.pair("43:00.0", "44:00.0")
    #expect(pair.verdict == .unknown)
    #expect(pair.missing.contains(.place(at("42:00.0"))))
    bench = .twoPorts()
    bench.edit("41:00.0") { $0.parent = nil }
    #expect(bench.pair("41:00.0", "42:00.0").verdict == .unknown)
  }

  @Test func `parents that lead in circles end`() {
    var bench = PeerBench.good()
    bench.edit("40:01.1") { $0.parent = at("42:00.0") }
    #expect(bench.pair("43:00.0", "81:00.0").verdict == .unknown)
    bench.edit("43:00.0") { $0.parent = at("43:00.0") }
    #expect(bench.pair("43:00.0", "81:00.0").verdict == .unknown)
  }

  @Test func `nothing and one device`() {
    #expect(PeerMap(Inventory(origin: "test")).devices.isEmpty)
    var bench = PeerBench()
    bench.port("40:01.1")
    bench.gpu("41:00.0", below: "40:01.1")
    #expect(PeerMap(bench.inventory).pairs.map(\.verdict) == [.itself])
  }

  @Test func `virtual functions and other buses take no part`() {
    var bench = PeerBench.good()
    bench.nic("eth1", "46:00.1", below: "42:03.0")
    bench.edit("46:00.1") { $0.physicalFunction = at("46:00.0") }
    bench.inventory.nics.append(NIC(name: "usb0"))
    var second = NIC(name: "eth0b")
    second.address = at("46:00.0")
    bench.inventory.nics.append(second)
    #expect(PeerMap(bench.inventory).devices.filter { $0.kind == .nic }.map(\.name) == ["eth0"])
  }

  @Test func `drives and NICs are not paired with their like`() {
    var bench = PeerBench.good()
    bench.nvme("nvme1", "47:00.0", below: "42:03.0")
    let map = PeerMap(bench.inventory)
    #expect(map.pair(at("45:00.0"), at("47:00.0")) == nil)
    #expect(map.pair(at("46:00.0"), at("45:00.0"))?.verdict == .blocked)
    #expect(map.pair(at("45:00.0"), at("45:00.0")) == nil)
  }
}

/// Which host bridges the kernel trusts.
@Suite struct HostBridgeTests {
  private func bench(
    vendor: String?, family: Int?, bridge: UInt16 = 0x1234, other: UInt16? = nil
  ) -> PeerBench {
    var bench = PeerBench.twoPorts()
    bench.inventory.processors.vendor = vendor
    bench.inventory.processors.family = family
    bench.edit("40:00.0") {
      $0.identity.vendorID = 0x8086
      $0.identity.deviceID = bridge
    }
    if let other {
      bench.function("60:00.0") {
        $0.identity.vendorID = 0x8086
        $0.identity.deviceID = other
      }
      bench.port("60:01.1")
      bench.gpu("61:00.0", below: "60:01.1")
      bench.inventory.gpus.indices.forEach { bench.inventory.gpus[$0].peerAnswers = [] }
      bench.answer(.kfd)
    }
    return bench
  }

  @Test func `AMD from Zen on`() {
    #expect(
      bench(vendor: "AuthenticAMD", family: 0x17).pair("41:00.0", "42:00.0").verdict
        == .viaHostBridge)
    #expect(
      bench(vendor: "AuthenticAMD", family: 0x1a).pair("41:00.0", "42:00.0").verdict
        == .viaHostBridge)
    let old = bench(vendor: "AuthenticAMD", family: 0x15)
    #expect(old.kinds("41:00.0", "42:00.0").contains("hostBridgeNotListed"))
    #expect(old.pair("41:00.0", "42:00.0").ownVerdict == .blocked)
  }

  @Test func `Intel by the list`() {
    let family = 6
    let intel = "GenuineIntel"
    #expect(
      bench(vendor: intel, family: family).pair("41:00.0", "42:00.0").ownVerdict == .blocked)
    #expect(
      bench(vendor: intel, family: family, bridge: 0x2030).pair("41:00.0", "42:00.0").ownVerdict
        == .viaHostBridge)
    // Within one host bridge only.
    let haswell = bench(vendor: intel, family: family, bridge: 0x2f00, other: 0x2f00)
    #expect(haswell.pair("41:00.0", "42:00.0").ownVerdict == .viaHostBridge)
    #expect(haswell.pair("41:00.0", "61:00.0").ownVerdict == .blocked)
    let skylake = bench(vendor: intel, family: family, bridge: 0x2030, other: 0x2031)
    #expect(skylake.pair("41:00.0", "61:00.0").ownVerdict == .viaHostBridge)
    let mixed = bench(vendor: intel, family: family, bridge: 0x2030, other: 0x1234)
    #expect(mixed.pair("41:00.0", "61:00.0").ownVerdict == .blocked)
  }

  @Test func `an unknown CPU is unknown unless the bridge is listed`() {
    let pair = bench(vendor: nil, family: nil).pair("41:00.0", "42:00.0")
    #expect(pair.ownVerdict == .unknown)
    #expect(pair.missing.contains(.processor))
    #expect(
      bench(vendor: nil, family: nil, bridge: 0x2030).pair("41:00.0", "42:00.0").ownVerdict
        == .viaHostBridge)
    #expect(
      bench(vendor: "AuthenticAMD", family: nil).pair("41:00.0", "42:00.0").ownVerdict == .unknown)
  }

  @Test func `a root port stands for a host bridge without device 0`() {
    var bench = bench(vendor: "GenuineIntel", family: 6)
    bench.inventory.pci.removeAll { $0.address == at("40:00.0") }
    bench.edit("40:01.1") {
      $0.identity.vendorID = 0x8086
      $0.identity.deviceID = 0x2033
    }
    #expect(bench.pair("41:00.0", "42:00.0").ownVerdict == .viaHostBridge)
    bench.edit("40:01.1") { $0.express = nil }
    #expect(bench.pair("41:00.0", "42:00.0").ownVerdict == .unknown)
  }

  @Test func `a redirected way asks the host bridge too`() {
    var bench = PeerBench.good(acs: [0x1d])
    bench.inventory.processors.vendor = "GenuineIntel"
    #expect(bench.pair("43:00.0", "44:00.0").ownVerdict == .blocked)
    #expect(bench.pair("45:00.0", "44:00.0").ownVerdict == .direct)
  }
}
