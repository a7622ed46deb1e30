import Base
import TestSupport
import Testing

@testable import RuntimeCatalog

@Suite struct JobTests {
  private func status(_ text: String) -> JobStatus? { JobStatus(Array(text.utf8)) }

  @Test func `a status has a step, and may say how many there are`() {
    #expect(status(#"{"step": 120, "steps": 600}"#) == JobStatus(step: 120, steps: 600))
    #expect(status(#"{"step": 0, "loss": [1, {"x": null}]}"#) == JobStatus(step: 0))
  }

  @Test(arguments: [
    "", "{}", "[]", "7", #"{"step": -1}"#, #"{"step": 1.5}"#, #"{"step": "7"}"#,
    #"{"step": 1e300}"#,
    #"{"step": 9007199254740993}"#, #"{"step": 99999999999999999999}"#, #"{"step": null}"#,
    #"{"step": 5, "steps": 4}"#, #"{"step": 5, "steps": 1e18}"#, "\u{0}\u{1}",
    #"{"step": 1, "x": ""# + String(repeating: "a", count: 4096) + #""}"#,
  ]) func `what cannot be is no status`(_ text: String) { #expect(status(text) == nil) }

  @Test(.seeded) func `bytes of any kind do no harm`() {
    var random = SeededGenerator()
    let whole = Array(#"{"step": 120, "steps": 600}"#.utf8)
    for round in 0..<2000 {
      var bytes = random.bytes(Int.random(in: 0...64, using: &random))
      if round % 2 == 0 {
        bytes = whole
        bytes[Int.random(in: 0..<whole.count, using: &random)] = random.bytes(1)[0]
      }
      if let status = JobStatus(bytes) { #expect((0...JobStatus.mostSteps).contains(status.step)) }
    }
  }

  @Test func `a rate is of the last minute, the mean of all`() {
    var progress = JobProgress()
    progress.take(JobStatus(step: 0), written: 1000)
    #expect(progress.stepsPerSecond == nil)
    for second in 1...100 {
      progress.take(JobStatus(step: second * 2), written: 1000 + Double(second))
    }
    #expect(progress.stepsPerSecond == 2 && progress.meanStepsPerSecond == 2)
    for second in 101...200 {
      progress.take(JobStatus(step: 200 + (second - 100) * 10), written: 1000 + Double(second))
    }
    #expect(progress.stepsPerSecond == 10 && progress.meanStepsPerSecond == 6)
    #expect(progress.status?.step == 1200)
    // The same file again is no new point; a hang shows in what comes after it.
    progress.take(JobStatus(step: 1200), written: 1200)
    #expect(progress.stepsPerSecond == 10)
  }

  @Test func `an older checkpoint, and a clock that was set back, begin anew`() {
    var progress = JobProgress()
    progress.take(JobStatus(step: 100), written: 10)
    progress.take(JobStatus(step: 110), written: 20)
    progress.take(JobStatus(step: 105), written: 30)
    #expect(progress.stepsPerSecond == nil && progress.status?.step == 105)
    progress.take(JobStatus(step: 125), written: 40)
    #expect(progress.meanStepsPerSecond == 2)
    progress.take(JobStatus(step: 130), written: 5)
    #expect(progress.stepsPerSecond == nil)
    progress.take(JobStatus(step: JobStatus.mostSteps), written: .infinity)
    #expect(progress.status?.step == 130)
  }

  @Test func `what the start before has left does not count`() {
    var progress = JobProgress(after: 10)
    progress.take(JobStatus(step: 600), written: 10)
    #expect(progress.status == nil)
    progress.take(JobStatus(step: 5), written: 20)
    #expect(progress.status?.step == 5)
  }

  @Test func `jobs are in the registry, checked like runtimes, and old files have none`() throws {
    var progress = JobProgress()
    progress.take(JobStatus(step: 10, steps: 50), written: 0)
    progress.take(JobStatus(step: 20, steps: 50), written: 3)
    var registry = RuntimeRegistry(written: "2026-11-30T00:00:00Z", instances: [])
    #expect(try RuntimeRegistry.decode(JSON.line(registry)).jobs == nil)
    registry.jobs = [RuntimeJob(name: "train", state: .ready, since: "", progress: progress)]
    let read = try RuntimeRegistry.decode(JSON.line(registry))
    #expect(read == registry && read.jobs?[0].stepsPerSecond == 3.333)
    #expect(read.jobs?[0].step == 20 && read.jobs?[0].steps == 50)
    registry.jobs?[0].step = -1
    #expect(throws: Failure.self) { try RuntimeRegistry.decode(JSON.line(registry)) }
  }
}
