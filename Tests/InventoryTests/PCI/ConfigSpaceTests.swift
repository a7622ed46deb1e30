import Testing

@testable import Inventory

/// The value of a fact that is known.
func value<Value>(_ fact: ConfigSpace.Fact<Value>) -> Value? {
  if case .known(let value) = fact { value } else { nil }
}

/// The reason of a fact that is unknown.
func reason<Value>(_ fact: ConfigSpace.Fact<Value>) -> String? {
  if case .unknown(let reason) = fact { reason } else { nil }
}

func isAbsent<Value>(_ fact: ConfigSpace.Fact<Value>) -> Bool {
  if case .absent = fact { true } else { false }
}

@Suite struct ConfigSpaceTests {
  @Test func readsEveryCapability() throws {
    let space = ConfigSpace(ConfigSpaceBuilder.rich(bridge: true).bytes)
    #expect(space.standard.map(\.id) == [0x01, 0x05, 0x10, 0x11])
    #expect(space.standard.map(\.offset) == [0x40, 0x50, 0x60, 0xa0])
    #expect(space.extended.map(\.id) == [0x01, 0x03, 0x15, 0x0d, 0x10])
    #expect(space.extended.map(\.offset) == [0x100, 0x150, 0x200, 0x2a0, 0x300])
    #expect(space.standardGap == nil && space.extendedGap == nil)
    let express = try #require(value(space.express))
    #expect(express.portType == .switchDownstream)
    #expect(express.maxPayloadSupportedBytes == 512)
    #expect(express.maxPayloadBytes == 256)
    #expect(express.maxReadRequestBytes == 512)
    #expect(express.relaxedOrdering && express.extendedTag)
    #expect(express.linkCapability == PCIeRate(gigatransfersPerSecond: 16, width: 16))
    #expect(express.linkStatus == PCIeRate(gigatransfersPerSecond: 8, width: 8))
    #expect(express.targetGigatransfersPerSecond == 16)
    #expect(express.hardwareAutonomousSpeedDisabled == false)
    #expect(express.linkTraining == false && express.atomicRouting == false)
    #expect(value(space.vectors) == ConfigSpace.VectorCounts(msi: 8, msix: 64))
    let acs = try #require(value(space.acs))
    #expect(acs.enabled == ["SrcValid", "ReqRedir", "CmpltRedir", "UpstreamFwd"])
    #expect(value(space.advancedErrors) == 0x100)
    #expect(value(space.singleRootIO) == 0x300)
  }

  @Test func readsResizableBars() throws {
    let bars = try #require(value(ConfigSpace(ConfigSpaceBuilder.rich().bytes).resizableBars))
    #expect(bars.map(\.index) == [0, 2])
    #expect(bars[0].possibleSizesBytes == (28...32).map { 1 << $0 })
    #expect(bars[0].setSizeBytes == 4 << 30)
    #expect(bars[1].possibleSizesBytes == [2 << 20, 4 << 20])
    #expect(bars[1].setSizeBytes == 2 << 20)
  }

  @Test func readsLargeResizableSizesFromTheControlRegister() throws {
    var space = ConfigSpaceBuilder.rich()
    space.put32(0x204, 1 << 31)  // 2^(27+20) is the last size of the capability register.
    // Bits 31:16 go on at 2^(28+20); set to code 43, the largest: 8 EiB. One entry.
    space.put32(0x208, 1 << 31 | 1 << 16 | 43 << 8 | 1 << 5)
    let bars = try #require(value(ConfigSpace(space.bytes).resizableBars))
    #expect(bars.map(\.possibleSizesBytes) == [[1 << 47, 1 << 48, 1 << 63]])
    #expect(bars[0].setSizeBytes == 1 << 63)
    space.put32(0x208, 44 << 8 | 1 << 5)
    let beyond = try #require(value(ConfigSpace(space.bytes).resizableBars))
    #expect(beyond[0].setSizeBytes == nil)
  }

