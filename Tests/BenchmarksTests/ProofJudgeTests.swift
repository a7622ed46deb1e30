import Base
import TestMachines
import Testing

@testable import Benchmarks

/// What trials show of a placement is said of that placement only.
@Suite struct ProofJudgeTests {
  private let here = MadeUp.at("01:00.0")
  private let elsewhere = MadeUp.at("41:00.0")
  private let plan = "00c0ffee00c0ffee"

  private func trial(
    _ verdict: BenchmarkTrial.Verdict = .gain, metric: String = "random-read-depth-32",
    id: Int = 1, plan: String? = nil, identity: String? = "S1", at address: PCIAddress? = nil,
    kernel: String? = "6.1.0-1", isOld: Bool = false, key: String = "S1"
  ) -> BenchmarkTrial {
    var trial = BenchmarkTrial(
      time: "2026-11-2\(id)T02:14:05Z", device: key, series: "nvme.\(metric)/\(key)",
      plan: "\(plan ?? self.plan): 1 setting of nvme0", pairs: [.init(off: 1, on: 1.12)],
      ratio: 1.12, low: 1.08, high: 1.16, looks: 1, verdict: verdict,
      conditions: isOld
        ? nil : .init(identity: identity, address: address ?? here, kernel: kernel))
    trial.id = id
    return trial
  }

  private func proof(
    _ trials: [BenchmarkTrial], identity: String? = "S1", isOnlyOne: Bool = true,
    plan: String? = "00c0ffee00c0ffee", problem: String? = nil, kernel: String? = "6.1.0-1"
  ) -> PlacementProof {
    var subject = ProofSubject(device: "nvme0", address: here, identity: identity, plan: plan)
    subject.isOnlyOne = isOnlyOne
    subject.problem = problem
    return ProofJudge.proofs(of: [subject], kernel: kernel, .known(trials))[0]
  }

  @Test(arguments: BenchmarkTrial.Verdict.allCases)
  func `the last trial of the same placement counts`(_ verdict: BenchmarkTrial.Verdict) {
    let earlier: BenchmarkTrial.Verdict = verdict == .worse ? .gain : .worse
    let proof = proof([trial(earlier, id: 1), trial(verdict, id: 2)])
    #expect(proof.state.rawValue == verdict.rawValue && proof.reason == nil)
    #expect(proof.loads.map(\.verdict) == [verdict] && proof.loads[0].isCurrent == true)
    #expect(proof.loads[0].time == "2026-11-22T02:14:05Z" && proof.loads[0].low == 1.08)
  }

  @Test func `one load that is worse outweighs a gain, and a gain outweighs nothing`() {
    let none = trial(.noGainShown, metric: "a", id: 1)
    let gain = trial(.gain, metric: "b", id: 2)
    let worse = trial(.worse, metric: "c", id: 3)
    #expect(proof([none, gain]).state == .gain)
    #expect(proof([gain, none, worse]).state == .worse)
    #expect(proof([worse, gain, none]).loads.map(\.metric) == ["a", "b", "c"])
  }

  @Test func `another plan, kernel or address is a change`() {
    for (changed, reason) in [
      (trial(plan: "1111111111111111"), "other settings or values were tried"),
      (trial(kernel: "5.10"), "kernel 5.10 then, 6.1.0-1 now"),
      (trial(at: elsewhere), "it was at 41:00.0"),
    ] {
      let proof = proof([changed])
      #expect(proof.state == .triedBeforeChange && proof.reason == reason)
      #expect(proof.loads.map(\.isCurrent) == [false])
    }
    // What holds of another load now is not taken away by it.
    let mixed = proof([trial(.worse, metric: "a", plan: "1111111111111111"), trial(metric: "b")])
    #expect(mixed.state == .gain && mixed.loads.map(\.isCurrent) == [false, true])
  }

  @Test func `another device in its place was not tried`() {
    #expect(proof([trial(identity: "S2")]).state == .notTried)
    #expect(proof([]).state == .notTried)
    #expect(proof([trial(at: elsewhere)], isOnlyOne: false).state == .notTried)
    #expect(proof([trial()], isOnlyOne: false).state == .gain)
  }

  @Test func `what is not known is no verdict`() {
    for (found, reason) in [
      (proof([trial(kernel: nil)]), "the kernel of the trial or of now is not known"),
      (proof([trial()], kernel: nil), "the kernel of the trial or of now is not known"),
      (proof([trial(identity: nil)]), "it has no serial number to know it by"),
      (proof([trial()], identity: nil), "it has no serial number to know it by"),
      (proof([trial()], plan: nil, problem: "it is being tried"), "it is being tried"),
    ] {
      #expect(found.state == .unknown && found.reason == reason)
      #expect(found.loads.count == 1 && found.loads[0].isCurrent == nil)
    }
    // Neither known to be the same nor the same: it has changed.
    #expect(proof([trial(at: elsewhere, kernel: nil)]).state == .triedBeforeChange)
  }

  @Test func `a trial of an earlier version is the device's, and no more is known`() {
    for key in ["S1", "S1-namespace2", "S1@01:00.0"] {
      #expect(proof([trial(isOld: true, key: key)]).state == .unknown)
    }
    #expect(proof([trial(isOld: true, key: "S12")]).state == .notTried)
    #expect(proof([trial(isOld: true)], identity: nil).state == .notTried)
    #expect(proof([trial(plan: "1111111111111111", isOld: true)]).state == .triedBeforeChange)
  }

  @Test func `without a history nothing is said to be untried`() {
    let subject = ProofSubject(device: "nvme0", address: here, identity: "S1", plan: plan)
    let history = TrialHistory(BenchmarkTrialsDocument([], hasHistory: false))
    let proof = ProofJudge.proofs(of: [subject], kernel: "6.1.0-1", history)[0]
    #expect(proof.state == .unknown && proof.loads.isEmpty)
    #expect(proof.reason == "there is no history: nothing was measured here yet")
  }
}
