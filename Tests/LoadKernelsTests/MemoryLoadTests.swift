import Base
import Linux
import TestSupport
import Testing

@testable import LoadKernels

@Suite(.serialized) struct MemoryLoadTests {
  /// A small load on some CPUs: what is measured is this machine's cache.
  static func load(_ cpus: NumberSet, node: Int? = nil, seconds: Double = 0.6) -> MemoryLoad {
    MemoryLoad(cpus: cpus, node: node, cacheBytes: 2 << 20, byteLimit: 64 << 20, seconds: seconds)
  }

  @Test func oneThread() throws {
    let before = try allowedCPUs()
    let result = try Self.load(firstCPU()).run()
    #expect(try allowedCPUs() == before)
    #expect(result.wrongSlices == 0)
    #expect(!result.isStopped)
    #expect(result.arrayBytes == 8 << 20)
    // Every variant was timed, and one of each operation chosen.
    #expect(Set(result.samples.map(\.variant)) == Set(MemoryVariant.available))
    #expect(result.fastest.count == MemoryOperation.allCases.count)
    for operation in MemoryOperation.allCases {
      let fastest = try #require(result.fastest[operation])
      #expect(fastest.operation == operation)
      let counts = result.counts(operation)
      #expect(counts.all > 0 && result.rates(operation).count == counts.clean)
    }
    for sample in result.samples {
      let bytes = Double(sample.variant.operation.arrays << 20)
      #expect(abs(sample.bytesPerSecond * sample.seconds - bytes) < 1)
      #expect(sample.start > result.setupSeconds)
      #expect(sample.start < result.setupSeconds + 0.6 + 1)
    }
    #expect(result.slices > result.samples.count)
    let last = try #require(result.samples.last)
    #expect(last.start > result.setupSeconds + 0.2)
  }

  @Test(arguments: [0, -1, Int.min, Int.max, Int.max / 4, Int.max / 4 - 1])
  func aCacheThatNoMachineHasIsUnknown(_ bytes: Int) {
    var load = Self.load(NumberSet([0, 1, 2]))
    load.cacheBytes = bytes
    let failure = #expect(throws: Failure.self) { try load.arrayBytes() }
    #expect(failure?.reason == "the size of the last-level cache is unknown")
    load.cacheBytes = 2 << 20
    load.byteLimit = .min
    #expect(throws: Failure.self) { try load.arrayBytes() }
  }

  @Test func severalThreadsHaveOneRate() throws {
    let cpus = try allowedCPUs()
    try #require(cpus.count > 1)
    var load = Self.load(NumberSet(cpus.numbers.prefix(4)))
    load.operations = [.read, .triad]
    let result = try load.run()
    #expect(result.wrongSlices == 0)
    #expect(Set(result.samples.map(\.variant.operation)) == [.read, .triad])
    // Windows, one after the other.
    let ends = result.samples.map { $0.start + $0.seconds }
    #expect(zip(ends, result.samples.dropFirst()).allSatisfy { $0 <= $1.start })
    #expect(result.samples.allSatisfy { $0.bytesPerSecond > 0 })
  }

  @Test func pagesAreWhereTheyWereAskedFor() throws {
    let load = Self.load(try firstCPU(), node: 0, seconds: 0.3)
    let result = try load.run()
    for pages in [try #require(result.pagesBefore), try #require(result.pagesAfter)] {
      switch pages.binding {
      case .bound(let node):
        #expect(node == 0)
        if pages.nodesError == nil {
          #expect(pages.sampled == 512)
          #expect(pages.shareOnNode == 1)
        } else {
          #expect(pages.shareOnNode == nil)
        }
      case .unknown(let node, let errno):
        // A container without the right to mbind: unknown, no pass.
        #expect(node == 0 && errno.number != 0)
      case .notAsked: Issue.record("node 0 was asked for")
      }
      #expect(pages.hugeShare.map { (0...1).contains($0) } ?? true)
    }
  }

  @Test func ordinaryPagesAreRecorded() throws {
    let memory = try NodeMemory(bytes: 8 << 20, node: nil, wantsHugePages: false)
    var part = MemoryPart(of: memory, arrayBytes: 2 << 20, index: 0, count: 1)
    // Nothing is there yet: no page has a node.
    let empty = memory.pages()
    #expect(empty.nodesError != nil || empty.unreadable == empty.sampled)
    #expect(empty.shareOnNode == nil)
    let isFilled = part.fill(StopFlag())
    #expect(isFilled)
    let pages = memory.pages()
    #expect(pages.hugeShare == 0)
    #expect(pages.pageBytes >= 4096)
    #expect(pages.nodesError != nil || pages.unreadable < pages.sampled)
  }

