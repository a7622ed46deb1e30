package import Base

/// How many interrupts land where their device is.
public enum InterruptLocality {
  /// Sums over some interrupts.
  public struct Share: Hashable, Sendable {
    /// Interrupts handled so far by CPUs of the node.
    public var handledOnNode = 0
    /// Interrupts handled so far by any CPU.
    public var handled = 0
    /// Interrupt numbers whose effective affinity lies inside the node.
    public var placedOnNode = 0
    /// Interrupt numbers whose effective affinity is known and not empty.
    public var placed = 0

    /// Nothing counted.
    package init() {}

    /// Adds another share.
    package mutating func add(_ other: Share) {
      handledOnNode &+= other.handledOnNode
      handled &+= other.handled
      placedOnNode &+= other.placedOnNode
      placed &+= other.placed
    }
  }

  /// The share of interrupts of one node that its CPUs handled so far, and how many are set to be
  /// delivered there. Counts are since boot: a moved interrupt keeps those of its former CPU.
  package static func share(of interrupts: some Sequence<Interrupt>, cpus: NumberSet) -> Share {
    var share = Share()
    for interrupt in interrupts {
      for (cpu, count) in interrupt.counts {
        share.handled &+= count
        if cpus.contains(cpu) { share.handledOnNode &+= count }
      }
      // On x86 one CPU of the affinity gets them all; without the effective one, the wish counts.
      guard let target = interrupt.effectiveAffinity ?? interrupt.affinity, !target.isEmpty
      else { continue }
      share.placed += 1
      if target.isSubset(of: cpus) { share.placedOnNode += 1 }
    }
    return share
  }

  /// The same over interrupts of several nodes, each judged by its own. Interrupts of devices
  /// without a node, or of a node without CPUs, count nowhere.
  package static func share(
    of interrupts: some Sequence<Interrupt>, nodes: [Int: NumberSet]
  ) -> Share {
    var share = Share()
    for interrupt in interrupts {
      guard let node = interrupt.numaNode, let cpus = nodes[node], !cpus.isEmpty else { continue }
      share.add(self.share(of: CollectionOfOne(interrupt), cpus: cpus))
    }
    return share
  }
}
