internal import Base
internal import CAccelerators

/// Host memory of one NUMA node, touched, with data that can be checked. Ends with this value.
@safe
package final class HostMemory {
  /// Where it is.
  let address: UnsafeMutableRawPointer
  /// Its size, bytes.
  package let bytes: Int
  /// The only node its pages come from; nil for any.
  package let node: Int?

  /// Maps memory.
  /// - Parameter bytes: a multiple of 4096. The node must have them free: the kernel ends processes where
  ///   a bound node runs out.
  package init(bytes: Int, node: Int?) throws(CopyError) {
    guard let address = unsafe tbx_host_map(bytes, Int32(clamping: node ?? -1)) else {
      throw .memory(Errno.last, node: node)
    }
    unsafe self.address = address
    self.bytes = bytes
    self.node = node
  }

  deinit { unsafe tbx_host_unmap(address, bytes) }

  /// How many of some of its pages are on its node, and how many were looked at (move_pages(2)).
  package func pagesOnNode() throws(CopyError) -> (found: Int, sampled: Int) {
    guard let node else { return (0, 0) }
    var sampled: Int32 = 0
    let found = unsafe tbx_host_pages_on(address, bytes, Int32(clamping: node), &sampled)
    if found < 0 { throw .memory(Errno.last, node: node) }
    return (Int(found), Int(sampled))
  }

  /// Fills it with numbers that depend on the place and on a seed.
  package func fill(seed: UInt64) { unsafe tbx_pattern_fill(address, bytes, seed) }

  /// Offset of the first data that is not as `fill` left it; nil when all are.
  package func firstDifference(seed: UInt64) -> Int? {
    let offset = unsafe tbx_pattern_check(address, bytes, seed)
    return offset < 0 ? nil : Int(offset)
  }

  /// Whether another one of the same size holds the same.
  package func isEqual(to other: HostMemory) -> Bool {
    unsafe bytes == other.bytes && tbx_host_equal(address, other.address, bytes) != 0
  }
}
