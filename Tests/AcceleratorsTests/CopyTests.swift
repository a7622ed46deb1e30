import Base
import Foundation
import Linux
import TestSupport
import Testing

@testable import Accelerators

/// Copies through stand-in libraries. That the calls are made in the documented order, and what becomes of
/// each thing that goes wrong, is shown here; what a real library or card does is not.
@Suite struct CopyTests {
  static let bytes = 4 << 20
  /// Bytes a second of the stand-ins, by the times they report.
  static let rate = 2e9

  /// A stand-in, built into a folder of its own.
  static func stub(_ name: String, _ flags: String = "") throws -> String {
    try build(name, in: temporaryPath(), "-shared -fPIC -pthread \(flags)")
  }

  /// Both libraries, with one thing wrong.
  static func library(_ kind: String, _ flags: String = "") throws -> any CopyLibrary {
    if kind == "cuda" { return try CUDACopies(library: stub("cuda", flags)) }
    return try HSACopies(library: stub("hsa_copies", flags), .gpus)
  }

  static func limit(_ seconds: Double = 30) -> CopyLimit {
    CopyLimit(seconds: seconds, isStopped: { false })
  }

  /// A lane from host memory to a device, with the memory.
  static func lane(
    _ library: any CopyLibrary, to device: Int = 0, count: Int = 1
  ) throws -> (CopyLane, HostMemory) {
    let memory = try HostMemory(bytes: bytes, node: nil)
    memory.fill(seed: 7)
    let from = try library.lock(memory, devices: [device])
    let to = try library.allocate(device, bytes: bytes, peers: [])
    return (CopyLane(from: from, to: to, count: count), memory)
  }

