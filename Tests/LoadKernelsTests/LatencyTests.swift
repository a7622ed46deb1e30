import Base
import Linux
import TestSupport
import Testing

@testable import LoadKernels

@Suite(.serialized) struct LatencyTests {
  @Test(.seeded, arguments: [2, 3, 17, 1 << 14, (1 << 14) + 1, 40_000])
  func cycleLeadsThroughEveryLine(_ lines: Int) throws {
    var random = SeededGenerator(round: lines)
    let memory = try NodeMemory(bytes: lines * 64, node: nil, wantsHugePages: false)
    let cycle = PointerCycle(memory: memory, seed: random.next())
    #expect(cycle.build(StopFlag()) == true)
    // Eight times round is where it began, and not before.
    let end = try #require(cycle.follow(from: 0, loads: lines * 8))
    #expect(end.offset == 0)
    let once = try #require(cycle.follow(from: 0, loads: 8))
    #expect(cycle.isLine(once.offset))
    if lines > 8 { #expect(once.offset != 0) }
  }

  @Test func brokenCycleIsFound() throws {
    let memory = try NodeMemory(bytes: 64 * 1000, node: nil, wantsHugePages: false)
    let cycle = PointerCycle(memory: memory, seed: 1)
    #expect(cycle.build(StopFlag()) == true)
    #expect(
      !cycle.isLine(-64) && !cycle.isLine(64_000) && !cycle.isLine(65) && cycle.isLine(63_936))
    let stop = StopFlag()
    stop.stop()
    #expect(cycle.build(stop) == nil)
  }

  @Test func memoryIsSlowerThanTheCache() throws {
    let cpu = try #require(try allowedCPUs().first)
    let sizes = [16 << 10, 128 << 20]
    let points = try LatencyTest(cpu: cpu, node: 0, sizes: sizes, secondsPerSize: 0.3).run()
    #expect(points.map(\.bytes) == sizes)
    #expect(points.filter { !$0.isRight }.isEmpty)
    let medians = points.map { point in
      let times =
        (point.cleanNanoseconds.isEmpty ? point.samples.map(\.nanoseconds) : point.cleanNanoseconds)
      return times.sorted()[times.count / 2]
    }
    // 1 ns and 80 ns or more; a debug build is as fast.
    #expect(medians[0] > 0.2 && medians[0] < 20)
    #expect(medians[1] > 4 * medians[0])
    #expect(points[0].streamedBytesPerSecond == nil)
    #expect(points.allSatisfy { $0.samples.count <= LatencyTest.batchLimit })
  }

  @Test func othersStreamMeanwhile() throws {
    let cpus = try allowedCPUs().numbers
    try #require(cpus.count > 1)
    let variant = try #require(MemoryVariant.available.last { $0.operation == .read })
    // The loading CPU first and last in the set: threads find their own work either way.
    for (loader, streamer) in [(cpus[0], cpus[1]), (cpus[1], cpus[0])] {
      var test = LatencyTest(cpu: loader, node: nil, sizes: [8 << 20], secondsPerSize: 0.3)
      test.stream = LatencyTest.Stream(
        cpus: NumberSet([streamer]), node: nil, variant: variant, bytes: 32 << 20)
      let point = try #require(try test.run().first)
      #expect(point.isRight)
      #expect(point.wrongStreamSlices == 0)
      let rate = try #require(point.streamedBytesPerSecond)
      #expect(rate > 1e8)
    }
  }

  @Test func stopEndsItWithin100ms() throws {
    let cpus = try allowedCPUs().numbers
    let variant = try #require(MemoryVariant.available.last { $0.operation == .triad })
    var delays: [Double] = []
    for _ in 0..<5 where (delays.min() ?? 1) > 0.1 {
      let stop = StopFlag()
      let stopped = after(0.2) { stop.stop() }
      // Stopped while it builds a cycle of 1 GiB that takes longer.
      var test = LatencyTest(cpu: cpus[0], node: nil, sizes: [1 << 30], secondsPerSize: 60)
      if cpus.count > 1 {
        test.stream = LatencyTest.Stream(
          cpus: NumberSet([cpus[1]]), node: nil, variant: variant, bytes: 64 << 20)
      }
      _ = try test.run(stop: stop)
      let end = Clock.seconds()
      delays.append(end - stopped())
    }
    #expect((delays.min() ?? 1) <= 0.1)
  }

  @Test(arguments: [0, 64, 100, 129, -64, 1 << 38]) func sizesThatAreNone(_ size: Int) {
    let test = LatencyTest(cpu: 0, node: nil, sizes: [size], secondsPerSize: 0.1)
    let failure = #expect(throws: Failure.self) { try test.run() }
    #expect(failure?.reason.contains("less than 256 GiB") == (size == 1 << 38))
  }

  @Test func oneCPUDoesOneThing() throws {
    let cpu = try #require(try allowedCPUs().first)
    let variant = try #require(MemoryVariant.available.first)
    var test = LatencyTest(cpu: cpu, node: nil, sizes: [4096], secondsPerSize: 0.1)
    test.stream = LatencyTest.Stream(
      cpus: NumberSet([cpu]), node: nil, variant: variant, bytes: 64 << 20)
    #expect(throws: Failure.self) { try test.run() }
    test.stream = LatencyTest.Stream(
      cpus: NumberSet([cpu + 1]), node: nil, variant: variant, bytes: 1 << 20)
    #expect(throws: Failure.self) { try test.run() }
  }
}
