internal import CLoadKernels

/// What a memory kernel does with arrays of 64-bit floating-point numbers; the first four are STREAM's (J. D.
/// McCalpin, "Memory Bandwidth and Machine Balance in Current High Performance Computers", 1995).
package enum MemoryOperation: String, CaseIterable, Codable, Sendable {
  /// `a = b`
  case copy
  /// `a = scalar * b`
  case scale
  /// `a = b + c`
  case add
  /// `a = b + scalar * c`
  case triad
  /// The sum of `b`.
  case read
  /// `a = scalar`
  case write

  /// Arrays that it reads or writes: the bytes that are counted, as STREAM counts, are so many for
  /// each byte of an array.
  package var arrays: Int {
    switch self {
    case .copy, .scale: 2
    case .add, .triad: 3
    case .read, .write: 1
    }
  }

  var code: tbx_operation {
    switch self {
    case .copy: TBX_COPY
    case .scale: TBX_SCALE
    case .add: TBX_ADD
    case .triad: TBX_TRIAD
    case .read: TBX_READ
    case .write: TBX_WRITE
    }
  }
}

/// One way to do an operation: with which instructions, and whether its stores bypass the caches.
package struct MemoryVariant: Hashable, Sendable {
  /// What it does.
  package let operation: MemoryOperation
  /// Its name, such as `avx2-nontemporal`, `sse2` or `avx512f-4pages`.
  package let name: String
  /// Whether its stores bypass the caches (MOVNTPD), so that no line is read before it is written.
  package let isNontemporal: Bool
  /// Whether it is known what its stores do on the bus; not for what the compiler made.
  private let isPortable: Bool
  /// Its place in the table of kernels.
  let index: Int

  /// Bytes on the memory bus for each byte that is counted: an ordinary store reads the line first,
  /// which is not counted. nil where that is not known. A CPU that recognises that a
  /// whole line is written moves less.
  package var busBytesPerCountedByte: Double? {
    if isPortable, operation != .read { return nil }
    let reads = operation == .read || isNontemporal ? 0 : 1
    return Double(operation.arrays + reads) / Double(operation.arrays)
  }

  /// The variants that this CPU can run, and the kernel keeps the registers of (XGETBV).
  package static let available: [MemoryVariant] = variants(of: tbx_instructions())

  /// The variants for a set of instruction sets, as bits of `tbx_instructions`.
  static func variants(of instructions: Int32) -> [MemoryVariant] {
    var count = 0
    let kernels = unsafe tbx_kernels(&count)
    return (0..<count).compactMap { index in
      let kernel = unsafe kernels[index]
      let code = unsafe kernel.operation
      guard unsafe kernel.instructions & instructions != 0,
        let operation = MemoryOperation.allCases.first(where: { $0.code == code })
      else { return nil }
      return unsafe MemoryVariant(
        operation: operation, name: String(cString: kernel.variant),
        isNontemporal: kernel.nontemporal != 0,
        isPortable: kernel.instructions == Int32(TBX_PORTABLE), index: index)
    }
  }
}
