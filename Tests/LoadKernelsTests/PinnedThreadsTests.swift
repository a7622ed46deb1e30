import Base
import Linux
import Synchronization
import TestSupport
import Testing

@testable import LoadKernels

@Suite struct PinnedThreadsTests {
  /// What the threads saw, by their index.
  final class Seen: Sendable {
    let cpus = Mutex<[Int: NumberSet]>([:])
  }

  @Test func eachThreadHasItsCPU() throws {
    let cpus = try allowedCPUs()
    let seen = Seen()
    try PinnedThreads.run(on: cpus) { index in
      let own = try? allowedCPUs()
      seen.cpus.withLock { $0[index] = own }
    }
    let expected = cpus.numbers.enumerated().map { ($0.offset, NumberSet([$0.element])) }
    #expect(seen.cpus.withLock { $0 } == Dictionary(uniqueKeysWithValues: expected))
    #expect(try allowedCPUs() == cpus)
  }

  // In a process of its own, whose other threads nobody else pins.
  @Test func noOtherThreadIsPinned() async {
    await #expect(processExitsWith: .success) {
      let before = try allowedCPUs(of: "self")
      let caller = try allowedCPUs()
      try PinnedThreads.run(on: firstCPU()) { _ in
        // While a thread is pinned.
        if (try? allowedCPUs(of: "self")) != before { fatalError("the main thread was pinned") }
      }
      #expect(try allowedCPUs(of: "self") == before)
      #expect(try allowedCPUs() == caller)
    }
  }

  @Test func noneStartsWhereOneCannot() throws {
    let seen = Seen()
    let cpus = try firstCPU().union(NumberSet([8191]))
    let failure = #expect(throws: Failure.self) {
      try PinnedThreads.run(on: cpus) { index in seen.cpus.withLock { $0[index] = NumberSet() } }
    }
    #expect(failure?.errno == .EINVAL)
    #expect(failure?.step.contains("8191") == true)
    #expect(seen.cpus.withLock { $0.isEmpty })
  }
}
