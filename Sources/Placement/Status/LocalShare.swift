public import Base
package import Inventory

/// How often an interrupt was handled so far.
public struct HandledCount: Codable, Hashable, Sendable {
  /// By all CPUs.
  public var handled: Int
  /// By the CPUs of its device's node.
  public var onNode: Int

  /// The counts of an interrupt.
  package init(handled: Int, onNode: Int) {
    self.handled = handled
    self.onNode = onNode
  }

  /// Of every interrupt of a device with a known node, by the identity of its knob.
  package static func all(in inventory: Inventory) -> [String: HandledCount] {
    counts(inventory).mapValues(\.count)
  }

  /// The same, with the interrupt it is about.
  fileprivate static func counts(
    _ inventory: Inventory
  ) -> [String: (count: HandledCount, interrupt: Interrupt)] {
    let nodes = inventory.memory.cpusByNode
    var interrupts: [Int: Interrupt] = [:]
    for interrupt in inventory.interrupts { interrupts[interrupt.number] = interrupt }
    var counts: [String: (count: HandledCount, interrupt: Interrupt)] = [:]
    for (identity, number) in InterruptNames.numbers(in: inventory) {
      guard let interrupt = interrupts[number], let node = interrupt.numaNode,
        let cpus = nodes[node], !cpus.isEmpty,
        // Without its counts its number is unknown, not zero.
        interrupt.isCounted
      else { continue }
      let share = InterruptLocality.share(of: CollectionOfOne(interrupt), cpus: cpus)
      counts[identity] = (
        HandledCount(handled: share.handled, onNode: share.handledOnNode), interrupt
      )
    }
    return counts
  }
}

/// Where the interrupts of a device were handled since something was placed.
public struct DeviceShare: Codable, Hashable, Sendable {
  /// Its address.
  public var device: PCIAddress
  /// What it is called.
  public var name: String?
  /// Its node.
  public var numaNode: Int
  /// Interrupts handled since.
  public var handled: Int
  /// Those that CPUs of its node handled.
  public var onNode: Int

  /// What came since the counts were taken, by device. An interrupt that was made anew since, and
  /// so counts from 0, counts whole; devices without any interrupt since are left out.
  package static func since(_ before: [String: HandledCount], _ inventory: Inventory)
    -> [DeviceShare]
  {
    var shares: [PCIAddress: DeviceShare] = [:]
    for (identity, entry) in HandledCount.counts(inventory) {
      guard let device = entry.interrupt.device, let node = entry.interrupt.numaNode else {
        continue
      }
      var old = before[identity] ?? HandledCount(handled: 0, onNode: 0)
      if old.handled > entry.count.handled || old.onNode > entry.count.onNode {
        old = HandledCount(handled: 0, onNode: 0)
      }
      var share =
        shares[device]
        ?? DeviceShare(
          device: device, name: entry.interrupt.deviceName, numaNode: node, handled: 0, onNode: 0)
      share.handled += entry.count.handled - old.handled
      share.onNode += entry.count.onNode - old.onNode
      shares[device] = share
    }
    return shares.values.filter { $0.handled > 0 }.sorted { $0.device < $1.device }
  }
}

/// Where the memory of a container lies.
public struct ContainerShare: Codable, Hashable, Sendable {
  /// Its name, or the start of its id.
  public var name: String
  /// The node whose CPUs it runs on.
  public var numaNode: Int
  /// Bytes it has on all nodes (`memory.numa_stat`).
  public var bytes: Int
  /// Bytes it has on its own node.
  public var localBytes: Int

  /// The containers that run on the CPUs of one node and whose memory is known.
  static func all(in inventory: Inventory) -> [ContainerShare] {
    let nodes = inventory.memory.cpusByNode
    if nodes.count < 2 { return [] }
    return inventory.workloads.containers.compactMap { container in
      let group = container.group
      guard let cpus = group.effectiveCPUs, !cpus.isEmpty, !group.memoryByNode.isEmpty,
        let node = nodes.filter({ cpus.isSubset(of: $0.value) }).keys.min()
      else { return nil }
      return ContainerShare(
        name: container.name ?? String(container.id.prefix(12)), numaNode: node,
        bytes: group.memoryByNode.values.reduce(0, +),
        localBytes: group.memoryByNode[node] ?? 0)
    }
  }
}
