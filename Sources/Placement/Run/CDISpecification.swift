package import Base
package import Inventory

/// A specification of the Container Device Interface: which device nodes a container gets for a
/// name such as `tinybox.dev/gpu=0000:21:00.0`.
///
/// It carries no CPUs and no memory nodes: those come with the slice of the node, which each
/// device names in an annotation.
public struct CDISpecification: Codable, Hashable, Sendable {
  /// Version of the interface: the first with annotations of devices.
  public var cdiVersion = "0.6.0"
  /// Vendor and class.
  public var kind = "tinybox.dev/gpu"
  /// Devices, by address, and `all`: those that `run --gpus` takes.
  public var devices: [Device]

  /// A device.
  public struct Device: Codable, Hashable, Sendable {
    /// Its name: the PCI address, or `all`.
    public var name: String
    /// The slice and the node it belongs to.
    public var annotations: [String: String]?
    /// What is added to a container.
    public var containerEdits: Edits
  }

  /// What is added to a container.
  public struct Edits: Codable, Hashable, Sendable {
    /// Device nodes.
    public var deviceNodes: [Node]
  }

  /// A device node.
  public struct Node: Codable, Hashable, Sendable {
    /// Its path, the same inside and outside.
    public var path: String
  }

  /// The GPUs of a machine that can be given. Those of a guest are left out: they may go at any
  /// time, and the file would stay.
  package init(_ inventory: Inventory, _ offers: [PCIAddress: GPUOffer]) {
    devices = []
    var all: [String] = []
    var countOfAll = 0
    for gpu in inventory.gpus where gpu.driver != "vfio-pci" {
      guard let offer = offers[gpu.address], offer.refusal == nil else { continue }
      let paths = offer.nodes.map(\.path)
      if offer.objection == nil {
        all += paths.filter { !all.contains($0) }
        countOfAll += 1
      }
      let function = inventory.pci.first { $0.address == gpu.address }
      let node = function?.locality.numaNode
      devices.append(
        Device(
          name: gpu.address.description,
          annotations: node.map {
            ["dev.tinybox.node": "\($0)", "dev.tinybox.slice": "tinybox-node\($0).slice"]
          },
          containerEdits: Edits(deviceNodes: paths.map { Node(path: $0) })))
    }
    if countOfAll > 1 {
      devices.append(
        Device(
          name: "all", annotations: nil,
          containerEdits: Edits(deviceNodes: all.map { Node(path: $0) })))
    }
  }
}
