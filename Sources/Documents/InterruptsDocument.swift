public import Base
public import Inventory

/// `tinyboxctl interrupts --json`.
public struct InterruptsDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.interrupts/1`.
  public var schema = InterruptsDocument.currentSchema
  package static let currentSchema = "tinybox.interrupts/1"
  /// A summary of each device with interrupts, by address.
  public var devices: [Device]
  /// Every interrupt, by number.
  public var interrupts: [Interrupt]

  /// The interrupts of one device.
  public struct Device: Codable, Hashable, Sendable {
    /// Its address.
    public var address: PCIAddress
    /// Its name in this boot, such as that of its interface.
    public var name: String?
    /// Its NUMA node; absent when it is not known.
    public var numaNode: Int?
    /// How many interrupts it has.
    public var interruptCount: Int
    /// How many of them user space may move.
    public var movableCount: Int
    /// Interrupts handled so far; absent when the counts of one could not be read.
    public var handled: Int?
    /// Interrupts handled so far by CPUs of its own node; absent when they or the node are not known.
    public var handledOnOwnNode: Int?
  }

  /// The document of an inventory, or of one device of it.
  package init(_ inventory: Inventory, of device: PCIAddress? = nil) {
    interrupts =
      device.map { device in inventory.interrupts.filter { $0.device == device } }
      ?? inventory.interrupts
    let cpus = inventory.memory.cpusByNode
    var groups: [PCIAddress: [Interrupt]] = [:]
    for interrupt in interrupts {
      if let device = interrupt.device { groups[device, default: []].append(interrupt) }
    }
    devices = groups.sorted { $0.key < $1.key }.map { address, members in
      let node = members.lazy.compactMap(\.numaNode).first
      let own = node.flatMap { cpus[$0] }
      let isCounted = members.allSatisfy(\.isCounted)
      return Device(
        address: address, name: members.lazy.compactMap(\.deviceName).first, numaNode: node,
        interruptCount: members.count,
        movableCount: members.filter { $0.mobility == .movable }.count,
        handled: isCounted ? members.reduce(0) { $0 &+ $1.total } : nil,
        handledOnOwnNode: own.flatMap {
          isCounted ? InterruptLocality.share(of: members, cpus: $0).handledOnNode : nil
        })
    }
  }
}
