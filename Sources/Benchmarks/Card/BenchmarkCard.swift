public import Base

/// A summary of a run that can be given away and compared: medians, intervals and ceilings, with the
/// model facts of the machine. It has no host name, serial number or address of a network.
public struct BenchmarkCard: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-card/1`.
  public var schema = BenchmarkCard.currentSchema
  package static let currentSchema = "tinybox.benchmark-card/1"

  /// When the run began, UTC, ISO 8601.
  public var measured: String
  /// Version of the program that measured.
  public var program: String
  /// A quick run: its figures are less sure.
  public var isQuick: Bool
  /// Facts of the machine, by name: processor, board, BIOS, kernel, memory modules.
  public var machine: [String: String]
  /// The figures, in the order of the run.
  public var figures: [Figure]
  /// How many measurements gave no figure, or one above its ceiling, by verdict.
  public var withoutFigure: [String: Int]

  /// One figure.
  public struct Figure: Codable, Hashable, Sendable {
    /// The suite: `memory`.
    public var suite: String
    /// What is measured: `triad`.
    public var metric: String
    /// What it is measured on, for people. Figures of two cards are compared where suite, metric and
    /// subject are the same.
    public var subject: String
    /// The unit of its numbers.
    public var unit: BenchmarkSeries.Unit
    /// Which direction is better.
    public var better: BenchmarkSeries.Better
    /// Median of the samples, to 6 digits.
    public var value: Double
    /// Lower end of the 95 % interval of the median, to 6 digits; absent for fewer than 6 samples.
    public var low: Double?
    /// Upper end of the 95 % interval of the median, to 6 digits.
    public var high: Double?
    /// Samples that count; absent where they are no longer kept.
    public var samples: Int?
    /// It is below the mark that its suite sets against the ceiling.
    public var isLow: Bool
    /// What qualifies the figure.
    public var flags: [BenchmarkResult.Flag]
    /// What physics allows, to 6 digits; absent where it is unknown.
    public var ceiling: Double?
    /// What limits it, and how the number comes about; for an unknown ceiling what is missing.
    public var ceilingWhy: String?
    /// Facts of the devices it was measured on, by name: link, driver, power cap, firmware.
    public var context: [String: String]
  }

  /// Facts of the machine that say which model it is and how it is set: none that says which box it is,
  /// such as the kernel's command line with its disk identifiers.
  static let machineFacts: Set<String> = [
    "board", "bios", "kernel", "iommu", "processor", "processor.microcode", "processor.smt",
    "processor.governor", "processor.energyPreference", "processor.boost", "processor.cpus",
    "memory.bytes", "memory.modules", "memory.transparentHugePages", "memory.numaBalancing",
  ]
  /// Facts of a device, by the last word of their names.
  static let deviceFacts: Set<String> = [
    "driver", "numaNode", "mps", "aspm", "link", "driverVersion", "powerCapWatts", "vbios",
    "firmware", "model", "speedBitsPerSecond", "mtuBytes",
  ]

  /// What stands for the subject of these suites. Theirs has the address or name of another machine, and
  /// near and far are in the metric.
  private static let neutralSubjects = ["network": "the network", "nfs": "an NFS server"]

  /// Facts of devices under the address and the fact: without the name of a network interface in between,
  /// which can be made of its hardware address. Where two interfaces of a device differ, both values.
  private static func deviceFacts(_ facts: [String: String]) -> [String: String] {
    var shown: [String: Set<String>] = [:]
    for (name, value) in facts {
      let words = name.split(separator: " ")
      guard let first = words.first, let last = words.last, deviceFacts.contains(String(last))
      else { continue }
      shown[words.count == 1 ? name : "\(first) \(last)", default: []].insert(value)
    }
    return shown.mapValues { $0.sorted().joined(separator: ", ") }
  }

  /// The card of a run, to be given away.
  /// - Throws: `Failure` for a run of another machine: which texts say which box that is, nobody knows here.
  package static func toGiveAway(
    _ run: BenchmarkRun, hiding hidden: [String]
  ) throws(Failure) -> BenchmarkCard {
    if run.trigger == .imported {
      throw Failure(
        "make a card of the run \(run.id)",
        because: "it was imported: the names and serial numbers of its machine are not known here",
        hint: "make the card on that machine", code: .conflict)
    }
    return BenchmarkCard(run, hiding: hidden)
  }

  /// The card of a run.
  /// - Parameters:
  ///   - hidden: texts that say which box it is, such as serial numbers and the host name; where one is
  ///     found in a text of the card, `hidden` stands in its place.
  ///   - namesNetworks: with the names and addresses of networks, so that figures of two machines at the
  ///     other end are not compared; never for one to be given away.
  package init(
    _ run: BenchmarkRun, hiding hidden: [String] = [], namesNetworks: Bool = false
  ) {
    let words = hidden.filter { $0.utf8.count >= 3 }.sorted { $0.utf8.count > $1.utf8.count }
    func clean(_ text: String) -> String { BenchmarkCard.hide(words, in: text) }
    func clean(_ facts: [String: String], _ isShown: (String) -> Bool) -> [String: String] {
      let shown = facts.filter { isShown($0.key) }.map { (clean($0.key), clean($0.value)) }
      return Dictionary(shown) { first, _ in first }
    }
    measured = run.started
    program = run.program
    isQuick = run.isQuick
    machine = clean(run.context) { BenchmarkCard.machineFacts.contains($0) }
    figures = []
    withoutFigure = [:]
    for result in run.results {
      guard result.verdict == .measured || result.verdict == .low, let value = result.value,
        let shown = BenchmarkCard.rounded(value)
      else {
        withoutFigure[result.verdict.rawValue, default: 0] += 1
        continue
      }
      let neutral = namesNetworks ? nil : BenchmarkCard.neutralSubjects[result.series.suite]
      figures.append(
        Figure(
          suite: result.series.suite, metric: clean(result.series.metric),
          subject: neutral ?? clean(result.series.subject), unit: result.series.unit,
          better: result.series.better, value: shown,
          low: result.low.flatMap(BenchmarkCard.rounded),
          high: result.high.flatMap(BenchmarkCard.rounded), samples: result.sampleCount,
          isLow: result.verdict == .low, flags: result.flags,
          ceiling: result.ceiling?.value.flatMap(BenchmarkCard.rounded),
          ceilingWhy: result.ceiling.map { ceiling in
            neutral == nil
              ? clean(ceiling.arithmetic)
              : ceiling.limitedBy.map(clean) ?? "unknown; a fact of the network is missing"
          }, context: clean(BenchmarkCard.deviceFacts(result.context)) { _ in true }))
    }
  }

  /// To 6 digits that count: what is beyond them is noise. Nil for what is no number.
  static func rounded(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    var (scaled, power) = (abs(value), 0)
    // Subnormal numbers and those near the greatest lose digits in the scaling, and no figure is there.
    guard scaled >= 1e-30, scaled <= 1e30 else { return value }
    while scaled < 100_000 { (scaled, power) = (scaled * 10, power - 1) }
    while scaled >= 999_999.5 { (scaled, power) = (scaled / 10, power + 1) }
    // The nearest double of the decimal text: a product with a power of ten has an error of its own.
    return Double("\(value < 0 ? "-" : "")\(Int(scaled.rounded()))e\(power)")
  }

  private static func hide(_ words: [String], in text: String) -> String {
    words.reduce(text) { $0.replacing($1, with: "hidden") }
  }
}

extension BenchmarkCard {
  /// The card as it is written and signed: canonical JSON and a line feed.
  package func text() throws(Failure) -> String { try CanonicalJSON.text(self) + "\n" }

  /// A card from its text, which has to be the canonical one: of a text with a key twice, or with a key
  /// that is not read, a person and a program could see different things.
  package init(text: [UInt8]) throws(Failure) {
    let card: BenchmarkCard
    do {
      card = try JSON.decode(BenchmarkCard.self, from: text)
    } catch {
      throw Failure("read the card", error)
    }
    guard card.schema == BenchmarkCard.currentSchema else {
      throw Failure(
        "read the card", because: "it is a '\(card.schema.prefix(60))'",
        hint: "this program reads \(BenchmarkCard.currentSchema)")
    }
    guard Array(try card.text().utf8) == text else {
      throw Failure(
        "read the card", because: "its text is not as tinyboxctl writes it: it was edited")
    }
    self = card
  }
}
