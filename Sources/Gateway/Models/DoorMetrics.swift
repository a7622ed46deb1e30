internal import RuntimeCatalog
internal import Synchronization

/// What the door measures of each model: histograms and counts for Prometheus, added to what the daemon
/// reports.
final class DoorMetrics: Sendable {
  /// One request that has ended.
  struct Record: Sendable {
    var model: String
    var queueSeconds: Double?
    var firstTokenSeconds: Double?
    /// Seconds between tokens that are not counted yet.
    var gaps: [Double] = []
    var lastToken: Double?
    /// Tokens, those that are counted already among them.
    var tokens = 0
    var countedTokens = 0
    /// When something was counted last; nil for never.
    var counted: Double?
    var seconds = 0.0
    /// The code of the error it ended with.
    var error: String?

    init(model: String) { self.model = model }
  }

  /// Counts of values up to each bound.
  private struct Histogram {
    let bounds: [Double]
    var counts: [Int]
    var sum = 0.0

    init(_ metric: ModelMetric) {
      bounds = metric.bounds
      counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    mutating func add(_ value: Double) {
      guard value.isFinite else { return }
      counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
      sum += value
    }
  }

  private struct Model {
    var firstToken = Histogram(.firstToken)
    var gap = Histogram(.gap)
    var rate = Histogram(.rate)
    var wait = Histogram(.wait)
    var requests = 0
    var tokens = 0
    var errors: [String: Int] = [:]
  }

  /// Models that are counted; names come from the registry and the owner's aliases.
  private static let most = 200

  private let models = Mutex<[String: Model]>([:])

  private func change(_ model: String, _ body: (inout Model) -> Void) {
    models.withLock { models in
      guard models[model] != nil || models.count < DoorMetrics.most else { return }
      body(&models[model, default: Model()])
    }
  }

  /// Counts a request that has ended.
  func add(_ record: Record) {
    change(record.model) { model in
      model.requests += 1
      model.tokens += record.tokens - record.countedTokens
      if let seconds = record.queueSeconds { model.wait.add(seconds) }
      if let seconds = record.firstTokenSeconds {
        model.firstToken.add(seconds)
        let producing = record.seconds - (record.queueSeconds ?? 0) - seconds
        if record.tokens > 1, producing > 0 {
          model.rate.add(Double(record.tokens - 1) / producing)
        }
      }
      for gap in record.gaps { model.gap.add(gap) }
      if let error = record.error { model.errors[error, default: 0] += 1 }
    }
  }

  /// Counts the tokens of a request that goes on, and the times between them: long answers are seen as they come.
  func addProgress(of record: inout Record, now: Double) {
    let tokens = record.tokens - record.countedTokens
    let gaps = record.gaps
    change(record.model) { model in
      model.tokens += tokens
      for gap in gaps { model.gap.add(gap) }
    }
    record.countedTokens = record.tokens
    record.gaps = []
    record.counted = now
  }

  /// Counts a request that was refused before it waited.
  func add(error: String, model: String) {
    change(model) { model in
      model.requests += 1
      model.errors[error, default: 0] += 1
    }
  }

  /// As Prometheus reads it.
  /// - Parameter queues: requests that wait and that are answered, by model.
  func text(_ queues: [(pool: String, waiting: Int, running: Int)], isOpenMetrics: Bool) -> String {
    let models = models.withLock { $0 }.sorted { $0.key < $1.key }
    var text = ""
    func family(_ metric: ModelMetric, _ lines: [String]) {
      guard !lines.isEmpty else { return }
      // OpenMetrics describes the family, Prometheus the samples.
      let shown = isOpenMetrics ? metric.name : metric.sampleName
      text += "# HELP \(shown) \(metric.help)\n# TYPE \(shown) \(metric.kind.rawValue)\n"
      if isOpenMetrics, let unit = metric.unit { text += "# UNIT \(shown) \(unit)\n" }
      text += lines.joined()
    }
    func line(_ metric: ModelMetric, _ labels: [String], _ value: Int) -> String {
      let pairs = zip(metric.labels, labels).map { "\($0.name)=\"\(DoorMetrics.escaped($1))\"" }
      return "\(metric.sampleName){\(pairs.joined(separator: ","))} \(value)\n"
    }
    func histogram(_ metric: ModelMetric, _ part: KeyPath<Model, Histogram>) {
      family(
        metric,
        models.flatMap { model, values -> [String] in
          let histogram = values[keyPath: part]
          guard histogram.counts.contains(where: { $0 > 0 }) else { return [] }
          let label = "model=\"\(DoorMetrics.escaped(model))\""
          var sum = 0
          var lines = zip(histogram.bounds.map { "\($0)" } + ["+Inf"], histogram.counts).map {
            bound, count in
            sum += count
            return "\(metric.name)_bucket{\(label),le=\"\(bound)\"} \(sum)\n"
          }
          lines.append("\(metric.name)_sum{\(label)} \(histogram.sum)\n")
          lines.append("\(metric.name)_count{\(label)} \(sum)\n")
          return lines
        })
    }
    family(.requests, models.map { line(.requests, [$0], $1.requests) })
    family(.tokens, models.map { line(.tokens, [$0], $1.tokens) })
    family(
      .errors,
      models.flatMap { model, values in
        values.errors.sorted { $0.key < $1.key }.map { line(.errors, [model, $0], $1) }
      })
    family(.waiting, queues.map { line(.waiting, [$0.pool], $0.waiting) })
    family(.active, queues.map { line(.active, [$0.pool], $0.running) })
    histogram(.firstToken, \.firstToken)
    histogram(.gap, \.gap)
    histogram(.rate, \.rate)
    histogram(.wait, \.wait)
    return text
  }

  /// A name as label values have it.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(200) {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\0"..<" ", "\u{7f}"..."\u{9f}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
