import Base
import Benchmarks
import Testing

@testable import BenchmarkRunner

/// RDMA, with a program in place of perftest: devices that do it are in no test machine.
struct RDMAMeasurerTests {
  private func measure(_ script: String) throws -> Observation {
    let bench = try RunnerBench()
    let job = PerftestJob(peer: "10.0.0.2", device: "rxe0", seconds: 1)
    return try RDMAMeasurer.measure(
      job, command: [try bench.script("ib_write_bw", script)], NetworkMeasurer.Place(),
      bench.session())
  }

  @Test func theRateIsTheFigure() throws {
    let observation = try measure(
      """
      echo ' #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]'
      echo ' 65536      1000             0.00               8.00             0.015'
      """)
    #expect(observation.samples == [1e9])
    #expect(observation.details["bytes"] == "65536000")
  }

  @Test func aPeerThatDoesNotAnswerDoesNotApply() throws {
    let failure = #expect(throws: Failure.self) {
      try measure("echo \"Couldn't connect to 10.0.0.2:18515\" >&2; exit 1")
    }
    #expect(failure?.code == .notFound)
    #expect(failure?.reason.contains("no ib_write_bw answers on 10.0.0.2") == true)
  }

  @Test func withoutPerftestItDoesNotApply() throws {
    let bench = try RunnerBench()
    let failure = #expect(throws: Failure.self) {
      try RDMAMeasurer.measure(
        PerftestJob(peer: "10.0.0.2", device: "rxe0", seconds: 1),
        command: ["no-such-program-of-perftest"], NetworkMeasurer.Place(), bench.session())
    }
    #expect(failure?.code == .notFound)
    #expect(failure?.hint == "it is in the package perftest")
  }
}
