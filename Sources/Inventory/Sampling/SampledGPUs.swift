internal import Base
internal import KernelTree

/// GPUs while they are sampled: the GPU collector asked again and again.
struct SampledGPUs {
  private(set) var samples: [GPUSamples]
  /// GPUs at work at the last look.
  private(set) var busy: Set<PCIAddress> = []
  private let replaysBefore: [PCIAddress: Int]

  init(_ inventory: Inventory) {
    samples = inventory.gpus.map { GPUSamples(address: $0.address) }
    replaysBefore = Dictionary(
      inventory.gpus.compactMap { gpu in gpu.pcieReplays.map { (gpu.address, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func look(_ tree: KernelTree) {
    if samples.isEmpty { return }
    let found = InventoryReader.read(tree, options: CollectionOptions(parts: [.pci, .gpus])).gpus
    busy = []
    for index in samples.indices {
      guard let gpu = found.first(where: { $0.address == samples[index].address }) else { continue }
      take(gpu, into: &samples[index])
      if gpu.load == .working { busy.insert(gpu.address) }
    }
  }

  private func take(_ gpu: GPU, into sample: inout GPUSamples) {
    func highest(_ a: Double?, _ b: Double?) -> Double? {
      guard let a, let b else { return a ?? b }
      return max(a, b)
    }
    sample.highestBusyShare = highest(sample.highestBusyShare, gpu.busyShare)
    sample.highestWatts = highest(sample.highestWatts, gpu.powerWatts)
    for reading in gpu.temperatures {
      sample.highestCelsius[reading.label] = max(
        sample.highestCelsius[reading.label] ?? reading.celsius, reading.celsius)
    }
    for reason in gpu.throttleReasons ?? [] { sample.throttleReasons[reason, default: 0] += 1 }
    if let now = gpu.pcieReplays, let then = replaysBefore[gpu.address] {
      sample.replays = PhysicalRange.growth(from: then, to: now)
    }
  }
}
