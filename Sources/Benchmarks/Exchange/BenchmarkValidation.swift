internal import Base

/// What a run must be to be taken from a file that anybody may have written.
package enum BenchmarkValidation {
  /// Results of a run.
  static let resultLimit = 4096
  /// Samples of a result.
  static let sampleLimit = 65_536
  /// Bytes of a text.
  static let textLimit = 4096
  /// Entries of facts, details, causes, limits, suites.
  static let entryLimit = 256

  /// What is wrong with a run, for people; nil for a sound one.
  /// - Parameter now: UTC, ISO 8601: the clock of another machine may be a day ahead.
  package static func problem(_ run: BenchmarkRun, now: String) -> String? {
    if run.schema != BenchmarkRun.currentSchema {
      return "its schema is not \(BenchmarkRun.currentSchema)"
    }
    if !isName(run.id, limit: 64) { return "its id is not of letters, digits and '-'" }
    guard let started = BenchmarkTime.milliseconds(run.started) else {
      return "'started' is not a time in UTC"
    }
    if let finished = run.finished, BenchmarkTime.milliseconds(finished) == nil {
      return "'finished' is not a time in UTC"
    }
    if let now = BenchmarkTime.milliseconds(now), started > now + 86_400_000 {
      return "it began in the future"
    }
    if run.suites.count > entryLimit || !run.suites.allSatisfy({ isName($0, limit: 64) }) {
      return "'suites' are not names of suites"
    }
    if !areShort([run.program, run.boot ?? ""]) || !areShort(run.context) {
      return "a text is longer than \(textLimit) bytes, or there are more than \(entryLimit)"
    }
    if run.results.count > resultLimit { return "it has more than \(resultLimit) results" }
    var keys: Set<String> = []
    for result in run.results {
      let key = result.series.key
      if let problem = problem(result) { return "result '\(key.prefix(128))': \(problem)" }
      if !keys.insert(key).inserted { return "it has two results of the series '\(key)'" }
    }
    return nil
  }

  /// What is wrong with a result; nil for a sound one.
  package static func problem(_ result: BenchmarkResult) -> String? {
    if let problem = problem(result.series) { return problem }
    let figures = [result.value, result.low, result.high, result.spread]
    if !(figures.compactMap { $0 } + result.samples).allSatisfy({ $0.isFinite && $0 >= 0 }) {
      return "a figure is negative or not finite"
    }
    if result.samples.count > sampleLimit { return "it has more than \(sampleLimit) samples" }
    if result.dropped < 0 || result.dropped > Int(Int32.max) {
      return "'dropped' is not a number of samples"
    }
    if let value = result.value {
      if (result.low ?? value) > value || (result.high ?? value) < value {
        return "the figure is outside its interval"
      }
    } else if [.measured, .low, .invalid].contains(result.verdict) {
      return "it is \(result.verdict.rawValue) without a figure"
    }
    let limits = result.ceiling?.limits ?? []
    if !limits.compactMap(\.value).allSatisfy({ $0.isFinite && $0 > 0 }) {
      return "a limit is not above zero, or not finite"
    }
    // The least limit is computed, not believed.
    if let ceiling = result.ceiling, ceiling != BenchmarkCeiling(limits) {
      return "the ceiling is not the least of its limits"
    }
    if [.measured, .low].contains(result.verdict), let share = result.shareOfCeiling,
      share > ResultJudge.ceilingTolerance
    {
      return "it is \(result.verdict.rawValue) above its ceiling"
    }
    let texts =
      [result.reason ?? "", result.series.subject] + result.causes
      + limits.flatMap { [$0.name, $0.arithmetic] }
    if !areShort(texts) || !areShort(result.details) || !areShort(result.context)
      || result.flags.count > entryLimit
    {
      return "a text is longer than \(textLimit) bytes, or there are more than \(entryLimit)"
    }
    return nil
  }

  /// What is wrong with a series: a key that is not made of its own parts.
  private static func problem(_ series: BenchmarkSeries) -> String? {
    guard isName(series.suite, limit: 64), isName(series.metric, limit: 128) else {
      return "suite or metric is not a name"
    }
    let prefix = "\(series.suite).\(series.metric)/"
    guard series.key.hasPrefix(prefix), series.key.utf8.count > prefix.utf8.count,
      series.key.utf8.count <= 512, !hasControls(series.key)
    else { return "the key is not 'suite.metric/subject' of its own parts" }
    return nil
  }

  /// Letters, digits and marks that no shell, path, label or table gives a meaning to.
  private static func isName(_ text: String, limit: Int) -> Bool {
    (1...limit).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  private static func areShort(_ texts: [String]) -> Bool {
    texts.count <= 2 * entryLimit && texts.allSatisfy { $0.utf8.count <= textLimit }
  }

  private static func areShort(_ facts: [String: String]) -> Bool {
    facts.count <= entryLimit && areShort(facts.flatMap { [$0.key, $0.value] })
  }
}
