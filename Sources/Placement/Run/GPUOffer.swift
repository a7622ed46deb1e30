public import Base
public import Inventory
public import KernelTree

/// Whether and how a GPU can be given to a container.
public struct GPUOffer: Hashable, Sendable {
  /// The device nodes through which it is used; empty with a refusal.
  public var nodes: [DeviceNode] = []
  /// Why it cannot be given at all.
  public var refusal: String?
  /// Why it is not among "any GPUs": whoever wants it names it.
  public var objection: String?

  /// A GPU that is given through these nodes.
  public init(_ nodes: [DeviceNode], objection: String? = nil) {
    self.nodes = nodes
    self.objection = objection
  }

  /// A GPU that cannot be given.
  public init(refusal: String) { self.refusal = refusal }

  /// What can be given of every GPU of a machine.
  /// - Parameter mayOpen: why whoever opens the nodes may not; nil when they may.
  public static func all(
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

  /// Why nobody means a GPU who asks for any.
  private static func objection(_ gpu: GPU) -> String? {
    if gpu.driver == "vfio-pci" { return "vfio-pci holds it for a guest or a driver in user space" }
    return gpu.isBuiltIn == true ? "it is built into the processor or the chipset" : nil
  }
}
