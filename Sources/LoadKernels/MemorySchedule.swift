/// Which kernel runs next, and which variants are the fastest.
///
/// First every variant of every operation runs in rounds of random order, until each ran
/// `selectionTurns` times or the time for that is over; then only the fastest of each operation.
struct MemorySchedule {
  /// Turns of each variant before one is chosen.
  static let selectionTurns = 5

  private var candidates: [MemoryVariant]
  private var round: [MemoryVariant] = []
  private var finishedRounds = 0
  private var random: SplitMix64
  private var rates: [MemoryVariant: (clean: [Double], all: [Double])] = [:]
  /// The fastest variant of each operation, once they are chosen.
  private(set) var fastest: [MemoryOperation: MemoryVariant] = [:]

  init(_ candidates: [MemoryVariant], seed: UInt64) {
    self.candidates = candidates
    random = SplitMix64(seed: seed)
  }

  /// Counts a sample. Only those before the choice decide.
  mutating func add(_ sample: MemorySample) {
    guard fastest.isEmpty else { return }
    rates[sample.variant, default: ([], [])].all.append(sample.bytesPerSecond)
    if sample.isClean {
      rates[sample.variant, default: ([], [])].clean.append(sample.bytesPerSecond)
    }
  }

  /// The next kernel.
  /// - Parameter isTimeToChoose: that the time for trying variants is over.
  mutating func next(isTimeToChoose: Bool) -> MemoryVariant? {
    if round.isEmpty {
      if fastest.isEmpty, finishedRounds > 0,
        isTimeToChoose || finishedRounds >= MemorySchedule.selectionTurns
      {
        choose()
      }
      round = candidates.shuffled(using: &random)
      finishedRounds += 1
    }
    return round.popLast()
  }

  private mutating func choose() {
    for operation in MemoryOperation.allCases {
      let measured = candidates.filter { $0.operation == operation && rates[$0] != nil }
      // A machine so busy that nothing was clean still has a fastest variant.
      fastest[operation] = measured.max { typicalRate($0) < typicalRate($1) }
    }
    candidates = candidates.filter { fastest[$0.operation] == $0 }
    rates = [:]
  }

  private func typicalRate(_ variant: MemoryVariant) -> Double {
    let (clean, all) = rates[variant] ?? ([], [])
    let sorted = (clean.isEmpty ? all : clean).sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}

/// Sebastiano Vigna's SplitMix64: an order that can be had again.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
