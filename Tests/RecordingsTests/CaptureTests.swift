import Base
import Testing

@testable import KernelTree
@testable import Recordings

/// A question put to a tree.
enum Ask: Hashable {
  case bytes(String)
  case entries(String)
  case link(String)
  case real(String)
  case status(String)
  case probe(String)

  /// The answer, in a form that compares. `live` answers a probe where the tree asks.
  func answer(_ tree: KernelTree, live: Result<[UInt8], ReadFailure>? = nil) -> String {
    do throws(ReadFailure) {
      switch self {
      case .bytes(let path): return "\(try tree.bytes(path))"
      case .entries(let path): return "\(try tree.names(path))"
      case .link(let path): return try tree.source.linkTarget(path)
      case .real(let path): return try tree.realPath(path)
      case .status(let path): return "\(try tree.status(path))"
      case .probe(let name):
        let answer = try tree.probe(name) { () throws(ReadFailure) in
          guard let live else { throw ReadFailure(path: name, cause: .timedOut) }
          return try live.get()
        }
        return "\(answer)"
      }
    } catch {
      return error.description
    }
  }
}

/// A tree in memory that asks when it is probed, as the live one does.
final class ProbingSource: TreeSource {
  private let inner: any TreeSource
  init(_ inner: any TreeSource) { self.inner = inner }
  var origin: TreeOrigin { inner.origin }
  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] { try inner.bytes(request) }
  func entries(_ path: String) throws(ReadFailure) -> [String] { try inner.entries(path) }
  func linkTarget(_ path: String) throws(ReadFailure) -> String { try inner.linkTarget(path) }
  func realPath(_ path: String) throws(ReadFailure) -> String { try inner.realPath(path) }
  func status(_ path: String) throws(ReadFailure) -> FileStatus { try inner.status(path) }
  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] { try ask() }
}

@Suite struct CaptureTests {
  /// Records the asks, writes and opens the recording, and compares every answer.
  private func expectReplay(
    _ tree: KernelTree, _ asks: [Ask], live: Result<[UInt8], ReadFailure>? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> KernelTree {
    let recorder = RecordingSource(ProbingSource(tree.source))
    let answers = asks.map { $0.answer(KernelTree(recorder), live: live) }
    let recording = recorder.recording(.now(toolVersion: "test"))
    let scratch = Scratch()
    let path = scratch.path + "/x.tar.zst"
    try CaptureWriter.write(recording, to: path)
    let archive = try RecordingLoader.open(path)
    let replay = recording.replay()
    for (ask, answer) in zip(asks, answers) {
      #expect(ask.answer(replay) == answer, "\(ask)", sourceLocation: sourceLocation)
      #expect(ask.answer(archive) == answer, "\(ask)", sourceLocation: sourceLocation)
    }
    return archive
  }

  private var sample: KernelTree {
    var builder = MemoryTreeBuilder()
    builder.file("/sys/devices/pci0000:00/0000:00:01.0/vendor", "0x1002", permissions: 0o444)
    builder.file("/sys/devices/pci0000:00/0000:00:01.0/config", bytes: [2, 0x10, 0, 255])
    builder.file("/sys/devices/pci0000:00/0000:00:01.0/reset", bytes: [], permissions: 0o200)
    builder.link(
      "/sys/bus/pci/devices/0000:00:01.0", to: "../../../devices/pci0000:00/0000:00:01.0")
    builder.link("/sys/devices/pci0000:00/0000:00:01.0/driver", to: "/sys/bus/pci/drivers/amdgpu")
    builder.set("/sys/bus/pci/drivers/amdgpu", .directory(["vanished"], permissions: 0o750))
    builder.set("/sys/secret", .failing(.permissionDenied, kind: .file))
    builder.set("/sys/broken", .failing(.gone, kind: .file))
    builder.set("/sys/odd", .failing(.system(Errno(22)), kind: .file))
    builder.set("/sys/closed", .failing(.permissionDenied, kind: .directory))
    builder.set("/dev/kfd", .failing(.notRecorded, kind: .other))
    builder.link("/sys/loop", to: "loop")
    builder.file("/proc/empty", bytes: [])
    builder.file("/proc/nul", bytes: [0, 10, 0])
    builder.file("/proc/irq/7/smp_affinity", "ff", permissions: 0o644)
    builder.link("/dev/disk/by-id/nvme-x", to: "../../nvme0n1")
    builder.set("/dev/nvme0n1", .failing(.notRecorded, kind: .other))
    return builder.tree()
  }

  @Test func everyAnswerReplays() throws {
    let device = "/sys/bus/pci/devices/0000:00:01.0"
    _ = try expectReplay(
      sample,
      [
        .entries("/sys/bus/pci/devices"), .real(device), .entries(device),
        .bytes(device + "/vendor"), .bytes(device + "/config"), .bytes(device + "/absent"),
        .status(device + "/reset"), .status(device + "/vendor"), .status(device),
        .link(device + "/driver"), .link(device + "/vendor"), .link(device + "/physfn"),
        .real(device + "/driver"), .entries(device + "/driver"),
        .bytes(device + "/driver/vanished"), .status(device + "/driver/vanished"),
        .bytes("/sys/secret"), .bytes("/sys/broken"), .bytes("/sys/odd"), .bytes("/sys/loop"),
        .real("/sys/loop"), .link("/sys/loop"), .status("/sys/loop"), .entries("/sys/closed"),
        .bytes(device), .entries(device + "/vendor"), .bytes("/proc/empty"), .bytes("/proc/nul"),
        .status("/proc/irq/7/smp_affinity"), .bytes("/proc/irq/7/smp_affinity"),
        .status("/dev/kfd"), .real("/dev/disk/by-id/nvme-x"), .entries("/dev/disk/by-id"),
        .status("/dev/nvme0n1"), .entries("/nowhere"), .status("/nowhere/x"), .real("/nowhere"),
      ])
  }

  @Test(
    arguments: [
      .success([]), .success(Array("key value\n".utf8)), .success([0xff, 0, 0x22, 0x5c]),
      .success(Array("\u{1F600}\u{7f}\u{1}\t\"\\".utf8)),
      .failure(ReadFailure(path: "/dev/x", cause: .permissionDenied)),
      .failure(ReadFailure(path: "ethtool/eth0", cause: .system(Errno(95)))),
      .failure(ReadFailure(path: "x", cause: .tooLarge(limit: 12))),
    ] as [Result<[UInt8], ReadFailure>])
  func probesReplay(answer: Result<[UInt8], ReadFailure>) throws {
    let tree = try expectReplay(sample, [.bytes("/proc/empty"), .probe("a/b")], live: answer)
    #expect(Ask.probe("other").answer(tree, live: answer) == "other: not in the recording")
  }

  @Test func whatWasNotAskedIsNotInTheRecording() throws {
    let tree = try expectReplay(
      sample, [.entries("/sys"), .bytes("/sys/devices/pci0000:00/0000:00:01.0/vendor")])
    // Listed and never read.
    #expect(throws: ReadFailure(path: "/sys/secret", cause: .notRecorded)) {
      try tree.bytes("/sys/secret")
    }
    // On the way to what was read, and never listed.
    let folder = "/sys/devices/pci0000:00/0000:00:01.0"
    #expect(throws: ReadFailure(path: folder, cause: .notRecorded)) { try tree.names(folder) }
    #expect(!tree.exists("/proc"))
  }