  @Test(arguments: ["hsa", "cuda"])
  func `devices have the addresses of their cards`(kind: String) throws {
    let library = try Self.library(kind, "-DGPUS=3")
    #expect(
      library.devices.map(\.address?.description) == [
        "0000:21:00.0", "0000:41:00.0", "0000:61:00.0",
      ])
    let address = try #require(PCIAddress("41:00.1"))
    #expect(library.devices.map { $0.isAt(address) } == [false, true, false])
  }

  @Test(arguments: ["hsa", "cuda"])
  func `a copy has the device's own time, and the data arrives`(kind: String) throws {
    let library = try Self.library(kind)
    let (lane, memory) = try Self.lane(library, count: 3)
    let times = try library.copy([lane], Self.limit())
    try #require(times.map(\.count) == [3])
    for interval in times[0] {
      let rate = Double(Self.bytes) / (interval.end - interval.start)
      #expect(abs(rate / Self.rate - 1) < 0.001, "\(rate)")
    }
    for (before, after) in zip(times[0], times[0].dropFirst()) {
      #expect(after.start >= before.end - 1e-6)
    }
    let back = try HostMemory(bytes: Self.bytes, node: nil)
    #expect(back.firstDifference(seed: 7) == 0)
    let buffer = try library.lock(back, devices: [0])
    _ = try library.copy([CopyLane(from: lane.to, to: buffer)], Self.limit())
    #expect(back.firstDifference(seed: 7) == nil)
    #expect(memory.firstDifference(seed: 7) == nil)
    #expect(back.firstDifference(seed: 8) == 0)
  }

  @Test(arguments: ["hsa", "cuda"], CopyLane.Driver.allCases)
  func `lanes between devices run at the same time`(kind: String, driver: CopyLane.Driver) throws {
    let library = try Self.library(kind, "-DGBPS=0.2")
    let buffers = try (0..<4).map {
      try library.allocate($0 % 2, bytes: Self.bytes, peers: [0, 1])
    }
    let memory = try HostMemory(bytes: Self.bytes, node: nil)
    memory.fill(seed: 3)
    let host = try library.lock(memory, devices: [0, 1])
    _ = try library.copy([CopyLane(from: host, to: buffers[0])], Self.limit())
    let times = try library.copy(
      [
        CopyLane(from: buffers[0], to: buffers[1], count: 8, driver: driver),
        CopyLane(from: buffers[3], to: buffers[2], count: 8, driver: driver),
        CopyLane(from: buffers[2], to: buffers[2], count: 2),
      ], Self.limit())
    #expect(times.map(\.count) == [8, 8, 2])
    let starts = times.compactMap(\.first?.start)
    let ends = times.compactMap(\.last?.end)
    // 8 copies of 21 ms each, started within one call.
    #expect(try #require(starts.prefix(2).max()) < #require(ends.prefix(2).min()))
    memory.fill(seed: 4)
    _ = try library.copy([CopyLane(from: buffers[1], to: host)], Self.limit())
    #expect(memory.firstDifference(seed: 3) == nil)
  }

  /// Numbers of the faults in Tests/Stubs/hsa_copies.c and cuda.c, and what each ends with.
  private static let faults: [(number: Int, reason: String)] = [
    (1, "a copy did not end within 0.2 s"), (2, "made up"), (3, ""),
    (4, "the device's times of a copy are"), (5, "the device's times of a copy are"),
    (8, "by the device's clock a copy took 3600000"),
  ]

  @Test(arguments: ["hsa", "cuda"], faults)
  func `what goes wrong ends within its deadline, with the reason`(
    kind: String, fault: (number: Int, reason: String)
  ) throws {
    let library = try Self.library(kind, "-DFAULT=\(fault.number)")
    let (lane, _) = try Self.lane(library)
    let clock = ContinuousClock()
    let start = clock.now
    let error = try #require(throws: CopyError.self) {
      try library.copy([lane], Self.limit(fault.number == 1 ? 0.2 : 30))
    }
    let broken = kind == "cuda" ? "cuEventQuery: made up (719)" : "the copy failed (-1)"
    let reason = fault.number == 3 ? broken : fault.reason
    #expect(error.description.contains(reason), "\(error)")
    #expect(clock.now - start < .seconds(5))
    // Nothing is known of copies that do not end, nor of those of a broken context.
    #expect(library.isAbandoned == (fault.number == 1 || fault.number == 3 && kind == "cuda"))
  }

  @Test(arguments: ["hsa", "cuda"])
  func `copies that nobody wants any more are left`(kind: String) throws {
    let library = try Self.library(kind, "-DFAULT=1")
    let (lane, _) = try Self.lane(library)
    #expect(throws: CopyError.stopped) {
      try library.copy([lane], CopyLimit(seconds: 60, isStopped: { true }))
    }
    #expect(library.isAbandoned)
  }

  @Test(arguments: ["hsa", "cuda"])
  func `a GPU that may not reach another's memory`(kind: String) throws {
    let library = try Self.library(kind, "-DFAULT=10")
    let error = try #require(throws: CopyError.self) {
      try library.allocate(0, bytes: Self.bytes, peers: [0, 1])
    }
    #expect(error.description.hasPrefix("41:00.0 may not access the memory of 21:00.0"))
  }

  @Test func `CPU agents stand in for GPUs`() throws {
    let library = try HSACopies(library: try Self.stub("hsa_copies", "-DGPUS=0 -DCPUS=4"), .cpus)
    #expect(library.devices.map(\.node) == [0, 1, 2, 3])
    #expect(library.devices.allSatisfy { $0.address == nil })
    let (lane, _) = try Self.lane(library, to: 3)
    let times = try library.copy([lane], Self.limit())
    #expect(abs(times[0][0].end - times[0][0].start - Double(Self.bytes) / Self.rate) < 1e-6)
  }

  @Test func `libraries without a device say so`() throws {
    let noKFD = try Self.stub("hsa_copies", "-DFAULT=11")
    #expect(
      throws: LibraryError.status(
        call: "hsa_init", code: 0x1008, meaning: "no accelerator it can open")
    ) {
      try HSACopies(library: noKFD, .gpus)
    }
    let noGPU = try Self.stub("cuda", "-DFAULT=12")
    #expect(
      throws: LibraryError.status(
        call: "cuInit", code: 100, meaning: "no CUDA-capable device is detected")
    ) { try CUDACopies(library: noGPU) }
    // A stand-in with agents and without the calls for copies.
    let error = #expect(throws: LibraryError.self) {
      try HSACopies(library: try Self.stub("hsa"), .gpus)
    }
    guard case .symbol = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `data at a wrong place is found`() throws {
    let memory = try HostMemory(bytes: 1 << 20, node: nil)
    #expect(memory.firstDifference(seed: 1) == 0)
    memory.fill(seed: 1)
    #expect(memory.firstDifference(seed: 1) == nil)
    #expect(memory.firstDifference(seed: 2) == 0)
  }

  @Test func `memory of a node that is not there is refused`() throws {
    let error = try #require(throws: CopyError.self) {
      try HostMemory(bytes: 1 << 20, node: 900)
    }
    #expect(error.description.hasPrefix("memory of node 900: "))
  }

  @Test func `a read beyond its memory is refused as that`() throws {
    let folder = try Project.temporaryFolder()
    defer { removeFolder(folder.path) }
    try DurableFile.write([UInt8](repeating: 7, count: 8192), to: folder.path + "/file")
    let file = try DirectFile(folder.path + "/file")
    let memory = try HostMemory(bytes: 8192, node: nil)
    let error = try #require(throws: CopyError.self) {
      try DirectReads(
        [DirectReads.Piece(file, offset: 0, place: 4096, bytes: 8192)], into: memory, threads: 1)
    }
    guard case .read("a read would end beyond its memory") = error else {
      Issue.record("\(error)")
      return
    }
  }
}
