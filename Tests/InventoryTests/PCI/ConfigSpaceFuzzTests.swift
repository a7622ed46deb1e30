import TestSupport
import Testing

@testable import Inventory

/// Bytes nobody meant: nothing crashes, nothing impossible comes out.
@Suite(.seeded) struct ConfigSpaceFuzzTests {
  /// Changes some bytes, most of them where the lists are.
  static func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.pick(1...12) {
      let area = random.pick([0..<64, 0x40..<256, 0x100..<0x320, 0..<bytes.count])
      guard let offset = area.clamped(to: 0..<bytes.count).randomElement(using: &random)
      else { continue }
      switch random.pick(0..<4) {
      case 0: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[offset] = random.pick([0, 0xff, 0x40, 0xfc, 0x34])
      default: bytes[offset] = .random(in: 0...255, using: &random)
      }
    }
    return bytes
  }

  static func checkPossible(_ bytes: [UInt8]) {
    let space = ConfigSpace(bytes)
    #expect(space.standard.count <= 48 && space.extended.count <= 960)
    #expect(space.standard.allSatisfy { $0.offset >= 0x40 && $0.offset + 2 <= bytes.count })
    #expect(space.extended.allSatisfy { $0.offset >= 0x100 && $0.offset + 4 <= bytes.count })
    #expect(Set(space.standard.map(\.offset)).count == space.standard.count)
    #expect(Set(space.extended.map(\.offset)).count == space.extended.count)
    if let express = value(space.express) {
      let sizes: Set = [128, 256, 512, 1024, 2048, 4096]
      #expect(sizes.contains(express.maxPayloadBytes))
      #expect(sizes.contains(express.maxPayloadSupportedBytes))
      #expect(sizes.contains(express.maxReadRequestBytes))
      for rate in [express.linkCapability, express.linkStatus].compactMap({ $0 }) {
        #expect([2.5, 5, 8, 16, 32, 64].contains(rate.gigatransfersPerSecond))
        #expect([1, 2, 4, 8, 12, 16, 32].contains(rate.width))
      }
    }
    if let vectors = value(space.vectors) {
      #expect((1...32).contains(vectors.msi ?? 1) && (1...2048).contains(vectors.msix ?? 1))
    }
    for bar in value(space.resizableBars) ?? [] {
      #expect((0...5).contains(bar.index))
      #expect(
        (bar.possibleSizesBytes + [bar.setSizeBytes ?? 1 << 20])
          .allSatisfy { $0 >= 1 << 20 && $0.nonzeroBitCount == 1 })
    }
    _ = (space.acs, space.advancedErrors, space.singleRootIO)
    if let range = ConfigSpace.serialNumberRange(in: bytes) {
      #expect(range.upperBound <= bytes.count && range.count <= 8)
    }
  }

  @Test func mutatedSpaces() {
    var random = SeededGenerator()
    for round in 0..<1500 {
      let seed = ConfigSpaceBuilder.rich(bridge: round % 2 == 0).bytes
      Self.checkPossible(Self.mutate(seed, &random))
    }
  }

  @Test func randomSpaces() {
    var random = SeededGenerator()
    for _ in 0..<150 {
      var bytes = random.bytes(random.pick([64, 256, 4096]))
      bytes[0x06] |= 0x10
      Self.checkPossible(bytes)
    }
  }

  @Test func everyLength() {
    let bytes = ConfigSpaceBuilder.rich().bytes
    let whole = ConfigSpace(bytes)
    // Past 0x320 there are only zeros.
    for size in 0...0x320 {
      let cut = Array(bytes.prefix(size))
      Self.checkPossible(cut)
      let space = ConfigSpace(cut)
      // What a part of the space tells is what the whole one tells: cut off is never different.
      #expect(whole.standard.starts(with: space.standard))
      #expect(whole.extended.starts(with: space.extended))
      #expect(value(space.express) == nil || value(space.express) == value(whole.express))
      #expect(value(space.acs) == nil || value(space.acs) == value(whole.acs))
      #expect(value(space.vectors) == nil || value(space.vectors) == value(whole.vectors))
      #expect(
        value(space.resizableBars) == nil
          || value(space.resizableBars) == value(whole.resizableBars))
      // And nothing that is there is ever called absent.
      #expect(!isAbsent(space.express) && !isAbsent(space.acs) && !isAbsent(space.vectors))
      #expect(!isAbsent(space.resizableBars))
    }
  }
}
