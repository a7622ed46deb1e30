/// The numbers by which libraries and tools know a GPU: other than `GPU0`, they change with the driver and
/// with what is there.
public struct LibraryIndexes: Codable, Hashable, Sendable {
  /// Of `nvidia-smi` and NVML, which count the GPUs of their driver by address (nvml.h,
  /// nvmlDeviceGetHandleByIndex). CUDA counts the same with CUDA_DEVICE_ORDER=PCI_BUS_ID; by itself it puts
  /// the fastest first.
  public var nvidiaSMI: Int?
  /// Of HIP and `rocm-smi`: the GPUs of KFD in the order of its nodes.
  public var hip: Int?
  /// Of DRM: `card1` is 1.
  public var drmCard: Int?
  /// Of DRM's render nodes: `renderD128` is 128.
  public var renderNode: Int?
}

extension Inventory {
  /// The numbers that libraries have for a GPU.
  public func libraryIndexes(_ gpu: GPU) -> LibraryIndexes {
    var indexes = LibraryIndexes()
    if gpu.driver == "nvidia" {
      indexes.nvidiaSMI = gpus.filter { $0.driver == "nvidia" }.map(\.address).sorted()
        .firstIndex(of: gpu.address)
    }
    if let node = gpu.kfd?.node {
      indexes.hip = gpus.compactMap(\.kfd?.node).sorted().firstIndex(of: node)
    }
    func digits(_ name: String?, after prefix: String) -> Int? {
      name.flatMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
    }
    indexes.drmCard = digits(gpu.drmCard, after: "card")
    indexes.renderNode = digits(gpu.renderNode, after: "renderD")
    return indexes
  }
}
