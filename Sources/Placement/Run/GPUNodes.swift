internal import Base
public import Inventory
public import KernelTree

/// The device nodes through which programs use a GPU.
public enum GPUNodes {
  /// The nodes of one GPU that exist: its own, and those that all GPUs of its maker share. Empty
  /// for a GPU without a kernel driver of its maker.
  public static func paths(_ gpu: GPU, _ tree: KernelTree) -> [String] {
    var own: [String] = []
    var shared: [String] = []
    switch (gpu.vendor, gpu.driver) {
    case (.amd, "amdgpu"?):
      own = [gpu.renderNode, gpu.drmCard].compactMap { $0.map { "/dev/dri/\($0)" } }
      shared = ["/dev/kfd"]
    case (.nvidia, "nvidia"?):
      own = [minor(gpu.address, tree).map { "/dev/nvidia\($0)" }].compactMap { $0 }
      shared = [
        "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset",
      ]
    default: return []
    }
    own = own.filter { tree.exists($0) }
    // Without its own node the shared ones give access to the others.
    return own.isEmpty ? [] : own + shared.filter { tree.exists($0) }
  }

  /// The number in `/dev/nvidiaN`.
  private static func minor(_ address: PCIAddress, _ tree: KernelTree) -> Int? {
    let path = "/proc/driver/nvidia/gpus/\(address)/information"
    for line in (tree.textIfPresent(path) ?? "").split(whereSeparator: \.isNewline)
    where line.hasPrefix("Device Minor:") {
      return line.split(separator: ":").last.flatMap { ASCII.decimal(Array($0.utf8)[...]) }
    }
    return nil
  }
}

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
  /// Devices, by address, and `all`.
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

  /// The GPUs of a machine whose device nodes exist.
  public init(_ inventory: Inventory, _ tree: KernelTree) {
    devices = []
    var all: [String] = []
    for gpu in inventory.gpus {
      let paths = GPUNodes.paths(gpu, tree)
      if paths.isEmpty { continue }
      all += paths.filter { !all.contains($0) }
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
    if devices.count > 1 {
      devices.append(
        Device(
          name: "all", annotations: nil,
          containerEdits: Edits(deviceNodes: all.map { Node(path: $0) })))
    }
  }
}
