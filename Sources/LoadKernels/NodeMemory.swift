package import Base
internal import CLoadKernels
internal import Glibc

/// Memory of this process whose pages come from one memory node, given back when the last reference
/// goes. Threads use parts of it by address; each keeps to its own.
final class NodeMemory: Sendable {
  /// The first address, aligned to 2 MiB.
  let base: UInt
  let bytes: Int
  let binding: MemoryBinding

  /// Maps memory and binds it. No page is there before it is written.
  /// - Parameter node: whose pages; nil for wherever the kernel puts them. MPOL_BIND has no other node
  ///   to fall back on: `bytes` must be free there.
  /// - Throws: `Failure` where there is no room, or no such node with memory. A kernel that has no
  ///   `mbind`, or refuses it to this process, is no failure: `binding` has its errno.
  init(bytes: Int, node: Int?, wantsHugePages: Bool) throws(Failure) {
    guard let memory = unsafe tbx_map(bytes, wantsHugePages ? 1 : 0) else {
      throw Failure("map \(Units.capacity(bytes)) of memory", Errno.last)
    }
    base = UInt(bitPattern: memory)
    self.bytes = bytes
    guard let node else {
      binding = .notAsked
      return
    }
    let failure = unsafe tbx_bind(memory, bytes, UInt32(clamping: node))
    if failure == EINVAL {
      unsafe tbx_unmap(memory, bytes)
      throw Failure(
        "bind memory to node \(node)", because: "no memory node \(node) that this process may use",
        code: .notFound)
    }
    binding = failure == 0 ? .bound(node) : .unknown(node, Errno(failure))
  }

  deinit {
    if let memory = unsafe UnsafeMutableRawPointer(bitPattern: base) {
      unsafe tbx_unmap(memory, bytes)
    }
  }

  /// Asks the kernel where the pages are and of which size.
  /// - Parameter samples: pages that are asked for, spread evenly.
  func pages(samples: Int = 512) -> MemoryPages {
    var pages = MemoryPages(binding: binding, pageBytes: tbx_page_size())
    let count = min(samples, bytes / pages.pageBytes)
    var nodes = [Int32](repeating: 0, count: count)
    guard let memory = unsafe UnsafeMutableRawPointer(bitPattern: base) else { return pages }
    let failure = unsafe tbx_page_nodes(memory, bytes, &nodes, count)
    if failure == 0 { pages.add(nodes) } else { pages.nodesError = Errno(failure) }
    pages.hugeShare = SMaps.read().flatMap { SMaps.hugeShare(in: $0, start: base) }
    return pages
  }
}

/// Whether memory was bound to the node that was asked for.
package enum MemoryBinding: Hashable, Sendable {
  /// No node was asked for.
  case notAsked
  /// The kernel took the policy (MPOL_BIND). Where the pages are, `MemoryPages` says.
  case bound(Int)
  /// It did not: no NUMA, or a filter of system calls. The pages are anywhere.
  case unknown(Int, Errno)

  /// The node that was asked for.
  package var node: Int? {
    switch self {
    case .notAsked: nil
    case .bound(let node), .unknown(let node, _): node
    }
  }
}

/// Where the pages of a load's memory are, and of which size.
package struct MemoryPages: Hashable, Sendable {
  /// Whether they were bound.
  package var binding: MemoryBinding
  /// Bytes of an ordinary page.
  package var pageBytes: Int
  /// The share of the memory in huge pages (AnonHugePages of /proc/self/smaps), 0 to 1; nil when it
  /// could not be read.
  package var hugeShare: Double?
  /// Sampled pages on each node.
  package var pagesOnNode: [Int: Int] = [:]
  /// Sampled pages for which the kernel gave an error instead, such as no page there yet.
  package var unreadable = 0
  /// Why no page could be asked for (move_pages(2)); nil when they could.
  package var nodesError: Errno?

  /// Pages that were asked for with an answer or an error of their own.
  package var sampled: Int { pagesOnNode.values.reduce(unreadable, +) }

  /// The share of the sampled pages that are on the node that was asked for, 0 to 1. nil where no
  /// node was, or the kernel did not say: that is unknown, and no pass.
  package var shareOnNode: Double? {
    guard let node = binding.node, nodesError == nil, sampled > 0 else { return nil }
    return Double(pagesOnNode[node] ?? 0) / Double(sampled)
  }

  /// Counts answers of `move_pages`: nodes, or negative error numbers.
  mutating func add(_ answers: [Int32]) {
    for answer in answers {
      if answer < 0 { unreadable += 1 } else { pagesOnNode[Int(answer), default: 0] += 1 }
    }
  }
}
