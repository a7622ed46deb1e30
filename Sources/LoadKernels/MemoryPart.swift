internal import Base
internal import CLoadKernels

/// One thread's part of the three arrays of a memory load, in slices. `b` and `c` keep known values, so that what a
/// kernel wrote to `a`, or summed, can be checked at any time.
struct MemoryPart: Sendable {
  /// Bytes of a slice of one array. Small enough that most slices run undisturbed (whole arrays
  /// never did on a shared machine), large enough that reading clocks, 2.4 us, costs little.
  static let sliceBytes = 1 << 20

  private let a: UInt
  private let b: UInt
  private let c: UInt
  /// Elements before this part in the arrays.
  private let firstElement: Int
  /// Slices of each array.
  let slices: Int
  /// What a read of each slice must sum to. Filled with the slices.
  private var sums: [UInt64] = []

  /// Distance between the arrays beyond their own size: equal indices of the three then lie in
  /// different sets of the caches. A page and a line.
  static let stagger = 4096 + 64
  /// Bytes of memory that arrays of this size need.
  static func memoryBytes(arrayBytes: Int) -> Int { 3 * arrayBytes + 2 * stagger }

  /// Part `index` of `count` equal ones.
  init(of memory: NodeMemory, arrayBytes: Int, index: Int, count: Int) {
    slices = arrayBytes / MemoryPart.sliceBytes / count
    let offset = index * slices * MemoryPart.sliceBytes
    a = memory.base + UInt(offset)
    b = a + UInt(arrayBytes + MemoryPart.stagger)
    c = b + UInt(arrayBytes + MemoryPart.stagger)
    firstElement = offset / 8
  }

  private func element(of slice: Int) -> Int { firstElement + slice * (MemoryPart.sliceBytes / 8) }

  /// Writes every page, on the thread that asks: so the pages come into being on its node where they
  /// are not bound.
  /// - Returns: false when it was stopped.
  mutating func fill(_ stop: StopFlag) -> Bool {
    sums.reserveCapacity(slices)
    for slice in 0..<slices {
      guard !stop.isStopped, let (a, b, c) = unsafe arrays(slice) else { return false }
      unsafe tbx_poison(a, MemoryPart.sliceBytes)
      unsafe sums.append(tbx_fill(b, c, element(of: slice), MemoryPart.sliceBytes))
    }
    return true
  }

  private func arrays(_ slice: Int) -> (
    UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
  )? {
    let offset = UInt(slice * MemoryPart.sliceBytes)
    guard let a = unsafe UnsafeMutablePointer<Double>(bitPattern: a + offset),
      let b = unsafe UnsafeMutablePointer<Double>(bitPattern: b + offset),
      let c = unsafe UnsafeMutablePointer<Double>(bitPattern: c + offset)
    else { return nil }
    return unsafe (a, b, c)
  }

  /// What a run of a slice was like.
  struct Run: Hashable {
    var timing: Timing
    /// Whether the result was right.
    var isRight: Bool
  }

  /// Runs a kernel over a slice that was filled, and checks its result: the whole sum of a read; of
  /// writes the first element, the last and eight others.
  /// - Parameter scalar: a whole number; another one than last time, so that old results are wrong.
  func run(_ variant: MemoryVariant, slice: Int, scalar: Double) -> Run? {
    guard let (a, b, c) = unsafe arrays(slice) else { return nil }
    var count = 0
    let kernel = unsafe tbx_kernels(&count) + variant.index
    var timing = tbx_timing()
    let sum = unsafe tbx_time_kernel(
      kernel, a, b, c, scalar, MemoryPart.sliceBytes, &timing)
    let isRight =
      if variant.operation == .read {
        sum == sums[slice]
      } else {
        unsafe tbx_wrong(
          a, variant.operation.code, scalar, element(of: slice), MemoryPart.sliceBytes, 8,
          UInt64(bitPattern: timing.start)) == 0
      }
    return Run(timing: Timing(timing), isRight: isRight)
  }

  /// Whether a kernel does what it should with every element of a slice that held no right one before.
  func verify(_ variant: MemoryVariant, slice: Int, scalar: Double) -> Bool {
    guard let (a, b, c) = unsafe arrays(slice) else { return false }
    var count = 0
    let kernel = unsafe tbx_kernels(&count)[variant.index]
    unsafe tbx_poison(a, MemoryPart.sliceBytes)
    let sum = unsafe kernel.run(a, b, c, scalar, MemoryPart.sliceBytes)
    if variant.operation == .read { return sum == sums[slice] }
    return unsafe tbx_wrong(
      a, variant.operation.code, scalar, element(of: slice), MemoryPart.sliceBytes, 0, 0) == 0
  }
}
