import Base
import Testing

@testable import Benchmarks

@Suite struct ScheduledRunTests {
  private func due(_ last: String?, _ suspected: [String] = [], now: String) -> ScheduledRun {
    ScheduledRun.due(last: last, suspected: suspected, now: now)
  }

  @Test func `everything is measured first, and then every week`() {
    let last = "2026-11-01T04:10:00Z"
    #expect(due(nil, now: last) == .everything)
    #expect(due(last, now: "2026-11-02T03:10:00Z") == .nothing)
    #expect(due(last, now: "2026-11-07T03:10:00Z") == .nothing)
    // The random delay of the timer made the night before later than this one.
    #expect(due(last, now: "2026-11-08T03:05:00Z") == .everything)
  }

  @Test func `a suspicion is confirmed night after night, by its suites alone`() {
    let last = "2026-11-01T04:10:00Z"
    let night = due(last, ["nvme", "gpu", "nvme"], now: "2026-11-02T03:10:00Z")
    #expect(night == .confirmation(suites: ["gpu", "nvme"]))
    #expect(night.options?.trigger == .confirmation)
    #expect(night.options?.suites == ["gpu", "nvme"])
    #expect(due(last, ["gpu"], now: "2026-11-08T04:10:00Z") == .everything)
  }

  @Test func `a time that is none, or of the future, measures everything`() {
    #expect(due("yesterday", now: "2026-11-02T03:10:00Z") == .everything)
    #expect(due("2027-01-01T00:00:00Z", now: "2026-11-02T03:10:00Z") == .everything)
    #expect(ScheduledRun.everything.options?.trigger == .scheduled)
    #expect(ScheduledRun.everything.options?.suites == [])
    #expect(ScheduledRun.nothing.options == nil)
  }

  private func part(_ started: String, _ suites: [String], measured: [String]) -> BenchmarkRun {
    var run = BenchmarkRun(
      id: started, started: started, boot: nil, trigger: .scheduled, program: "1", isQuick: false,
      suites: suites, context: [:])
    run.state = .aborted
    run.results = measured.map { suite in
      let series = BenchmarkSeries(
        suite: suite, metric: "m", subjectKey: "k", subject: "s", unit: .bytesPerSecond)
      return BenchmarkResult(series, .measured, reason: nil)
    }
    return run
  }

  @Test func `a run that was ended early goes on the next night`() {
    let now = "2026-11-09T03:10:00Z"
    let all = ["memory", "cpu", "nvme", "network"]
    func due(_ parts: [BenchmarkRun]) -> ScheduledRun {
      ScheduledRun.due(last: "2026-11-01T04:10:00Z", parts: parts, suspected: [], now: now)
    }
    // The suite in which it ended is not whole.
    let first = part("2026-11-08T03:10:00Z", all, measured: ["memory", "cpu", "nvme"])
    #expect(due([first]) == .rest(suites: ["nvme", "network"]))
    #expect(due([first]).options?.trigger == .scheduled)
    #expect(due([first]).options?.suites == ["nvme", "network"])
    // A suite without any result, as where there is no such device, is whole with a later one.
    let second = part("2026-11-09T01:10:00Z", ["nvme", "network"], measured: ["network"])
    #expect(due([second, first]) == .rest(suites: ["network"]))
    #expect(due([part("2026-11-08T03:10:00Z", all, measured: [])]) == .everything)
    #expect(due([part("2026-11-08T03:10:00Z", all, measured: ["memory"])]) == .everything)
    // Days ago, and of the future.
    #expect(due([part("2026-11-05T03:10:00Z", all, measured: all)]) == .everything)
    #expect(due([part("2026-11-10T03:10:00Z", all, measured: all)]) == .everything)
    // Not when nothing is due.
    #expect(
      ScheduledRun.due(
        last: "2026-11-08T02:10:00Z", parts: [first], suspected: [], now: now) == .nothing)
  }
}
