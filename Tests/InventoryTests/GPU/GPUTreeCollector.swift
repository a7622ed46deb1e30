import Base
import KernelTree
import TestMachines
import TestSupport

@testable import Inventory

extension GPUTree {
  /// Runs the collector.
  func collect() -> Inventory {
    var inventory = Inventory(origin: "test")
    inventory.pci = functions
    var context = CollectionContext(tree: tree.tree(), options: options)
    GPUCollector.collect(into: &inventory, &context)
    return inventory
  }
}

extension GPU {
  /// Why a fact is unknown; nil when it is not said to be.
  func reason(_ fact: String) -> String? { unknown.first { $0.fact == fact }?.reason }
}

/// A stand-in library compiled for a test: see Tests/Stubs.
func stub(_ name: String, _ flags: String = "") throws -> String {
  try build(name, in: temporaryPath(), "-shared -fPIC \(flags)")
}
