import Base
import Linux
import TestSupport
import Testing

@testable import LoadKernels

@Suite(.serialized) struct CPULoadTests {
  @Test(arguments: ComputeKernel.available.map(\.name)) func everyVariantIsRight(_ name: String)
    throws
  {
    var load = CPULoad(cpus: try firstCPU(), seconds: 0.2)
    load.variant = name
    let result = try load.run()
    #expect(result.variant == name)
    #expect(result.batches > 0)
    #expect(result.wrongBatches.isEmpty)
    let samples = try #require(result.samples.values.first)
    #expect(!samples.isEmpty && samples.count <= 5)
    for sample in samples {
      #expect(sample.operationsPerSecond > 1e7 && sample.operationsPerSecond < 1e12)
      #expect((sample.cleanShare > 0) == (sample.cleanOperationsPerSecond != nil))
    }
    let rate = try #require(result.operationsPerSecond)
    #expect(rate <= samples.map(\.operationsPerSecond).max() ?? 0)
  }

  @Test func wrongResultsAreFound() throws {
    let kernel = try #require(ComputeKernel.available.last)
    var expected = kernel.expected()
    #expect(kernel.run(expected).isRight)
    for index in expected.indices where expected[index] != 0 {
      expected[index] ^= 1
      #expect(!kernel.run(expected).isRight)
      expected[index] ^= 1
    }
  }

  @Test func everyCPUHasItsOwnSamples() throws {
    let cpus = try allowedCPUs()
    let before = cpus
    let result = try CPULoad(cpus: cpus, seconds: 0.3).run()
    #expect(result.samples.keys.sorted() == cpus.numbers)
    #expect(result.operationsPerSecond != nil)
    #expect(try allowedCPUs() == before)
  }

  @Test func stopEndsItWithin100ms() throws {
    var delays: [Double] = []
    for _ in 0..<5 where (delays.min() ?? 1) > 0.1 {
      let stop = StopFlag()
      let stopped = after(0.1) { stop.stop() }
      let result = try CPULoad(cpus: try allowedCPUs(), seconds: 60).run(stop: stop)
      let end = Clock.seconds()
      delays.append(end - stopped())
      #expect(result.isStopped)
    }
    #expect((delays.min() ?? 1) <= 0.1)
  }

  @Test func whatCannotBeIsRefused() throws {
    var load = CPULoad(cpus: try firstCPU(), seconds: 1)
    load.variant = "mmx"
    #expect(throws: Failure.self) { try load.run() }
    load.variant = nil
    load.sampleSeconds = 0
    #expect(throws: Failure.self) { try load.run() }
    load.sampleSeconds = .nan
    #expect(throws: Failure.self) { try load.run() }
    load.sampleSeconds = 1e300
    #expect(throws: Failure.self) { try load.run() }
    load.sampleSeconds = 0.05
    for seconds in [Double.infinity, -.infinity, .nan, -1] {
      load.seconds = seconds
      #expect(throws: Failure.self) { try load.run() }
    }
    #expect(throws: Failure.self) { try CPULoad(cpus: NumberSet([8191]), seconds: 1).run() }
  }
}
