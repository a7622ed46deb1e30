import Base
import Benchmarks
import Placement
import TestMachines
import Testing

@testable import Render

@Suite struct ProofLinesTests {
  private func load(_ verdict: BenchmarkTrial.Verdict = .gain) -> BenchmarkTrial {
    BenchmarkTrial(
      time: "2026-11-30T02:14:05Z", device: "S1", series: "nvme.random-read-depth-32/S1",
      plan: "00c0ffee00c0ffee: x", pairs: [], ratio: 1.1234, low: 1.08, high: 1.1642, looks: 1,
      verdict: verdict,
      conditions: .init(identity: "S1", address: MadeUp.at("01:00.0"), kernel: "6.1.0-1"))
  }

  private func proofs(_ history: TrialHistory, kernel: String = "6.1.0-1") -> [PlacementProof] {
    let subjects = [
      ProofSubject(
        device: "nvme0", address: MadeUp.at("01:00.0"), identity: "S1", plan: "00c0ffee00c0ffee"),
      ProofSubject(device: "eth0", address: MadeUp.at("81:00.0"), identity: "02:00", plan: "1"),
    ]
    return ProofJudge.proofs(of: subjects, kernel: kernel, history)
  }

  private func lines(_ proofs: [PlacementProof]?, width: Int = 80) -> [String] {
    var plan = Plan(origin: "test")
    plan.proofs = proofs
    return PlacementPlan.render(plan, Style(width: width))
  }

  @Test func `a verdict has interval and date, what was not tried is listed`() {
    #expect(
      lines(proofs(.known([load()]))) == [
        "proven by trials",
        "  nvme0 01:00.0: gain",
        "    random-read-depth-32: gain, 1.123 (1.08 to 1.164), 2026-11-30",
        "  not tried: eth0 81:00.0",
        "",
        "nothing to change",
      ])
  }

  @Test func `what has changed since is named`() {
    #expect(
      lines(proofs(.known([load(.worse)]), kernel: "6.12.0-3"))[1...2] == [
        "  nvme0 01:00.0: tried before a change: kernel 6.1.0-1 then, 6.12.0-3 now",
        "    random-read-depth-32: worse, 1.123 (1.08 to 1.164), 2026-11-30",
      ])
  }

  @Test func `one reason for all devices is said once, and a recording says nothing`() {
    #expect(
      lines(proofs(.unknown("only root and tinyboxd may read the history of benchmarks"))) == [
        "proven by trials",
        "  unknown: only root and tinyboxd may read the history of benchmarks",
        "",
        "nothing to change",
      ])
    #expect(lines(nil) == ["nothing to change"])
    #expect(lines([]) == ["nothing to change"])
  }

  @Test(arguments: [20, 40, 80]) func `no line is wider than the terminal`(width: Int) {
    let history = TrialHistory.known([load(.noGainShown)])
    for kernel in ["6.1.0-1", String(repeating: "6.12.0 ", count: 30) + "\u{1b}[2J"] {
      for line in lines(proofs(history, kernel: kernel), width: width) {
        #expect(line.count <= width, "\(line)")
        #expect(!line.contains("\u{1b}"))
      }
    }
  }
}
