/// The most that physics allows for a figure: the least of the limits that apply.
public struct BenchmarkCeiling: Codable, Hashable, Sendable {
  /// One limit.
  public struct Limit: Codable, Hashable, Sendable {
    /// What limits: `memory channels`, `PCIe link`.
    public var name: String
    /// The most it allows, in the unit of the series; absent where a fact is missing.
    public var value: Double?
    /// How the number comes about, `12 channels x 4800 MT/s x 8 bytes`, or which fact is missing.
    public var arithmetic: String

    /// A limit with its arithmetic.
    package init(_ name: String, _ value: Double?, _ arithmetic: String) {
      self.name = name
      // A limit of nothing, or of no number, was computed from facts that cannot be.
      self.value = value.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
      self.arithmetic = arithmetic
    }
  }

  /// Every limit that was looked at.
  public var limits: [Limit]
  /// The least of them, in the unit of the series. Absent unless every limit is known: an unknown one may
  /// be the least.
  public var value: Double?
  /// Name of the least limit.
  public var limitedBy: String?

  /// The ceiling of these limits.
  package init(_ limits: [Limit]) {
    self.limits = limits
    let known = limits.filter { $0.value != nil }
    let least = known.min { ($0.value ?? 0) < ($1.value ?? 0) }
    guard !limits.isEmpty, known.count == limits.count else { return }
    value = least?.value
    limitedBy = least?.name
  }

  /// How the number comes about, or what is missing, in one line.
  public var arithmetic: String {
    if let limitedBy, let limit = limits.first(where: { $0.name == limitedBy }) {
      return "\(limit.name): \(limit.arithmetic)"
    }
    let missing = limits.filter { $0.value == nil }.map { "\($0.name): \($0.arithmetic)" }
    return missing.isEmpty ? "no limit is known" : "unknown; " + missing.joined(separator: "; ")
  }
}