  @Test func shareIsUnknownWithoutEvidence() {
    var pages = MemoryPages(binding: .bound(1), pageBytes: 4096)
    #expect(pages.shareOnNode == nil)
    pages.add([1, 1, 0, -2])
    #expect(pages.shareOnNode == 0.5)
    #expect(pages.unreadable == 1)
    pages.nodesError = .EPERM
    #expect(pages.shareOnNode == nil)
    var refused = MemoryPages(binding: .unknown(1, .EPERM), pageBytes: 4096)
    refused.add([0, 0])
    // Unbound, and all elsewhere: known to be wrong.
    #expect(refused.shareOnNode == 0)
  }

  @Test func wrongMemoryIsFound() throws {
    let memory = try NodeMemory(bytes: 16 << 20, node: nil, wantsHugePages: true)
    var part = MemoryPart(of: memory, arrayBytes: 4 << 20, index: 0, count: 1)
    let isFilled = part.fill(StopFlag())
    #expect(isFilled)
    let triad = try #require(MemoryVariant.available.first { $0.operation == .triad })
    let read = try #require(MemoryVariant.available.first { $0.operation == .read })
    #expect(part.verify(triad, slice: 2, scalar: 3))
    #expect(part.run(read, slice: 2, scalar: 3)?.isRight == true)
    // Another part over the same memory, at another place, has other values.
    var other = MemoryPart(of: memory, arrayBytes: 4 << 20, index: 1, count: 2)
    let isOtherFilled = other.fill(StopFlag())
    #expect(isOtherFilled)
    #expect(part.run(read, slice: 2, scalar: 3)?.isRight == true)
    let bits = try #require(
      UnsafeMutablePointer<UInt64>(
        bitPattern: memory.base + UInt(4 << 20 + MemoryPart.stagger + 2 << 20)))
    bits[77] ^= 1 << 40
    #expect(part.run(read, slice: 2, scalar: 3)?.isRight == false)
    #expect(!part.verify(triad, slice: 2, scalar: 3))
    #expect(part.verify(triad, slice: 1, scalar: 3))
  }

  @Test func stopEndsItWithin100ms() throws {
    var delays: [Double] = []
    // The least of a few: others may have the CPU at the moment.
    for _ in 0..<5 where (delays.min() ?? 1) > 0.1 {
      let stop = StopFlag()
      let stopped = after(0.3) { stop.stop() }
      var load = Self.load(try allowedCPUs(), seconds: 60)
      load.byteLimit = 256 << 20
      load.cacheBytes = 16 << 20
      let result = try load.run(stop: stop)
      let end = Clock.seconds()
      delays.append(end - stopped())
      #expect(result.isStopped)
    }
    #expect((delays.min() ?? 1) <= 0.1)
  }

  @Test func pagesThatComeTooLate() throws {
    var load = Self.load(try allowedCPUs(), seconds: 60)
    load.setupLimit = 0.0001
    let failure = #expect(throws: Failure.self) { try load.run() }
    #expect(failure?.reason == "not done within 0 s")
  }

  // In a process of its own: other tests take memory at the same time.
  @Test func memoryGoesBack() async {
    await #expect(processExitsWith: .success) {
      let before = try Self.resident()
      for _ in 0..<3 { _ = try Self.load(firstCPU(), seconds: 0.1).run() }
      // Three loads of 24 MiB each.
      let growth = try Self.resident() - before
      #expect(growth < 20 << 20)
    }
  }

  /// Bytes of this process that are in memory (proc_pid_statm(5)).
  static func resident() throws -> Int {
    let text = try StampedFile.read("/proc/self/statm", limit: 4096).bytes
    return try #require(ASCII.fields(text[...]).dropFirst().first.flatMap(ASCII.decimal)) * 4096
  }

  @Test func whatCannotBeIsRefused() throws {
    let cpu = try firstCPU()
    var load = Self.load(cpu)
    load.cacheBytes = 0
    #expect(throws: Failure.self) { try load.run() }
    load.cacheBytes = .max
    #expect(throws: Failure.self) { try load.run() }
    load = Self.load(cpu)
    load.byteLimit = 7 << 20
    #expect(throws: Failure.self) { try load.run() }
    load = Self.load(cpu)
    load.operations = []
    #expect(throws: Failure.self) { try load.run() }
    #expect(throws: Failure.self) { try Self.load(NumberSet()).run() }
    load = Self.load(cpu, seconds: .infinity)
    #expect(throws: Failure.self) { try load.run() }
    load = Self.load(cpu)
    load.setupLimit = .infinity
    #expect(throws: Failure.self) { try load.run() }
    // A CPU that no machine has, alone and beside one that is there.
    let failure = #expect(throws: Failure.self) { try Self.load(NumberSet([8191])).run() }
    #expect(failure?.errno == .EINVAL)
    #expect(throws: Failure.self) { try Self.load(cpu.union(NumberSet([8191]))).run() }
    if case .bound = try NodeMemory(bytes: 4096, node: 0, wantsHugePages: false).binding {
      for node in [1023, 1 << 20, -1, .max] {
        let failure = #expect(throws: Failure.self) { try Self.load(cpu, node: node).run() }
        #expect(failure?.code == .notFound)
      }
    }
  }
}