  @Test func allOnesIsDeadAndNothingElse() {
    for size in [4, 64, 256, 4096] {
      let space = ConfigSpace([UInt8](repeating: 0xff, count: size))
      #expect(space.isDead)
      #expect(space.standard.isEmpty && space.extended.isEmpty)
    }
    #expect(!ConfigSpace([]).isDead)
    // A virtual function answers ones for its ids alone.
    var virtual = ConfigSpaceBuilder.rich()
    virtual.put32(0x00, 0xffff_ffff)
    let space = ConfigSpace(virtual.bytes)
    #expect(!space.isDead && space.vendorID == nil && space.deviceID == nil)
    #expect(space.standard.count == 4)
  }

  @Test func withoutStatusBitThereIsNoList() {
    var space = ConfigSpaceBuilder.rich()
    space.bytes[0x06] &= ~0x10
    for size in [64, 256, 4096] {
      let read = ConfigSpace(Array(space.bytes.prefix(size)))
      #expect(read.standard.isEmpty && read.extended.isEmpty)
      // The 64 bytes say it all: no capability, so nothing is unknown.
      #expect(isAbsent(read.express) && isAbsent(read.acs) && isAbsent(read.vectors))
      #expect(isAbsent(read.resizableBars))
    }
  }

  @Test func cardBusKeepsItsPointerElsewhere() {
    var space = ConfigSpaceBuilder(size: 256)
    space.bytes[0x0e] = 0x82  // Header type 2, several functions.
    space.bytes[0x06] = 0x10
    space.bytes[0x34] = 0x60
    space.bytes[0x14] = 0x80
    space.bytes[0x80] = 0x01
    #expect(ConfigSpace(space.bytes).standard == [.init(id: 1, offset: 0x80)])
  }

  @Test(arguments: [0, 1, 4, 16, 32, 64])
  func shortReadIsTruncated(size: Int) {
    let space = ConfigSpace(Array(ConfigSpaceBuilder.rich().bytes.prefix(size)))
    let expected = "config truncated at \(size) bytes"
    #expect(reason(space.express) == expected)
    #expect(reason(space.vectors) == expected)
    #expect(reason(space.acs) == expected)
    #expect(reason(space.resizableBars) == expected)
  }

  @Test func extendedSpaceIsTruncatedOnlyWithPCIExpress() {
    let cut = ConfigSpace(Array(ConfigSpaceBuilder.rich().bytes.prefix(256)))
    #expect(value(cut.express) != nil && value(cut.vectors) != nil)
    #expect(reason(cut.acs) == "config truncated at 256 bytes")
    // Conventional PCI: 256 bytes are all there is.
    var conventional = ConfigSpaceBuilder(size: 256)
    conventional.standard(0x01, at: 0x40)
    let space = ConfigSpace(conventional.bytes)
    #expect(isAbsent(space.express) && isAbsent(space.acs) && isAbsent(space.resizableBars))
  }

  @Test func unreachableExtendedSpaceIsUnknown() {
    var space = ConfigSpaceBuilder.rich()
    for offset in 0x100..<0x1000 { space.bytes[offset] = 0xff }
    #expect(reason(ConfigSpace(space.bytes).acs) == "extended config space reads all ones")
    for offset in 0x100..<0x1000 { space.bytes[offset] = 0 }
    #expect(isAbsent(ConfigSpace(space.bytes).acs))
  }

  @Test func loopsEnd() {
    var space = ConfigSpaceBuilder.rich()
    space.bytes[0xa1] = 0x40  // The last standard capability leads to the first.
    space.put16(0x302, 0x100 << 4 | 1)  // The last extended one, too.
    let read = ConfigSpace(space.bytes)
    #expect(read.standard.count == 4 && read.extended.count == 5)
    space.bytes[0x41] = 0x40  // To itself.
    #expect(ConfigSpace(space.bytes).standard.count == 1)
  }

