internal import CNUMA

/// The NUMA library's (libnuma's) answers about the running machine.
///
/// The library reads the same sysfs files as tinybox, in its own code, so it is a second opinion on
/// distances; and it asks the kernel what memory this process may use.
package enum NUMALibrary {
  /// Whether the kernel has NUMA memory policies and lets this process ask for them. Every other
  /// call of the library is undefined without.
  package static var isAvailable: Bool { numa_available() >= 0 }

  /// Ids of the nodes this process may allocate on (get_mempolicy(2), MPOL_F_MEMS_ALLOWED).
  package static var allowedNodes: [Int] {
    guard isAvailable, let mask = unsafe tbx_numa_nodes_allowed() else { return [] }
    defer { unsafe numa_bitmask_free(mask) }
    let size = unsafe min(mask.pointee.size, 1 << 20)
    return (0..<UInt32(size)).filter { unsafe numa_bitmask_isbitset(mask, $0) != 0 }.map(Int.init)
  }

  /// The distance between two nodes, 10 being local; nil when the library does not know.
  package static func distance(_ from: Int, _ to: Int) -> Int? {
    guard isAvailable, let from = Int32(exactly: from), let to = Int32(exactly: to) else {
      return nil
    }
    let value = numa_distance(from, to)
    return value > 0 ? Int(value) : nil
  }
}
