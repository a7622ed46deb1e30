import Base
import KernelTree

@testable import Inventory

/// The machine, memory and processors of a tree, by the collectors under test alone.
func collected(
  _ tree: KernelTree, parts: CollectionOptions.Parts = .all, includeSerials: Bool = false,
  recordSources: Bool = false
) -> Inventory {
  var inventory = Inventory(origin: "test")
  var context = CollectionContext(
    tree: tree,
    options: CollectionOptions(
      includeSerials: includeSerials, recordSources: recordSources, parts: parts))
  if parts.contains(.machine) { MachineCollector.collect(into: &inventory, &context) }
  MemoryCollector.collect(into: &inventory, &context)
  ProcessorCollector.collect(into: &inventory, &context)
  return inventory
}
