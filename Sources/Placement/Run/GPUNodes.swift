package import Base
package import Inventory
package import KernelTree

/// A device node that a container is given.
public struct DeviceNode: Hashable, Sendable {
  /// Its path, the same inside and outside.
  public var path: String
  /// Whether programs only read it: NVIDIA's capabilities.
  public var isReadOnly = false

  /// The device node at a path.
  package init(_ path: String, isReadOnly: Bool = false) {
    self.path = path
    self.isReadOnly = isReadOnly
  }
}

/// The device nodes through which programs use a GPU.
public enum GPUNodes {
  /// The nodes of one GPU: its own, and those that all GPUs of its driver share.
  /// - Throws: why it cannot be given to a container.
  package static func find(
    _ gpu: GPU, _ inventory: Inventory, _ tree: KernelTree
  ) throws(Reason) -> [DeviceNode] {
    let function = inventory.pci.first { $0.address == gpu.address }
    if function?.isDead == true { throw Reason("it does not answer any more") }
    switch gpu.driver {
    case nil:
      let unread = function?.unknown.first { $0.fact == "driver" }
      throw Reason(
        unread.map { "its driver is not known: \($0.reason)" } ?? "no driver is bound to it")
    case "nvidia"?: return try nvidia(gpu, tree)
    case "vfio-pci"?: return try vfio(function, inventory, tree)
    case let driver?: return try drm(gpu, driver, tree)
    }
  }

  /// The render node of a driver of the kernel's graphics, with its card, and for amdgpu KFD.
  private static func drm(
    _ gpu: GPU, _ driver: String, _ tree: KernelTree
  ) throws(Reason) -> [DeviceNode] {
    guard let render = gpu.renderNode.map({ "/dev/dri/\($0)" }) else {
      throw Reason("its driver \(driver) gives it no render node")
    }
    // KFD alone gives access to the other cards.
    guard tree.exists(render) else { throw Reason("\(render) is not there") }
    var paths = [render] + (gpu.drmCard.map { ["/dev/dri/\($0)"] } ?? [])
    if driver == "amdgpu" { paths.append("/dev/kfd") }
    return paths.filter { tree.exists($0) }.map { DeviceNode($0) }
  }

  // MARK: NVIDIA

  private static func nvidia(_ gpu: GPU, _ tree: KernelTree) throws(Reason) -> [DeviceNode] {
    guard let minor = minor(gpu.address, tree) else {
      throw Reason(
        "the number of its device node is not known: /proc/driver/nvidia/gpus/\(gpu.address) "
          + "does not report it")
    }
    // The driver makes its files itself, by nvidia-modprobe, which root or a first program runs.
    for path in ["/dev/nvidia\(minor)", "/dev/nvidiactl"] where !tree.exists(path) {
      throw Reason("\(path) is not there; 'sudo nvidia-modprobe -c \(minor)' makes it")
    }
    let shared = ["/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset"]
    let paths = ["/dev/nvidia\(minor)", "/dev/nvidiactl"] + shared.filter { tree.exists($0) }
    return paths.map { DeviceNode($0) } + (try capabilities(gpu, minor, tree))
  }

  /// The number in `/dev/nvidiaN`.
  private static func minor(_ address: PCIAddress, _ tree: KernelTree) -> Int? {
    let path = "/proc/driver/nvidia/gpus/\(address)/information"
    return number("Device Minor", in: tree.textIfPresent(path) ?? "")
  }

  /// The nodes of a card's MIG instances, none for a card that is not split. The card's own node
  /// gives no memory and no processors of a card in MIG mode: each instance, and each part of it
  /// that computes, is opened by the node whose number its `access` file has (NVIDIA's MIG user
  /// guide, "Device nodes and capabilities").
  private static func capabilities(
    _ gpu: GPU, _ minor: Int, _ tree: KernelTree
  ) throws(Reason) -> [DeviceNode] {
    let folder = "/proc/driver/nvidia/capabilities/gpu\(minor)/mig"
    let instances: [String]
    do throws(ReadFailure) {
      instances = try tree.names(folder).filter { $0.hasPrefix("gi") }
    } catch {
      if error.cause == .notFound || error.cause == .notRecorded { return [] }
      throw Reason("whether it is in MIG mode is not known: \(error)")
    }
    // The driver makes the folder for every GPU, in MIG mode or not, so an empty one says nothing
    // (NVIDIA/open-gpu-kernel-modules, os.c, osRmCapRegisterGpu).
    if instances.isEmpty {
      if gpu.mig?.isEnabled == true { throw Reason("it is in MIG mode and has no instance") }
      return []
    }
    var nodes: [DeviceNode] = []
    for instance in instances {
      let parts = tree.namesIfPresent("\(folder)/\(instance)").filter { $0.hasPrefix("ci") }
      for access in ["access"] + parts.map({ "\($0)/access" }) {
        let file = "\(folder)/\(instance)/\(access)"
        guard let number = number("DeviceFileMinor", in: tree.textIfPresent(file) ?? "") else {
          throw Reason("the node of its MIG instance is not known: \(file) does not report it")
        }
        let path = "/dev/nvidia-caps/nvidia-cap\(number)"
        guard tree.exists(path) else {
          throw Reason(
            "it is in MIG mode, and \(path) is not there; 'sudo nvidia-modprobe -f \(file)' "
              + "makes it")
        }
        nodes.append(DeviceNode(path, isReadOnly: true))
      }
    }
    return nodes
  }

  private static func number(_ key: String, in text: String) -> Int? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(key + ":") {
      return line.split(separator: ":").last.flatMap { ASCII.decimal(Array($0.utf8)[...]) }
    }
    return nil
  }

  // MARK: VFIO

  /// The node of the IOMMU group, and the one that opens it (kernel Documentation/driver-api/vfio.rst).
  private static func vfio(
    _ function: PCIFunction?, _ inventory: Inventory, _ tree: KernelTree
  ) throws(Reason) -> [DeviceNode] {
    guard let function, let group = function.iommuGroup else {
      throw Reason("vfio-pci holds it, and its IOMMU group is not known")
    }
    let others = inventory.pci.filter {
      $0.iommuGroup == group && $0.address != function.address
    }.map(\.address)
    if let other = inventory.gpus.first(where: { others.contains($0.address) }) {
      throw Reason("its IOMMU group \(group) gives GPU \(other.address.short) too")
    }
    guard tree.exists("/dev/vfio/vfio") else {
      throw Reason("vfio-pci holds it, and /dev/vfio/vfio is not there")
    }
    // Without an IOMMU the node has another name.
    for name in ["\(group)", "noiommu-\(group)"] where tree.exists("/dev/vfio/\(name)") {
      return [DeviceNode("/dev/vfio/vfio"), DeviceNode("/dev/vfio/\(name)")]
    }
    throw Reason("vfio-pci holds it, and /dev/vfio/\(group) is not there")
  }
}
