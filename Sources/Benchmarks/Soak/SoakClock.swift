/// The compute rate of the CPUs in the last tenth of a soak against the first: what heat, power limits and
/// firmware took from their clock.
public struct SoakClock: Codable, Hashable, Sendable {
  /// Operations a second of all CPUs in the first tenth: the sum of each one's median.
  public var firstOperationsPerSecond: Double
  /// Operations a second of all CPUs in the last tenth.
  public var lastOperationsPerSecond: Double
  /// What was lost from the first to the last tenth, 0 to 1; negative when it became faster.
  public var drop: Double
  /// The CPU that lost most.
  public var worstCPU: Int
  /// What that CPU lost.
  public var worstDrop: Double
  /// CPUs that are compared: those with at least three undisturbed samples in both tenths.
  public var cpus: Int

  /// A drop from this share on deserves a look. Chosen: boost clocks sink by some percent as a chip becomes
  /// warm, by design; a chip that throttles loses a multiple of this.
  package static let limit = 0.1
  /// Samples that make a median.
  private static let leastSamples = 3

  /// A sample of a CPU.
  package struct Sample: Hashable, Sendable {
    /// When it began, in seconds since the load did.
    package var start: Double
    /// Operations a second while nothing disturbed it.
    package var operationsPerSecond: Double

    /// A sample.
    package init(start: Double, operationsPerSecond: Double) {
      self.start = start
      self.operationsPerSecond = operationsPerSecond
    }
  }

  /// Compares the tenths.
  /// - Parameters:
  ///   - samples: of each CPU; those that are no numbers are passed over.
  ///   - seconds: that the load ran.
  /// - Returns: nil where no CPU has enough samples in both.
  package init?(_ samples: [Int: [Sample]], seconds: Double) {
    guard seconds.isFinite, seconds > 0 else { return nil }
    var (first, last, count) = (0.0, 0.0, 0)
    var worst: (cpu: Int, drop: Double)?
    for (cpu, all) in samples.sorted(by: { $0.key < $1.key }) {
      let usable = all.filter {
        $0.start.isFinite && $0.operationsPerSecond.isFinite && $0.operationsPerSecond > 0
      }
      guard let begin = SoakClock.median(usable.filter { $0.start < seconds / 10 }),
        let end = SoakClock.median(usable.filter { $0.start >= seconds * 0.9 })
      else { continue }
      first += begin
      last += end
      count += 1
      let drop = 1 - end / begin
      if drop > worst?.drop ?? -.infinity { worst = (cpu, drop) }
    }
    guard let worst, first.isFinite, last.isFinite else { return nil }
    firstOperationsPerSecond = first
    lastOperationsPerSecond = last
    drop = 1 - last / first
    worstCPU = worst.cpu
    worstDrop = worst.drop
    cpus = count
  }

  private static func median(_ samples: [Sample]) -> Double? {
    guard samples.count >= leastSamples else { return nil }
    return samples.map(\.operationsPerSecond).sorted()[samples.count / 2]
  }
}
