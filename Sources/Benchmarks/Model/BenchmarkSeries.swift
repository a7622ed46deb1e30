/// What a figure measures. The same thing measured again has the same key, so that its history is one line.
public struct BenchmarkSeries: Codable, Hashable, Sendable {
  /// The unit of the figures.
  public enum Unit: String, Codable, Hashable, Sendable, CaseIterable {
    /// Bytes a second, counted as the program that moves them counts them.
    case bytesPerSecond
    /// Operations a second.
    case operationsPerSecond
    /// Seconds.
    case seconds

    /// As the names of metrics have it (https://prometheus.io/docs/practices/naming/).
    package var metricName: String {
      switch self {
      case .bytesPerSecond: "bytes_per_second"
      case .operationsPerSecond: "operations_per_second"
      case .seconds: "seconds"
      }
    }
  }

  /// Which direction is better.
  public enum Better: String, Codable, Hashable, Sendable, CaseIterable {
    /// A higher figure.
    case higher
    /// A lower figure.
    case lower
  }

  /// The two places of a figure between places, such as the CPUs of one node and the memory of another:
  /// such figures of one metric are shown as a matrix.
  public struct Pair: Codable, Hashable, Sendable {
    /// What the first place is: `CPU node`, `from GPU`.
    public var fromKind: String
    /// Its name, which is short: `0`.
    public var from: String
    /// What the second place is: `memory node`, `to GPU`.
    public var toKind: String
    /// Its name.
    public var to: String

    /// Two places.
    package init(fromKind: String, from: String, toKind: String, to: String) {
      self.fromKind = fromKind
      self.from = from
      self.toKind = toKind
      self.to = to
    }
  }

  /// `suite.metric/subject key`. Made of facts that stay (serial number, slot, node), never of an index
  /// that another device may get or of a measured value: either would split the history.
  public var key: String
  /// The suite: `memory`.
  public var suite: String
  /// What is measured: `triad`.
  public var metric: String
  /// What it is measured on, for people: `CPUs of node 0, memory of node 1`.
  public var subject: String
  /// The unit of its figures.
  public var unit: Unit
  /// Which direction is better.
  public var better: Better
  /// The two places of a figure between places; absent for others.
  public var pair: Pair?

  /// A series.
  /// - Parameters:
  ///   - subjectKey: the subject in facts that stay, such as `node0-node1` or a serial number with its slot.
  ///   - subject: the subject for people.
  ///   - pair: the two places of a figure between places.
  package init(
    suite: String, metric: String, subjectKey: String, subject: String, unit: Unit,
    better: Better = .higher, pair: Pair? = nil
  ) {
    key = "\(suite).\(metric)/\(subjectKey)"
    self.suite = suite
    self.metric = metric
    self.subject = subject
    self.unit = unit
    self.better = better
    self.pair = pair
  }
}
