package import Base

/// Runs as JSON lines: one run a line, as `tinyboxctl benchmark run --json` has it but without line breaks.
package enum BenchmarkLines {
  /// The largest line that is read, in bytes: a run of 4,096 results with 24 samples each has half of it.
  package static let lineLimit = 8 << 20

  /// A line that was not taken.
  package struct Rejected: Hashable, Sendable {
    /// Its number, from 1 on.
    package var line: Int
    /// Why.
    package var reason: String

    package init(line: Int, reason: String) {
      self.line = line
      self.reason = reason
    }
  }

  /// The line of a run, with its line feed.
  package static func line(_ run: BenchmarkRun) throws(Failure) -> [UInt8] {
    try JSON.line(run) + [UInt8(ascii: "\n")]
  }

  /// Reads lines that anybody may have written. Each is judged by itself: a malformed one costs the others
  /// nothing.
  /// - Parameters:
  ///   - now: UTC, ISO 8601; a run that began more than a day later is refused.
  ///   - body: called with the number of the line and the run, or the reason why it is none.
  package static func read(
    _ bytes: [UInt8], now: String, _ body: (Int, Result<BenchmarkRun, Reason>) -> Void
  ) {
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }) { continue }
      body(number, run(line, now: now))
    }
  }

  private static func run(_ line: ArraySlice<UInt8>, now: String) -> Result<BenchmarkRun, Reason> {
    guard line.count <= lineLimit else {
      return .failure(Reason("the line has \(line.count) bytes, more than \(lineLimit)"))
    }
    var run: BenchmarkRun
    do {
      run = try JSON.decode(BenchmarkRun.self, from: line)
    } catch {
      return .failure(Reason(words(error)))
    }
    if let problem = BenchmarkValidation.problem(run, now: now) {
      return .failure(Reason(problem))
    }
    // Computed, not believed.
    for index in run.results.indices {
      let share = run.results[index].shareOfCeiling
      run.results[index].ceilingShare = share?.isFinite == true ? share : nil
    }
    return .success(run)
  }

  /// The decoder's error in one line: which key, and what about it.
  private static func words(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    }
    func place(_ context: DecodingError.Context) -> String {
      path(context).isEmpty ? "the run" : path(context)
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      return "there is no '\(key.stringValue)' in \(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context)) is of another type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(path(context)) has a value that is not known"
    default: return "it is not JSON, or has a number that is too large"
    }
  }
}
