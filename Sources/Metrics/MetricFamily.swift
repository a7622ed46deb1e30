/// A metric family: what it is called, what it means, and how its samples come from a machine.
///
/// Names follow the conventions of Prometheus: base units, the unit at the end, `_total` after a
/// counter, `_info` after an identity. `name` is the family's name as OpenMetrics has it, without
/// these two endings.
package struct MetricFamily: Sendable {
  /// How the values behave.
  package enum Kind: String, Sendable {
    /// Goes up and down.
    case gauge
    /// Only grows, until a device or driver starts anew.
    case counter
    /// Always 1; the labels hold the facts.
    case info
  }
  /// A label and what its values are.
  package struct Label: Sendable {
    package var name: String
    /// What its values are.
    package var meaning: String

    /// A label with its meaning.
    package init(_ name: String, _ meaning: String) {
      self.name = name
      self.meaning = meaning
    }
  }

  /// The family's name, without `_total` or `_info`.
  package var name: String
  /// How the values behave.
  package var kind: Kind
  /// The base unit, as the name ends; nil for plain numbers.
  package var unit: String?
  /// What it is, in a sentence.
  package var help: String
  /// Labels, in the order of the samples' values.
  package var labels: [Label]
  /// How many series there can be, in words.
  package var bound: String
  /// The samples of a machine.
  package var samples: @Sendable (MetricsInput) -> [Sample]

  /// A family. The unit is added to the name.
  package init(
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

  package var sampleName: String {
    switch kind {
    case .gauge: name
    case .counter: name + "_total"
    case .info: name + "_info"
    }
  }
}

/// One value of a family.
package struct Sample: Sendable {
  /// Values of the family's labels, in their order. An empty one is left out of the output, where
  /// it means the same.
  package var labels: [String]
  /// The value, as both formats write numbers.
  package var value: String

  /// A whole number.
  /// - Returns: nil for a fact that is missing, so that it is left out.
  package init?(_ value: Int?, _ labels: String?...) {
    guard let value else { return nil }
    self.value = String(value)
    self.labels = labels.map { $0 ?? "" }
  }

  /// A number.
  /// - Returns: nil for a fact that is missing or no finite number.
  package init?(_ value: Double?, _ labels: String?...) {
    guard let value, value.isFinite else { return nil }
    self.value = Sample.text(value)
    self.labels = labels.map { $0 ?? "" }
  }

  /// 1 for yes, 0 for no.
  package init?(_ value: Bool?, _ labels: String?...) {
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
