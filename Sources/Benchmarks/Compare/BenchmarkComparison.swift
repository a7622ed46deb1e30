public import Base

/// Two runs, or the cards of two boxes, beside each other: `tinyboxctl benchmark compare A B --json`.
public struct BenchmarkComparison: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-comparison/1`.
  public var schema = BenchmarkComparison.currentSchema
  package static let currentSchema = "tinybox.benchmark-comparison/1"

  /// What a row shows.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// B is better, and the intervals of the medians do not overlap.
    case better
    /// B is worse, and the intervals of the medians do not overlap.
    case worse
    /// The intervals overlap: no difference is shown.
    case noDifferenceShown
    /// One of them has too few samples for an interval.
    case unknown
  }

  /// One figure of both.
  public struct Row: Codable, Hashable, Sendable {
    /// Figure of A.
    public var a: BenchmarkCard.Figure
    /// Figure of B.
    public var b: BenchmarkCard.Figure
    /// B over A; absent where A is zero.
    public var ratio: Double?
    /// Least ratio that the intervals allow: lower end of B over upper end of A.
    public var low: Double?
    /// Greatest ratio that the intervals allow: upper end of B over lower end of A.
    public var high: Double?
    /// What it shows.
    public var verdict: Verdict
    /// Facts of the devices that differ.
    public var context: [Difference]
  }

  /// A fact that differs.
  public struct Difference: Codable, Hashable, Sendable {
    /// Its name.
    public var fact: String
    /// Its value in A; absent where it was not known.
    public var a: String?
    /// Its value in B; absent where it was not known.
    public var b: String?
  }

  /// Figures of both, in the order of A.
  public var rows: [Row]
  /// Facts of the machines that differ, by name; versions of the programs as `program`.
  public var context: [Difference]
  /// Figures that only A has.
  public var onlyA: [BenchmarkCard.Figure]
  /// Figures that only B has.
  public var onlyB: [BenchmarkCard.Figure]

  /// Compares two cards.
  package init(_ a: BenchmarkCard, _ b: BenchmarkCard) {
    var others: [Key: BenchmarkCard.Figure] = [:]
    // Of two figures with one name the first counts; the second is listed as one of B alone.
    for figure in b.figures where others[Key(figure)] == nil { others[Key(figure)] = figure }
    rows = []
    onlyA = []
    var used: Set<Key> = []
    for figure in a.figures {
      let key = Key(figure)
      if let other = others[key], used.insert(key).inserted {
        rows.append(Row(figure, other))
      } else {
        onlyA.append(figure)
      }
    }
    onlyB = []
    var seen: Set<Key> = []
    for figure in b.figures where !(used.contains(Key(figure)) && seen.insert(Key(figure)).inserted)
    {
      onlyB.append(figure)
    }
    var facts = (a.machine, b.machine)
    (facts.0["program"], facts.1["program"]) = (a.program, b.program)
    context = BenchmarkComparison.differences(facts.0, facts.1)
  }

  private struct Key: Hashable {
    var suite: String
    var metric: String
    var subject: String
    var unit: BenchmarkSeries.Unit

    init(_ figure: BenchmarkCard.Figure) {
      suite = figure.suite
      metric = figure.metric
      subject = figure.subject
      unit = figure.unit
    }
  }

  fileprivate static func differences(_ a: [String: String], _ b: [String: String]) -> [Difference]
  {
    Set(a.keys).union(b.keys).sorted().compactMap { fact in
      a[fact] == b[fact] ? nil : Difference(fact: fact, a: a[fact], b: b[fact])
    }
  }
}

extension BenchmarkComparison.Row {
  fileprivate init(_ a: BenchmarkCard.Figure, _ b: BenchmarkCard.Figure) {
    self.a = a
    self.b = b
    func quotient(_ above: Double?, _ below: Double?) -> Double? {
      guard let above, let below, below > 0, above >= 0 else { return nil }
      let quotient = above / below
      return quotient.isFinite ? quotient : nil
    }
    ratio = quotient(b.value, a.value)
    low = quotient(b.low, a.high)
    high = quotient(b.high, a.low)
    verdict = BenchmarkComparison.verdict(a, b)
    context = BenchmarkComparison.differences(a.context, b.context)
  }
}

extension BenchmarkComparison {
  /// Two 95 % intervals that do not overlap differ at far less than 5 % (Schenker and Gentleman, 2001,
  /// "On judging the significance of differences by examining the overlap between confidence intervals"):
  /// the rule finds fewer differences than a test would, and calls fewer that are none.
  fileprivate static func verdict(_ a: BenchmarkCard.Figure, _ b: BenchmarkCard.Figure) -> Verdict {
    guard let lowA = a.low, let highA = a.high, let lowB = b.low, let highB = b.high else {
      return .unknown
    }
    if lowB > highA { return a.better == .higher ? .better : .worse }
    if highB < lowA { return a.better == .higher ? .worse : .better }
    return .noDifferenceShown
  }
}
