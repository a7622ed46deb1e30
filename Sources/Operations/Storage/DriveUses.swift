internal import Base
internal import Inventory
internal import KernelTree
internal import Storage

/// What uses drives, as the inventory sees it.
struct DriveUses {
  private var blocks: BlockUses

  init(_ tree: KernelTree) { blocks = BlockUses(tree) }

  mutating func add(to reading: inout DriveReading, _ tree: KernelTree) {
    let found = blocks.on(reading.name)
    reading.uses = found.uses
    reading.isSystem = blocks.holdsSystem(found)
    // That ZFS is loaded says nothing about a drive that can be held: ZFS holds its own.
    if !found.isComplete { reading.unknown += found.unknown }
    reading.unknown += blocks.unknown
    let folder = "/sys/block/\(reading.name)"
    reading.partitions = tree.namesIfPresent(folder).filter {
      $0.hasPrefix(reading.name) && tree.exists("\(folder)/\($0)/partition")
    }
  }
}
