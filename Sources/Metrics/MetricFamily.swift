/// A metric family: what it is called, what it means, and how its samples come from a machine.
///
/// Names follow the conventions of Prometheus: base units, the unit at the end, `_total` after a
/// counter, `_info` after an identity. `name` is the family's name as OpenMetrics has it, without
/// these two endings.
public struct MetricFamily: Sendable {
  /// How the values behave.
  public enum Kind: String, Sendable {
    /// Goes up and down.
    case gauge
    /// Only grows, until a device or driver starts anew.
    case counter
    /// Always 1; the labels hold the facts.
    case info
  }
  /// A label and what its values are.
  public struct Label: Sendable {
    /// Its name.
    public var name: String
    /// What its values are.
    public var meaning: String

    /// A label with its meaning.
    public init(_ name: String, _ meaning: String) {
      self.name = name
      self.meaning = meaning
    }
  }

  /// The family's name, without `_total` or `_info`.
  public var name: String
  /// How the values behave.
  public var kind: Kind
  /// The base unit, as the name ends; nil for plain numbers.
  public var unit: String?
  /// What it is, in a sentence.
  public var help: String
  /// Labels, in the order of the samples' values.
  public var labels: [Label]
  /// How many series there can be, in words.
  public var bound: String
  /// The samples of a machine.
  public var samples: @Sendable (MetricsInput) -> [Sample]

  /// A family. The unit is added to the name.
  public init(
    _ name: String, _ kind: Kind = .gauge, unit: String? = nil, help: String,
    labels: [Label] = [], bound: String = "1",
    samples: @escaping @Sendable (MetricsInput) -> [Sample]
  ) {
    self.name = "tinybox_" + name + (unit.map { "_" + $0 } ?? "")
    self.kind = kind
    self.unit = unit
    self.help = help
    self.labels = labels
    self.bound = bound
    self.samples = samples
  }

  /// The name of its samples.
  public var sampleName: String {
    switch kind {
    case .gauge: name
    case .counter: name + "_total"
    case .info: name + "_info"
    }
  }
}

/// One value of a family.
public struct Sample: Sendable {
  /// Values of the family's labels, in their order. An empty one is left out of the output, where
  /// it means the same.
  public var labels: [String]
  /// The value, as both formats write numbers.
  public var value: String

  /// A whole number.
  /// - Returns: nil for a fact that is missing, so that it is left out.
  public init?(_ value: Int?, _ labels: String?...) {
    guard let value else { return nil }
    self.value = String(value)
    self.labels = labels.map { $0 ?? "" }
  }

  /// A number.
  /// - Returns: nil for a fact that is missing or no finite number.
  public init?(_ value: Double?, _ labels: String?...) {
    guard let value, value.isFinite else { return nil }
    self.value = Sample.text(value)
    self.labels = labels.map { $0 ?? "" }
  }

  /// 1 for yes, 0 for no.
  public init?(_ value: Bool?, _ labels: String?...) {
    guard let value else { return nil }
    self.value = value ? "1" : "0"
    self.labels = labels.map { $0 ?? "" }
  }

  /// An identity: 1, with the facts in the labels.
  static func info(_ labels: String?...) -> Sample {
    Sample(labels: labels.map { $0 ?? "" }, value: "1")
  }

  private init(labels: [String], value: String) {
    self.labels = labels
    self.value = value
  }

  /// Whole numbers without `.0`, others so short that reading them gives the same number.
  private static func text(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
    return "\(value)"
  }
}
