package import Base
package import Inventory
package import KernelTree

/// Whether and how a GPU can be given to a container.
public struct GPUOffer: Hashable, Sendable {
  /// The device nodes through which it is used; empty with a refusal.
  public var nodes: [DeviceNode] = []
  /// Why it cannot be given at all.
  public var refusal: String?
  /// Why a request for any GPU does not get it; a request by name does.
  public var objection: String?

  /// A GPU that is given through these nodes.
  package init(_ nodes: [DeviceNode], objection: String? = nil) {
    self.nodes = nodes
    self.objection = objection
  }

  /// A GPU that cannot be given.
  package init(refusal: String) { self.refusal = refusal }

  /// What can be given of every GPU of a machine.
  /// - Parameter mayOpen: why a node may not be opened; nil when it may.
  package static func all(
    _ inventory: Inventory, _ tree: KernelTree, mayOpen: (DeviceNode) -> String?
  ) -> [PCIAddress: GPUOffer] {
    var offers: [PCIAddress: GPUOffer] = [:]
    for gpu in inventory.gpus {
      do throws(Reason) {
        let nodes = try GPUNodes.find(gpu, inventory, tree)
        if let denial = nodes.lazy.compactMap(mayOpen).first { throw Reason(denial) }
        offers[gpu.address] = GPUOffer(nodes, objection: objection(gpu))
      } catch {
        offers[gpu.address] = GPUOffer(refusal: error.reason)
      }
    }
    return offers
  }

  /// Why a request for any GPU does not get this one.
  private static func objection(_ gpu: GPU) -> String? {
    if gpu.driver == "vfio-pci" { return "vfio-pci holds it for a guest or a driver in user space" }
    return gpu.isBuiltIn == true ? "it is built into the processor or the chipset" : nil
  }
}
