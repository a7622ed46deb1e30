/// The numbers by which libraries and tools know a GPU: other than `GPU0`, they change with the driver and
/// with what is there.
public struct LibraryIndexes: Codable, Hashable, Sendable {
  /// Of `nvidia-smi` and NVML: NVML's own where it was asked, which is none for a GPU that it does not hand
  /// out. Else by its rule, the GPUs of its driver by address (nvml.h, nvmlDeviceGetHandleByIndex). CUDA
  /// counts the same with CUDA_DEVICE_ORDER=PCI_BUS_ID; by itself it puts the fastest first.
  public var nvidiaSMI: Int?
  /// Of HIP and `rocm-smi`: the GPUs of KFD in the order of its nodes, where each partition of a card counts.
  /// Of a card with partitions it is the first one's.
  public var hip: Int?
  /// Of DRM: `card1` is 1.
  public var drmCard: Int?
  /// Of DRM's render nodes: `renderD128` is 128.
  public var renderNode: Int?
}

extension Inventory {
  /// The numbers that libraries have for a GPU.
  package func libraryIndexes(_ gpu: GPU) -> LibraryIndexes {
    var indexes = LibraryIndexes()
    if gpu.driver == "nvidia" {
      let driven = gpus.filter { $0.driver == "nvidia" }
      let wasAsked = driven.contains { $0.nvmlIndex != nil || $0.isListedByNVML != nil }
      indexes.nvidiaSMI =
        wasAsked
        ? gpu.nvmlIndex : driven.map(\.address).sorted().firstIndex(of: gpu.address)
    }
    if let node = gpu.kfd?.node {
      let before = gpus.filter { $0.kfd.map { $0.node < node } ?? false }
      indexes.hip = before.reduce(0) { $0 + ($1.partitions ?? 1) }
    }
    func digits(_ name: String?, after prefix: String) -> Int? {
      name.flatMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
    }
    indexes.drmCard = digits(gpu.drmCard, after: "card")
    indexes.renderNode = digits(gpu.renderNode, after: "renderD")
    return indexes
  }
}
