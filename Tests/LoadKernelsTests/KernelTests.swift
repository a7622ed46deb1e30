import CLoadKernels
import Testing

@testable import LoadKernels

@Suite struct KernelTests {
  static let bytes = Int(TBX_KERNEL_STEP) * 4

  /// Three arrays of some slices, aligned to lines.
  final class Arrays {
    let memory: UnsafeMutableRawPointer
    init() {
      memory = .allocate(byteCount: 3 * KernelTests.bytes, alignment: 64)
      first = tbx_fill(b, c, 12_345, KernelTests.bytes)
    }
    deinit { memory.deallocate() }
    var a: UnsafeMutablePointer<Double> { memory.assumingMemoryBound(to: Double.self) }
    var b: UnsafeMutablePointer<Double> { a + KernelTests.bytes / 8 }
    var c: UnsafeMutablePointer<Double> { a + KernelTests.bytes / 4 }
    var first: UInt64 = 0
  }

  /// The same in Swift, without the project's own functions.
  static func expected(_ operation: MemoryOperation, _ b: Double, _ c: Double) -> Double {
    switch operation {
    case .copy: b
    case .scale: 7 * b
    case .add: b + c
    case .triad: b + 7 * c
    case .read, .write: 7
    }
  }

  @Test(arguments: MemoryVariant.available) func everyElementIsRight(_ variant: MemoryVariant) {
    let arrays = Arrays()
    var count = 0
    let kernel = tbx_kernels(&count)[variant.index]
    tbx_poison(arrays.a, Self.bytes)
    let sum = kernel.run(arrays.a, arrays.b, arrays.c, 7, Self.bytes)
    let elements = 0..<Self.bytes / 8
    if variant.operation == .read {
      #expect(sum == elements.reduce(0) { $0 &+ arrays.b[$1].bitPattern })
      #expect(sum == arrays.first)
    } else {
      let wrong = elements.filter {
        arrays.a[$0] != Self.expected(variant.operation, arrays.b[$0], arrays.c[$0])
      }
      #expect(wrong.isEmpty)
      #expect(tbx_wrong(arrays.a, variant.operation.code, 7, 12_345, Self.bytes, 0, 0) == 0)
    }
  }

  @Test func filledValuesAreKnownAnywhere() {
    let (arrays, other) = (Arrays(), Arrays())
    // The second half alone, as its own slice.
    let half = Self.bytes / 2
    _ = tbx_fill(other.b, other.c, 12_345 + half / 8, half)
    for i in 0..<half / 8 {
      #expect(other.b[i] == arrays.b[half / 8 + i] && other.c[i] == arrays.c[half / 8 + i])
    }
  }

  @Test(arguments: [0, 1, 100, KernelTests.bytes / 8 - 1]) func wrongElementIsFound(_ index: Int) {
    let arrays = Arrays()
    for i in 0..<Self.bytes / 8 { arrays.a[i] = arrays.b[i] }
    #expect(tbx_wrong(arrays.a, TBX_COPY, 7, 12_345, Self.bytes, 0, 0) == 0)
    #expect(tbx_wrong(arrays.a, TBX_COPY, 7, 12_345, Self.bytes, 8, 1) == 0)
    // A bit of the last place, as memory that fails would have it.
    arrays.a[index] = Double(bitPattern: arrays.a[index].bitPattern ^ 1)
    #expect(tbx_wrong(arrays.a, TBX_COPY, 7, 12_345, Self.bytes, 0, 0) == 1)
    if index == 0 || index == Self.bytes / 8 - 1 {
      #expect(tbx_wrong(arrays.a, TBX_COPY, 7, 12_345, Self.bytes, 8, 1) >= 1)
    }
    // A slice from another place.
    #expect(tbx_wrong(arrays.a, TBX_COPY, 7, 12_346, Self.bytes, 0, 0) > Self.bytes / 8 - 20)
  }

  #if arch(x86_64)
    // Leaf 1 ECX, leaf 7 EBX and XCR0 of made-up CPUs and kernels.
    @Test(arguments: [
      // qemu64: no AVX at all.
      (0x8000_2001, 0, 0, TBX_SSE2),
      // AVX2, FMA and a kernel that keeps the registers.
      (0x1800_1000, 0x20, 0x7, TBX_SSE2 | TBX_AVX2),
      // The same, but the kernel keeps no YMM registers (`noxsave`, or an old one).
      (0x1000_1000, 0x20, 0x0, TBX_SSE2), (0x1800_1000, 0x20, 0x3, TBX_SSE2),
      // AVX2 without FMA; AVX without AVX2.
      (0x1800_0000, 0x20, 0x7, TBX_SSE2), (0x1800_1000, 0x0, 0x7, TBX_SSE2),
      // AVX-512, with and without its registers.
      (0x1800_1000, 0x1_0020, 0xe7, TBX_SSE2 | TBX_AVX2 | TBX_AVX512F),
      (0x1800_1000, 0x1_0020, 0x27, TBX_SSE2 | TBX_AVX2),
    ]) func instructions(_ leaf1: UInt32, _ leaf7: UInt32, _ xcr0: UInt64, _ found: Int) {
      #expect(Int(tbx_instructions_from(leaf1, leaf7, xcr0)) == found)
    }

    @Test func variantsFollowInstructions() {
      let sse2 = MemoryVariant.variants(of: Int32(TBX_SSE2))
      #expect(Set(sse2.map(\.operation)) == Set(MemoryOperation.allCases))
      #expect(sse2.allSatisfy { $0.name.hasPrefix("sse2") })
      let all = MemoryVariant.variants(of: Int32(TBX_SSE2 | TBX_AVX2 | TBX_AVX512F))
      #expect(all.count == 3 * sse2.count)
      #expect(Set(all.map { "\($0.operation) \($0.name)" }).count == all.count)
    }
  #endif

  @Test func busBytes() throws {
    for variant in MemoryVariant.available where !variant.name.hasPrefix("portable") {
      let factor = try #require(variant.busBytesPerCountedByte)
      switch (variant.operation, variant.isNontemporal) {
      case (_, true), (.read, _): #expect(factor == 1)
      case (.copy, _), (.scale, _): #expect(factor == 1.5)
      case (.add, _), (.triad, _): #expect(factor == 4.0 / 3)
      case (.write, _): #expect(factor == 2)
      }
    }
  }
}
