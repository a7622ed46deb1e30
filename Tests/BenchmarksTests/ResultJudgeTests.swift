import Base
import TestMachines
import TestSupport
import Testing

@testable import Benchmarks

@Suite struct ResultJudgeTests {
  private let series = BenchmarkSeries(
    suite: "memory", metric: "read", subjectKey: "cpu0-memory0", subject: "node 0",
    unit: .bytesPerSecond)

  private func planned(
    _ ceiling: Double?, mark: Double? = 0.7, better: BenchmarkSeries.Better = .higher
  ) -> PlannedMeasurement {
    var series = series
    series.better = better
    return PlannedMeasurement(
      series, seconds: 1, quickSeconds: 1,
      ceiling: BenchmarkCeiling([.init("channels", ceiling, "made up")]), mark: mark)
  }

  private func observation(_ value: Double, count: Int = 9) -> Observation {
    Observation((0..<count).map { value * (1 + 0.001 * Double($0 % 3)) }, mayHaveWarmUp: false)
  }

  @Test func `a figure has median, interval and share of its ceiling`() throws {
    let result = ResultJudge.result(planned(100), observation(80), isQuick: false)
    #expect(result.verdict == .measured)
    let value = try #require(result.value)
    #expect(abs(value - 80.08) < 0.001)
    #expect(try #require(result.low) <= value)
    #expect(try #require(result.high) >= value)
    #expect(abs(try #require(result.ceilingShare) - 0.8008) < 0.0001)
    #expect(result.flags.isEmpty)
  }

  @Test func `above the ceiling is invalid, never good news`() {
    let result = ResultJudge.result(planned(100), observation(130), isQuick: false)
    #expect(result.verdict == .invalid)
    #expect(result.reason?.contains("130 %") == true)
    // Clocks are only so exact.
    #expect(
      ResultJudge.result(planned(100), observation(101), isQuick: false).verdict == .measured)
  }

  @Test func `below its mark a figure names the failed checks of its path`() {
    let result = ResultJudge.result(
      planned(100), observation(50), isQuick: false, failedChecks: ["memory-speed"])
    #expect(result.verdict == .low)
    #expect(result.causes == ["memory-speed"])
    let well = ResultJudge.result(
      planned(100), observation(90), isQuick: false, failedChecks: ["memory-speed"])
    #expect(well.causes.isEmpty)
  }

  @Test func `an unknown limit leaves the ceiling unknown and nothing judged`() {
    let ceiling = BenchmarkCeiling([
      .init("channels", 100, "1 x 100"), .init("fabric", nil, "not known"),
    ])
    #expect(ceiling.value == nil)
    #expect(ceiling.arithmetic == "unknown; fabric: not known")
    var one = planned(nil)
    one.ceiling = ceiling
    let result = ResultJudge.result(one, observation(1000), isQuick: false)
    #expect(result.verdict == .measured)
    #expect(result.ceilingShare == nil)
  }

  @Test func `of times less is better`() throws {
    let result = ResultJudge.result(
      planned(100, better: .lower), observation(200), isQuick: false)
    #expect(abs(try #require(result.ceilingShare) - 0.4995) < 0.001)
    #expect(result.verdict == .low)
    #expect(
      ResultJudge.result(planned(100, better: .lower), observation(50), isQuick: false).verdict
        == .invalid)
  }

  @Test func `samples that cannot be are dropped, and none left is a failure`() {
    var mixed = observation(80)
    mixed.samples += [.nan, .infinity, -1, 0]
    let result = ResultJudge.result(planned(100), mixed, isQuick: true)
    #expect(result.dropped == 4)
    #expect(result.verdict == .measured)
    #expect(result.flags == [.quick])
    let none = ResultJudge.result(
      planned(100), Observation([.nan, 0], dropped: 3), isQuick: false)
    #expect(none.verdict == .failed)
    #expect(none.reason == "no usable sample in 5")
    #expect(none.value == nil)
  }

  @Test func `the details that a figure depends on are its context`() {
    var observed = observation(80)
    observed.details = ["program": "fio-3.33", "bytes": "1000"]
    observed.settings = ["program", "variant"]
    let result = ResultJudge.result(planned(100), observed, isQuick: false)
    #expect(result.details == observed.details)
    #expect(result.context == ["program": "fio-3.33"])
  }

  @Test func `few samples have no interval, and say so`() {
    let result = ResultJudge.result(planned(100), observation(80, count: 3), isQuick: false)
    #expect(result.low == nil)
    #expect(result.flags == [.fewSamples])
  }

  @Test func `what warmed up is dropped`() {
    let samples = [10.0, 20, 40] + (0..<40).map { 80 + 0.1 * Double($0 % 5) }
    let result = ResultJudge.result(planned(100), Observation(samples), isQuick: false)
    #expect((3...5).contains(result.dropped))
    #expect(result.samples.allSatisfy { $0 >= 80 })
    #expect(result.samples.count + result.dropped == 43)
  }
}
