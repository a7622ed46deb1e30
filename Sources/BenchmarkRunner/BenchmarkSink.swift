package import Base
package import Benchmarks

/// Where a run keeps what it measured: each result as soon as there is one, so that an end at any moment
/// loses only the measurement that was being made.
package protocol BenchmarkSink {
  /// A run begins.
  func begin(_ run: BenchmarkRun) throws(Failure)
  /// A measurement of the run was made, or left out.
  func append(_ result: BenchmarkResult, to run: String) throws(Failure)
  /// The run ended.
  func finish(_ run: BenchmarkRun) throws(Failure)
}
