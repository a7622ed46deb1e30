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
}