  @Test func pointersIntoTheHeaderEndTheList() {
    var space = ConfigSpaceBuilder.rich()
    space.bytes[0x51] = 0x3c
    #expect(ConfigSpace(space.bytes).standard.map(\.id) == [0x01, 0x05])
    space = .rich()
    space.put16(0x152, 0x0fc << 4 | 1)
    #expect(ConfigSpace(space.bytes).extended.map(\.id) == [0x01, 0x03])
  }

  @Test func capabilityAtTheEndIsUnknown() {
    var space = ConfigSpaceBuilder()
    space.standard(0x10, at: 0xfc)  // PCI Express cannot reach past byte 255.
    space.put16(0xfe, 0x0042)
    #expect(reason(ConfigSpace(space.bytes).express) == "capability runs past the end of its space")
    space = .rich()
    space.put16(0x302, 0xffc << 4 | 1)
    space.put16(0xffc, 0x000d)
    space.put16(0x2a0, 0x0019)  // No other ACS.
    #expect(reason(ConfigSpace(space.bytes).acs) == "capability runs past the end of its space")
  }

  @Test func reservedCodesAreNotSizes() {
    var space = ConfigSpaceBuilder.rich()
    space.put32(0x64, 7)
    #expect(reason(ConfigSpace(space.bytes).express)?.contains("reserved") == true)
  }

  @Test func linkThatIsDownHasNoRate() throws {
    var space = ConfigSpaceBuilder.rich()
    space.put16(0x72, 1)  // Width 0.
    #expect(try #require(value(ConfigSpace(space.bytes).express)).linkStatus == nil)
    space.put16(0x72, 63 << 4 | 15)  // What a port that is gone answers.
    #expect(try #require(value(ConfigSpace(space.bytes).express)).linkStatus == nil)
  }

  @Test(arguments: [
    // LnkCap code, LnkCap2 vector (bits 7:1), expected speed.
    (4 as UInt32, 0x0 as UInt32, 16.0 as Double?),  // Before version 3: LnkCap alone.
    (4, 0x1e, 16), (5, 0x1e, 16), (3, 0x3e, 8), (0, 0x06, 5), (0, 0, nil),
    (7, 0xfe, nil),  // A speed without a name here is unknown, not the next lower one.
  ])
  func speedVectorLimitsSpeed(code: UInt32, vector: UInt32, speed: Double?) throws {
    var space = ConfigSpaceBuilder.rich()
    space.put32(0x6c, 4 << 4 | code)
    space.put32(0x8c, vector)
    let express = try #require(value(ConfigSpace(space.bytes).express))
    #expect(express.linkCapability?.gigatransfersPerSecond == speed)
  }

  @Test func versionOneHasNoSecondRegisters() throws {
    var space = ConfigSpaceBuilder.rich()
    space.put16(0x62, 0x0001)
    space.put32(0x84, 0xffff_ffff)  // Not DevCap2 there.
    let express = try #require(value(ConfigSpace(space.bytes).express))
    #expect(express.atomicRouting == nil && express.targetGigatransfersPerSecond == nil)
    #expect(express.linkCapability?.gigatransfersPerSecond == 16)
  }

  @Test(arguments: [9, 10] as [UInt16])
  func integratedFunctionsHaveNoLink(type: UInt16) throws {
    var space = ConfigSpaceBuilder.rich()
    space.put16(0x62, type << 4 | 2)
    let express = try #require(value(ConfigSpace(space.bytes).express))
    #expect(express.linkCapability == nil && express.linkStatus == nil)
  }

  @Test func serialNumberIsFoundForRedaction() {
    let bytes = ConfigSpaceBuilder.rich().bytes
    #expect(ConfigSpace.serialNumberRange(in: bytes) == 0x154..<0x15c)
    #expect(ConfigSpace.serialNumberRange(in: Array(bytes.prefix(0x158))) == 0x154..<0x158)
    #expect(ConfigSpace.serialNumberRange(in: Array(bytes.prefix(0x154))) == nil)
    #expect(ConfigSpace.serialNumberRange(in: Array(bytes.prefix(256))) == nil)
  }
}
