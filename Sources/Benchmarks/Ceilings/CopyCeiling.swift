internal import Base
internal import Inventory

/// What limits copies between host memory and GPUs, and between GPUs.
///
/// Links that several GPUs share further up are not counted, so that a sum may be too high: that never
/// calls a right figure wrong.
enum CopyCeiling {
  /// Which ways data goes between host and devices at once.
  enum Way: Hashable {
    case toDevice, toHost, both

    fileprivate var transfers: [PCIeCeiling.Transfer] {
      switch self {
      // The GPU's engine reads host memory, or writes to it.
      case .toDevice: [.fromMemory]
      case .toHost: [.toMemory]
      case .both: [.fromMemory, .toMemory]
      }
    }
  }

  /// Copies between host memory and devices, all at once.
  /// - Parameter pairs: each device with the node of its host memory.
  static func host(
    _ pairs: [(device: CopySubject, node: Int?)], _ way: Way, _ box: BenchmarkBox
  ) -> BenchmarkCeiling {
    let links = pairs.flatMap { pair in
      way.transfers.map { PCIeCeiling.limit(pair.device.address, $0, box.index) }
    }
    var limits = [sum(links, links.count == 1 ? "PCIe link" : "PCIe links")]
    limits += memory(Set(pairs.map(\.node)), box)
    if pairs.contains(where: {
      $0.node != nil && $0.device.node != nil && $0.node != $0.device.node
    }) {
      limits.append(
        .init(
          "fabric between nodes", nil, "its width and clock are not in the firmware's tables"))
    }
    return BenchmarkCeiling(limits)
  }

  /// The channels of all nodes that take part. Copies read or write each byte once there.
  private static func memory(_ nodes: Set<Int?>, _ box: BenchmarkBox) -> [BenchmarkCeiling.Limit] {
    let limits = box.inventory.memory.nodes.filter { nodes.contains($0.id) }.map {
      MemoryCeiling.ceiling(memory: $0, cpu: $0, box.inventory).limits
    }
    return limits.isEmpty ? [] : [sum(limits.flatMap { $0 }, channels)]
  }

  /// Copies between GPUs, all at once.
  /// - Parameter destinationReads: the GPU that wants the data reads it; else the other one writes it.
  static func peers(
    _ lanes: [(from: CopySubject, to: CopySubject)], destinationReads: Bool, _ box: BenchmarkBox
  ) -> BenchmarkCeiling {
    if let lane = lanes.first(where: { $0.from.directLink($0.to) != nil }),
      let link = lane.from.directLink(lane.to)
    {
      return BenchmarkCeiling([
        .init(link.name, nil, "the width and clock of its links are not known")
      ])
    }
    let transfer: PCIeCeiling.Transfer = destinationReads ? .fromMemory : .toMemory
    func links(_ ends: [CopySubject], _ name: String) -> BenchmarkCeiling.Limit {
      let addresses = Set(ends.compactMap(\.address)).sorted()
      return sum(
        addresses.map { PCIeCeiling.limit($0, transfer, box.index) },
        addresses.count == 1 ? "PCIe link of the \(name)" : "PCIe links of the \(name)s")
    }
    return BenchmarkCeiling([
      links(lanes.map(\.from), "source"), links(lanes.map(\.to), "destination"),
    ])
  }

  /// Copies inside a GPU.
  static var insideDevice: BenchmarkCeiling {
    BenchmarkCeiling([
      .init("video memory", nil, "no driver reports the width and rate of its memory")
    ])
  }

  /// Name of the limit of the memory.
  static let channels = "memory channels"

  /// All limits together; unknown where one is.
  static func sum(
    _ limits: [BenchmarkCeiling.Limit], _ name: String
  ) -> BenchmarkCeiling.Limit {
    if let missing = limits.first(where: { $0.value == nil }) {
      return .init(name, nil, missing.arithmetic)
    }
    let total = limits.reduce(0) { $0 + ($1.value ?? 0) }
    return .init(name, total, limits.map(\.arithmetic).joined(separator: " + "))
  }
}
