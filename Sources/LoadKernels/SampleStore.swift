/// Keeps every sample of a short load, and evenly spread ones of a long load.
struct SampleStore: Sendable {
  private let limit: Int
  /// What is kept, in order.
  private(set) var samples: [MemorySample] = []
  /// Every so many samples one is kept.
  private var stride = 1
  private var seen = 0

  init(limit: Int) { self.limit = limit }

  /// Keeps a sample, or passes it over. When the store is full, every second sample goes, and from
  /// then on every second one is taken: as kernels run in random order, that favours none.
  mutating func add(_ sample: MemorySample) {
    defer { seen += 1 }
    guard seen % stride == 0 else { return }
    samples.append(sample)
    guard samples.count >= limit else { return }
    samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    stride *= 2
  }
}