  @Test func aLaterAnswerCounts() throws {
    final class Flaky: TreeSource {
      let origin = TreeOrigin.memory("flaky")
      let inner = MemoryTreeBuilder().tree().source
      func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
        if request.limit < 10 { throw ReadFailure(path: request.path, cause: .tooLarge(limit: 9)) }
        return Array("0123456789".utf8)
      }
      func entries(_ path: String) throws(ReadFailure) -> [String] { try inner.entries(path) }
      func linkTarget(_ path: String) throws(ReadFailure) -> String { try inner.linkTarget(path) }
      func realPath(_ path: String) throws(ReadFailure) -> String { path }
      func status(_ path: String) throws(ReadFailure) -> FileStatus {
        FileStatus(kind: path == "/sys/a" ? .file : .directory, permissions: 0o444)
      }
      func probe(
        _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
      ) throws(ReadFailure) -> [UInt8] { try ask() }
    }
    for limits in [[9, 100], [100, 9]] {
      let recorder = RecordingSource(Flaky())
      for limit in limits { _ = try? recorder.bytes(ReadRequest("/sys/a", limit: limit)) }
      let replay = recorder.recording().replay()
      #expect(try replay.text("/sys/a") == "0123456789")
      #expect(throws: ReadFailure(path: "/sys/a", cause: .tooLarge(limit: 9))) {
        try replay.bytes("/sys/a", limit: 9)
      }
    }
  }

  /// Over the machine that runs the test: real links, real permissions, real failures.
  @Test func theLiveMachineReplays() throws {
    var asks: [Ask] = [
      .bytes("/proc/cpuinfo-that-is-not"), .bytes("/proc/version"), .bytes("/proc/mounts"),
      .real("/proc/self"), .link("/proc/self"), .bytes("/sys"),
      .bytes("/proc/sys/kernel/osrelease"),
      .bytes("/sys/kernel/mm/hugepages"), .status("/proc/1"), .status("/dev/null"),
    ]
    for folder in ["/sys/class/net", "/sys/block", "/sys/bus/pci/devices", "/sys/devices/system"] {
      asks.append(.entries(folder))
      for name in KernelTree.live.namesIfPresent(folder).prefix(8) {
        let path = folder + "/" + name
        asks += [.real(path), .status(path), .link(path), .entries(path)]
        for file in KernelTree.live.namesIfPresent(path).prefix(40)
        where file != "statistics" && !file.hasPrefix("stat") {
          asks += [.status(path + "/" + file), .link(path + "/" + file)]
          if ["vendor", "device", "class", "config", "mtu", "size", "online", "speed", "type"]
            .contains(file)
          {
            asks.append(.bytes(path + "/" + file))
          }
        }
      }
    }
    _ = try expectReplay(.live, asks)
  }

  @Test func theArchiveUnpacksToAFolderThatReplays() throws {
    let recorder = RecordingSource(ProbingSource(sample.source))
    let asks: [Ask] = [
      .entries("/sys"), .bytes("/sys/secret"), .entries("/sys/bus/pci/devices"),
      .bytes("/sys/bus/pci/devices/0000:00:01.0/vendor"), .status("/dev/kfd"),
      .real("/dev/disk/by-id/nvme-x"), .status("/dev/nvme0n1"), .probe("a"),
    ]
    let answers = asks.map { $0.answer(KernelTree(recorder), live: .success([1])) }
    // What a tar program would make of the archive.
    let scratch = Scratch()
    try CaptureWriter.write(recorder.recording(), to: scratch.path + "/x.tar.zst")
    let archive = try RecordingLoader.open(scratch.path + "/x.tar.zst")
    unpack(recorder.recording(), scratch)
    let folder = try RecordingLoader.open(scratch.path + "/unpacked")
    for (ask, answer) in zip(asks, answers) {
      #expect(ask.answer(archive) == answer, "\(ask)")
      #expect(ask.answer(folder) == answer, "\(ask)")
    }
  }

  private func unpack(_ recording: Recording, _ scratch: Scratch) {
    scratch.folder("unpacked")
    scratch.file("unpacked" + RecordingNotes.path, recording.notes.json)
    for (path, node) in recording.nodes.sorted(by: { $0.key < $1.key }) {
      if node.status.kind == .directory {
        scratch.folder("unpacked" + path)
      } else if let target = node.target {
        scratch.link("unpacked" + path, to: target)
      } else if let content = node.content {
        scratch.file("unpacked" + path, content)
      }
    }
  }

  @Test func writesWholeOrNotAtAll() throws {
    let recorder = RecordingSource(ProbingSource(sample.source))
    _ = try recorder.entries("/sys")
    let recording = recorder.recording()
    let scratch = Scratch()
    let path = scratch.path + "/x.tar.zst"
    scratch.file("x.tar.zst", "mine".utf8)
    #expect(write(recording, path) == .exists)
    #expect(scratch.content("x.tar.zst") == Array("mine".utf8))
    #expect(scratch.names() == ["x.tar.zst"])
    try CaptureWriter.write(recording, to: path, force: true)
    #expect(scratch.content("x.tar.zst").starts(with: [0x28, 0xb5, 0x2f, 0xfd]))
    #expect(scratch.names() == ["x.tar.zst"])
    // A link is not followed but replaced.
    scratch.link("link", to: "x.tar.zst")
    #expect(write(recording, scratch.path + "/link") == .exists)
    for wrong in ["", "/none/x", "/.", "/x.tar.zst/y"] {
      #expect(write(recording, scratch.path + wrong, force: true) != nil, "\(wrong)")
    }
    #expect(scratch.names() == ["link", "x.tar.zst"])
  }

  @Test func aBombIsRefused() throws {
    var builder = MemoryTreeBuilder()
    builder.file("/sys/zeros", bytes: [UInt8](repeating: 0, count: 8 << 20))
    let recorder = RecordingSource(builder.tree().source)
    _ = try recorder.bytes(ReadRequest("/sys/zeros", limit: 16 << 20))
    let scratch = Scratch()
    let path = scratch.path + "/bomb.tar.zst"
    try CaptureWriter.write(recorder.recording(), to: path)
    #expect(scratch.content("bomb.tar.zst").count < 64 << 10)
    var limits = RecordingLimits()
    limits.total = 4 << 20
    #expect(open(path, limits) == .tooLarge)
  }

  @Test(arguments: [
    "{", "[]", "{\"format\": 2}", "{\"format\": 1, \"unread\": {\"/a/../b\": \"file 444\"}}",
    "{\"format\": 1, \"listings\": {\"/sys\": [\"../x\"]}}",
    "{\"format\": 1, \"statuses\": {\"/sys\": \"file 9\"}}",
    "{\"format\": 1, \"failures\": {\"bytes\": {\"/sys\": \"errno x\"}}}",
    "{\"format\": 1, \"probes\": {\"a\": {\"hex\": \"0g\"}}}",
  ])
  func badNotesAreRefused(json: String) {
    var tar = TarFixture.plain
    tar.file("tinybox-recording.json", json)
    let scratch = Scratch()
    scratch.file("x.tar", tar.archive)
    #expect(open(scratch.path + "/x.tar") == .notes)
  }

  private func write(
    _ recording: Recording, _ path: String, force: Bool = false
  ) -> RecordingError.Cause? {
    do throws(RecordingError) {
      try CaptureWriter.write(recording, to: path, force: force)
      return nil
    } catch {
      return error.cause
    }
  }

  private func open(
    _ path: String, _ limits: RecordingLimits = RecordingLimits()
  ) -> RecordingError.Cause? {
    do throws(RecordingError) {
      _ = try RecordingLoader.open(path, limits: limits)
      return nil
    } catch {
      return error.cause
    }
  }
}
