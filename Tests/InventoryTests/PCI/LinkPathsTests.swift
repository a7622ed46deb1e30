import Base
import Testing

@testable import Inventory

@Suite struct LinkPathsTests {
  typealias Rate = PCIeRate

  static func rate(_ speed: Double, _ width: Int) -> Rate {
    Rate(gigatransfersPerSecond: speed, width: width)
  }

  /// A function as sysfs alone tells it.
  static func function(
    _ address: String, below parent: String? = nil, bridge: Bool = false, vendor: UInt16 = 0x1022,
    current: Rate? = rate(16, 16), maximum: Rate? = rate(16, 16), hasLink: Bool = true
  ) throws -> PCIFunction {
    var function = PCIFunction(address: try #require(PCIAddress(address)))
    function.parent = try parent.map { try #require(PCIAddress($0)) }
    function.identity.vendorID = vendor
    function.identity.classCode = bridge ? 0x060400 : 0x030000
    if hasLink { function.link = PCIeLinkState(current: current, maximum: maximum) }
    return function
  }

  /// The same with the capability of configuration space.
  static func function(
    _ address: String, below parent: String? = nil, type: PCIeCapability.PortType,
    capability: Rate?, status: Rate?, vendor: UInt16 = 0x1022
  ) throws -> PCIFunction {
    let bridges: Set<PCIeCapability.PortType> = [.rootPort, .switchUpstream, .switchDownstream]
    var function = try function(
      address, below: parent, bridge: bridges.contains(type), vendor: vendor, hasLink: false)
    var express = PCIeCapability(
      portType: type, maxPayloadSupportedBytes: 512, maxPayloadBytes: 256,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    express.linkCapability = capability
    express.linkStatus = status
    function.express = express
    return function
  }

  /// The path of the last function.
  static func path(_ functions: [PCIFunction]) throws -> PCIePath? {
    var functions = functions
    var index: [PCIAddress: Int] = [:]
    for (position, function) in functions.enumerated() { index[function.address] = position }
    LinkPaths.fill(&functions, index: index)
    #expect(functions.dropLast().allSatisfy { !$0.isBridge || $0.path == nil })
    return try #require(functions.last).path
  }

  @Test func functionOnARootBusHasNoPath() throws {
    #expect(try Self.path([Self.function("00:01.0")]) == nil)
  }

  @Test func fullLink() throws {
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true),
        Self.function("21:00.0", below: "20:00.0"),
      ]))
    #expect(path.hops.count == 1)
    #expect(path.hops[0].verdict == .full && path.hops[0].limitedBy == .both)
    #expect(path.hops[0].note == nil)
    #expect(path.bottleneck == 0 && path.slotLink == 0 && path.isDegraded == false)
  }

  @Test(arguments: [
    (rate(8, 16), rate(16, 16), PCIeHop.Limit.port), (rate(16, 16), rate(8, 16), .device),
    (rate(16, 4), rate(16, 16), .port), (rate(8, 16), rate(16, 4), .both),
  ])
  func possibleIsTheLesserOfBothEnds(port: Rate, device: Rate, limit: PCIeHop.Limit) throws {
    let possible = Self.rate(
      min(port.gigatransfersPerSecond, device.gigatransfersPerSecond),
      min(port.width, device.width))
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true, current: possible, maximum: port),
        Self.function("21:00.0", below: "20:00.0", current: possible, maximum: device),
      ]))
    #expect(path.hops[0].possible == possible)
    #expect(path.hops[0].limitedBy == limit)
    #expect(path.hops[0].verdict == .full)
  }

  @Test func belowInSpeedOrWidth() throws {
    for current in [Self.rate(8, 16), Self.rate(16, 8)] {
      let path = try #require(
        try Self.path([
          Self.function("20:00.0", bridge: true, current: current),
          Self.function("21:00.0", below: "20:00.0", current: current),
        ]))
      #expect(path.hops[0].verdict == .below && path.isDegraded == true)
    }
  }

  @Test func disagreeingEndsTellNothing() throws {
    var functions = [
      try Self.function("20:00.0", bridge: true, current: Self.rate(8, 16)),
      try Self.function("21:00.0", below: "20:00.0", current: Self.rate(16, 16)),
    ]
    let index = [functions[0].address: 0, functions[1].address: 1]
    let again = LinkPaths.fill(&functions, index: index)
    #expect(again.map(\.port) == [0] && again.map(\.device) == [1])
    let path = try #require(functions[1].path)
    #expect(path.hops[0].verdict == .unknown && path.hops[0].current == nil)
    #expect(path.hops[0].note == "ends disagree: port 8 GT/s x16, device 16 GT/s x16")
    #expect(path.isDegraded == nil && path.bottleneck == nil)
  }

  @Test(arguments: [true, false])
  func insideOfASwitchIsNoLink(withConfig: Bool) throws {
    let chain: [PCIFunction]
    let fast = Self.rate(16, 16)
    let slow = Self.rate(8, 8)
    if withConfig {
      chain = [
        try Self.function("20:00.0", type: .rootPort, capability: slow, status: slow),
        try Self.function(
          "21:00.0", below: "20:00.0", type: .switchUpstream, capability: fast, status: slow,
          vendor: 0x1000),
        try Self.function(
          "22:00.0", below: "21:00.0", type: .switchDownstream, capability: fast, status: fast,
          vendor: 0x1000),
        try Self.function(
          "23:00.0", below: "22:00.0", type: .endpoint, capability: fast, status: fast),
      ]
    } else {
      chain = [
        try Self.function("20:00.0", bridge: true, current: slow, maximum: slow),
        try Self.function(
          "21:00.0", below: "20:00.0", bridge: true, vendor: 0x1000, current: slow),
        try Self.function("22:00.0", below: "21:00.0", bridge: true, vendor: 0x1000),
        try Self.function("23:00.0", below: "22:00.0"),
      ]
    }
    let path = try #require(try Self.path(chain))
    #expect(path.hops.map(\.port.description) == ["0000:22:00.0", "0000:20:00.0"])
    #expect(path.hops.map(\.device.description) == ["0000:23:00.0", "0000:21:00.0"])
    #expect(path.hops.map(\.verdict) == [.full, .full])
    // The switch's link is the narrow one, and it is at what its ends can do.
    #expect(path.bottleneck == 1 && path.slotLink == 0 && path.isDegraded == false)
    #expect(path.hops[1].limitedBy == .port)
  }

  /// Radeon cards from Vega 20 on: root port, on-card upstream, on-card downstream, GPU.
  static func card(root: UInt16) throws -> [PCIFunction] {
    let slot = rate(8, 8)
    return [
      try function("20:00.0", bridge: true, vendor: root, current: slot),
      try function("21:00.0", below: "20:00.0", bridge: true, vendor: 0x1002, current: slot),
      try function("22:00.0", below: "21:00.0", bridge: true, vendor: 0x1002),
      try function("23:00.0", below: "22:00.0", vendor: 0x1002),
    ]
  }

  /// Intel's cards have such a switch too, whose inner ports show a link of 2.5 GT/s x1 that is none.
  @Test func linkInsideAnIntelCardSaysNothing() throws {
    let none = Self.rate(2.5, 1)
    let slot = Self.rate(16, 16)
    let chain = [
      try Self.function("00:01.1", bridge: true, current: slot, maximum: Self.rate(32, 16)),
      try Self.function("01:00.0", below: "00:01.1", bridge: true, vendor: 0x8086),
      try Self.function(
        "02:01.0", below: "01:00.0", bridge: true, vendor: 0x8086, current: none, maximum: none),
      try Self.function(
        "03:00.0", below: "02:01.0", vendor: 0x8086, current: none, maximum: none),
    ]
    let path = try #require(try Self.path(chain))
    #expect(path.hops.map(\.isInsideCard) == [true, false])
    #expect(path.hops.map(\.isInsideChip) == [true, nil])
    #expect(path.slotLink == 1 && path.bottleneck == 1 && path.isDegraded == false)
    #expect(path.wires.map(\.current) == [slot])
    // Intel's root ports are on a root bus: no part of a card.
    var intel = chain
    intel[0].identity.vendorID = 0x8086
    #expect(try Self.path(intel)?.slotLink == 1)
  }

  /// The card's own switch is one: a second one of its maker's is that of a box around the card.
  @Test func aSecondSwitchIsNotTheCards() throws {
    let chain = [
      try Self.function("00:01.0", bridge: true, vendor: 0x8086),
      try Self.function("01:00.0", below: "00:01.0", bridge: true, vendor: 0x8086),
      try Self.function("02:01.0", below: "01:00.0", bridge: true, vendor: 0x8086),
      try Self.function("03:00.0", below: "02:01.0", bridge: true, vendor: 0x8086),
      try Self.function("04:01.0", below: "03:00.0", bridge: true, vendor: 0x8086),
      try Self.function("05:00.0", below: "04:01.0", vendor: 0x8086),
    ]
    let path = try #require(try Self.path(chain))
    #expect(path.hops.map(\.isInsideCard) == [true, false, false])
    #expect(path.slotLink == 1)
    // An Intel network card has none: the switch above it is a dock's or the board's.
    var nic = chain
    nic[5].identity.classCode = 0x020000
    #expect(try Self.path(nic)?.slotLink == 0)
    // BlueField cards have one.
    for place in 1..<6 { nic[place].identity.vendorID = 0x15b3 }
    #expect(try Self.path(nic)?.slotLink == 1)
  }

  @Test func aGPUInsideTheProcessorHasNoSlotLink() throws {
    let none = Self.rate(2.5, 1)
    let path = try #require(
      try Self.path([
        Self.function(
          "00:00.0", bridge: true, vendor: 0x10de, current: none, maximum: Self.rate(32, 16)),
        Self.function("01:00.0", below: "00:00.0", vendor: 0x10de, current: none, maximum: none),
      ]))
    #expect(path.hops[0].isInsideChip == true && path.slotLink == nil && path.wires.isEmpty)
    #expect(path.bottleneck == nil && path.isDegraded == nil)
  }

  @Test func powerStatesOfALink() throws {
    func states(_ port: [String]?, _ device: [String]?, kernel: [String]?) throws -> [String]? {
      let full = Self.rate(16, 16)
      var functions = [
        try Self.function("20:00.0", type: .rootPort, capability: full, status: full),
        try Self.function(
          "21:00.0", below: "20:00.0", type: .endpoint, capability: full, status: full),
      ]
      functions[0].express?.aspm = port
      functions[1].express?.aspm = device
      functions[1].aspm = kernel
      return try Self.path(functions)?.hops[0].aspm
    }
    #expect(try states(nil, nil, kernel: nil) == nil)
    #expect(try states([], [], kernel: nil) == [])
    // Each end enters L0s by itself; the port refuses an L1 that it may not enter.
    #expect(try states(["L1"], ["L0s"], kernel: nil) == ["L0s"])
    #expect(try states(["L0s", "L1"], ["L1"], kernel: nil) == ["L0s", "L1"])
    #expect(try states(["L1"], [], kernel: nil) == [])
    #expect(try states(nil, ["L1"], kernel: nil) == ["L1"])
    // The kernel's word is the later one, and knows the substates.
    #expect(try states([], [], kernel: ["L1", "L1.2"]) == ["L1", "L1.2"])
  }

  @Test func linkInsideAnAMDCardIsNotTheSlotLink() throws {
    let path = try #require(try Self.path(try Self.card(root: 0x1022)))
    #expect(path.hops.map(\.isInsideCard) == [true, false])
    #expect(path.slotLink == 1 && path.bottleneck == 1 && path.isDegraded == true)
    #expect(path.hops[1].device.description == "0000:21:00.0")
    #expect(path.hops[1].verdict == .below)
  }

  /// Vega's bridges have AMD's other id.
  @Test(arguments: [(UInt16(0x1471), true), (0x1483, false)])
  func bridgesOfVega(device: UInt16, isInside: Bool) throws {
    var chain = try Self.card(root: 0x1022)
    for place in 1...2 {
      chain[place].identity.vendorID = 0x1022
      chain[place].identity.deviceID = device
    }
    #expect(try Self.path(chain)?.hops.map(\.isInsideCard) == [isInside, false])
    // No part of another maker's card.
    chain[3].identity.vendorID = 0x10de
    #expect(try Self.path(chain)?.slotLink == 0)
  }

  @Test func onlyAMDBridgesUpToTheRoot() throws {
    let path = try #require(try Self.path(try Self.card(root: 0x1002)))
    #expect(path.slotLink == 1)
    // A bridge on a root bus is on no card.
    #expect(path.hops.map(\.isInsideCard) == [true, false])
  }

  @Test func bridgesOfOtherMakersAreNoCard() throws {
    var chain = try Self.card(root: 0x1022)
    chain[3].identity.vendorID = 0x10de
    let path = try #require(try Self.path(chain))
    #expect(path.hops.map(\.isInsideCard) == [false, false] && path.slotLink == 0)
  }

  @Test func conventionalDeviceIsSeenFromThePort() throws {
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true),
        Self.function("21:00.0", below: "20:00.0", hasLink: false),
      ]))
    #expect(path.hops[0].current == Self.rate(16, 16) && path.hops[0].verdict == .full)
    #expect(path.hops[0].limitedBy == .port)
    #expect(path.hops[0].note?.contains("21:00.0 has no link registers") == true)
  }

  @Test func conventionalBusHasNoLinks() throws {
    #expect(
      try Self.path([
        Self.function("00:1e.0", bridge: true, hasLink: false),
        Self.function("01:00.0", below: "00:1e.0", hasLink: false),
      ]) == nil)
    // Behind a PCI Express to PCI bridge: the link is above the bridge.
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true),
        Self.function(
          "21:00.0", below: "20:00.0", type: .pcieToPCIBridge, capability: Self.rate(2.5, 1),
          status: Self.rate(2.5, 1)),
        Self.function("22:00.0", below: "21:00.0", hasLink: false),
      ]))
    #expect(path.hops.map(\.device.description) == ["0000:21:00.0"])
  }

  @Test(arguments: ["D3cold", "D3hot", "suspended"])
  func sleepingEndTellsNothing(state: String) throws {
    var device = try Self.function("21:00.0", below: "20:00.0", hasLink: false)
    device.powerState = state
    let path = try #require(try Self.path([Self.function("20:00.0", bridge: true), device]))
    #expect(path.hops[0].verdict == .unknown && path.hops[0].current == nil)
    #expect(path.hops[0].note?.contains("0000:21:00.0 is in \(state)") == true)
    #expect(path.isDegraded == nil)
  }

  @Test func softwareCapsAreNamed() throws {
    let fast = Self.rate(16, 16)
    let slow = Self.rate(5, 16)
    var port = try Self.function("20:00.0", type: .rootPort, capability: fast, status: slow)
    port.express?.targetGigatransfersPerSecond = 5
    var device = try Self.function(
      "21:00.0", below: "20:00.0", type: .endpoint, capability: fast, status: slow)
    device.express?.hardwareAutonomousSpeedDisabled = true
    let hop = try #require(try Self.path([port, device])?.hops.first)
    #expect(hop.verdict == .below)
    #expect(
      hop.note == "capped by software: target speed of 0000:20:00.0 is 5 GT/s; "
        + "0000:21:00.0 may not change its speed by itself (HASD)")
  }

  @Test func trainingLinkTellsNothing() throws {
    var port = try Self.function(
      "20:00.0", type: .rootPort, capability: Self.rate(16, 16), status: Self.rate(2.5, 16))
    port.express?.linkTraining = true
    let device = try Self.function(
      "21:00.0", below: "20:00.0", type: .endpoint, capability: Self.rate(16, 16),
      status: Self.rate(2.5, 16))
    let hop = try #require(try Self.path([port, device])?.hops.first)
    #expect(hop.verdict == .unknown && hop.note == "the link is training")
  }

  @Test func unknownSpeedTellsNothing() throws {
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true, current: nil),
        Self.function("21:00.0", below: "20:00.0", current: nil, maximum: nil),
      ]))
    #expect(path.hops[0].verdict == .unknown && path.hops[0].possible == nil)
    #expect(path.hops[0].note?.contains("0000:21:00.0 does not report what it can do") == true)
    #expect(path.bottleneck == nil && path.isDegraded == nil)
  }

  @Test func currentAboveCapabilityIsNotBelow() throws {
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true, maximum: Self.rate(8, 16)),
        Self.function("21:00.0", below: "20:00.0", maximum: Self.rate(8, 16)),
      ]))
    #expect(path.hops[0].verdict == .unknown && path.hops[0].note?.contains("above") == true)
  }

  @Test func oneSlowLinkOfManyIsDegraded() throws {
    // The link further up is unknown: the path is degraded all the same, its bottleneck unknown.
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true, current: nil),
        Self.function("21:00.0", below: "20:00.0", bridge: true, current: nil),
        Self.function("22:00.0", below: "21:00.0", bridge: true, current: Self.rate(2.5, 16)),
        Self.function("23:00.0", below: "22:00.0", current: Self.rate(2.5, 16)),
      ]))
    #expect(path.isDegraded == true && path.bottleneck == nil)
  }

  @Test func virtualFunctionHasThePathOfItsPhysicalOne() throws {
    var virtual = try Self.function(
      "21:10.0", below: "20:00.0", current: nil, maximum: nil)
    virtual.physicalFunction = PCIAddress("21:00.0")
    let path = try #require(
      try Self.path([
        Self.function("20:00.0", bridge: true),
        Self.function("21:00.0", below: "20:00.0"), virtual,
      ]))
    #expect(path.hops.map(\.device.description) == ["0000:21:00.0"])
    virtual.physicalFunction = PCIAddress("7f:00.0")
    #expect(try Self.path([Self.function("20:00.0", bridge: true), virtual]) == nil)
  }

  @Test func parentsThatLeadRoundInCirclesEnd() throws {
    let path = try Self.path([
      Self.function("20:00.0", below: "21:00.0", bridge: true),
      Self.function("21:00.0", below: "20:00.0", bridge: true),
      Self.function("22:00.0", below: "21:00.0"),
    ])
    // What it says does not matter: that it ends does, and that it claims nothing.
    #expect(path?.isDegraded != false && path?.bottleneck == nil)
  }

  @Test func parentThatIsMissingLeavesThePathOpen() throws {
    let path = try #require(
      try Self.path([
        Self.function(
          "22:00.0", below: "21:00.0", type: .switchDownstream, capability: Self.rate(16, 16),
          status: Self.rate(16, 16)),
        Self.function("23:00.0", below: "22:00.0"),
      ]))
    #expect(path.hops.map(\.verdict) == [.full])
    // Nobody knows the links above.
    #expect(path.isDegraded == nil && path.bottleneck == nil)
  }
}
