import Testing

@testable import LoadKernels

@Suite struct SMapsTests {
  static let text = Array(
    """
    55d000400000-55d000402000 r-xp 00002000 fe:00 1573 /usr/bin/true
    Size:                  8 kB
    AnonHugePages:         0 kB
    VmFlags: rd ex mr mw me
    7f1200000000-7f1200800000 rw-p 00000000 00:00 0
    Size:               8192 kB
    KernelPageSize:        4 kB
    Rss:                8192 kB
    AnonHugePages:      6144 kB
    VmFlags: rd wr mr mw me ac hg
    7f1300000000-7f1300200000 rw-p 00000000 00:00 0
    Size:               2048 kB

    """.utf8)

  @Test func shareOfTheMapping() {
    #expect(SMaps.hugeShare(in: Self.text, start: 0x7f12_0000_0000) == 0.75)
    #expect(SMaps.hugeShare(in: Self.text, start: 0x55d0_0040_0000) == 0)
  }

  @Test func unknownIsNotZero() {
    // Not there, inside a mapping, a field missing, nothing at all.
    #expect(SMaps.hugeShare(in: Self.text, start: 0x7f12_0000_1000) == nil)
    #expect(SMaps.hugeShare(in: Self.text, start: 0x1000) == nil)
    #expect(SMaps.hugeShare(in: Self.text, start: 0x7f13_0000_0000) == nil)
    #expect(SMaps.hugeShare(in: [], start: 0) == nil)
  }
}
