import Base
import Benchmarks
import Inventory
import TestMachines
import Testing

@testable import Health

@Suite struct BenchmarkDeclineTests {
  private func findings(_ benchmarks: Result<BenchmarkChangesDocument, Failure>?) -> [Finding] {
    BenchmarkDeclineCheck.evaluate(Box(WellServer.inventory, benchmarks: benchmarks))
  }

  private func document(
    _ changes: [BenchmarkChange] = [], series: Int = 20, judged: Int = 15
  ) -> Result<BenchmarkChangesDocument, Failure> {
    .success(BenchmarkChangesDocument(changes, seriesCount: series, judgedCount: judged))
  }

  private func change(
    _ id: Int, _ series: String, _ verdict: BenchmarkChange.Verdict, before: Double? = 100,
    after: Double? = 90, why: [String] = [], time: String = "2026-11-20T03:00:00Z"
  ) -> BenchmarkChange {
    var change = BenchmarkChange(
      series: series, time: time, foundAt: "2026-11-25T03:00:00Z",
      before: before, after: after, z: -6.14, verdict: verdict, explanation: why)
    change.id = id
    return change
  }

  @Test func `without a history there is no pass`() {
    #expect(findings(nil).map(\.verdict) == [.notApplicable])
    #expect(findings(document(series: 0, judged: 0)).map(\.verdict) == [.notApplicable])
    let few = findings(document(judged: 0))
    #expect(few.map(\.verdict) == [.notApplicable])
    #expect(few.first?.summary == "no series has the 12 figures that are needed")
    let unreadable = findings(.failure(Failure("open benchmarks.db", because: "it is damaged")))
    #expect(unreadable.map(\.verdict) == [.unknown])
    #expect(unreadable.first?.evidence.first?.value.contains("it is damaged") == true)
  }

  @Test func `judged series without a fall pass, and what is not confirmed is named`() {
    let well = findings(document())
    #expect(well.map(\.verdict) == [.pass])
    #expect(well.first?.evidence.map(\.value) == ["15 of 20 series"])
    let other = [
      change(1, "a.b/c", .improvement, after: 110), change(2, "a.b/c", .contextChange),
    ]
    #expect(findings(document(other)) == well)
    let suspected = findings(document(other + [change(3, "a.b/d", .suspicion)]))
    #expect(suspected.map(\.verdict) == [.pass])
    #expect(
      suspected.first?.summary == "15 series judged, none has fallen for certain; 1 suspicion")
    #expect(
      suspected.first?.evidence.last?.value
        == "a.b/d: not confirmed: 10 % lower since 2026-11-20, found 2026-11-25, 6.1 standard errors"
    )
  }

  @Test func `falls with one cause are one finding`() throws {
    let found = findings(
      document([
        change(4, "gpu.h2d/x", .decline, after: 51.25, why: ["41:00.0 link: x16 to x8"]),
        change(5, "gpu.d2h/x", .decline, after: 50.5, why: ["41:00.0 link: x16 to x8"]),
        change(6, "memory.latency/n", .decline, after: 112.3),
        change(
          7, "nvme.read/s", .drift, before: nil, after: nil, why: ["4.1 % a year over 30 weeks"]),
        change(
          8, "cpu.one/c", .decline, before: nil, after: nil, time: "2026-11-21T03:00:00Z"),
      ]))
    #expect(found.allSatisfy { $0.verdict == .warn && $0.harm == .smallLoss })
    #expect(
      found.map(\.subject) == [
        "gpu.d2h/x and 1 more", "memory.latency/n", "nvme.read/s", "cpu.one/c",
      ])
    #expect(
      found.map(\.summary) == [
        "up to 49.5 % worse since 2026-11-20: 41:00.0 link: x16 to x8",
        "12.3 % higher since 2026-11-20: no known cause",
        "slowly worse: 4.1 % a year over 30 weeks", "worse since 2026-11-21: no known cause",
      ])
    let first = try #require(found.first)
    #expect(first.evidence.map(\.fact) == ["benchmarks.changes[4]", "benchmarks.changes[5]"])
    #expect(
      first.advice.map(\.commands) == [
        ["tinyboxctl benchmark history gpu.d2h/x"],
        ["tinyboxctl benchmark acknowledge 4", "tinyboxctl benchmark acknowledge 5"],
      ])
  }

  @Test func `a fall counts while few series can be judged, and a key is one word`() throws {
    let found = findings(document([change(1, "nvme.read/a b'", .decline)], series: 1, judged: 0))
    #expect(found.map(\.verdict) == [.warn])
    #expect(
      found.first?.advice.first?.commands == [
        "tinyboxctl benchmark history 'nvme.read/a b'\\'''"
      ])
  }

  @Test func `a fault with many series lists some of them`() throws {
    let many = (1...100).map { change($0, "memory.read/\($0)", .decline, why: ["governor"]) }
    let found = findings(document(many))
    #expect(found.count == 1)
    #expect(found.first?.subject?.hasSuffix(" and 99 more") == true)
    #expect(found.first?.evidence.count == 16)
  }

  @Test func `the report of a box has it`() {
    let report = HealthReport(
      Box(WellServer.inventory, benchmarks: document([change(1, "a.b/c", .decline)])))
    #expect(report.findings.first { $0.check == "benchmark-decline" }?.verdict == .warn)
    // Also the quick one, which a screen shows every other second.
    let quick = HealthReport(
      Box(WellServer.inventory, benchmarks: document()), parts: [.pci])
    #expect(quick.checks.contains("benchmark-decline"))
  }
}
