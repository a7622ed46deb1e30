import Base
import KernelTree
import Recordings
import TestSupport
import Testing

@Suite struct ArchiveLoadingTests {
  private func open(
    _ tar: TarFixture, limits: RecordingLimits = RecordingLimits()
  ) throws(RecordingError) -> KernelTree {
    try RecordingLoader.open(archive: tar.archive, name: "test.tar", limits: limits)
  }

  private func cause(
    _ archive: [UInt8], limits: RecordingLimits = RecordingLimits()
  ) -> RecordingError.Cause? {
    do throws(RecordingError) {
      _ = try RecordingLoader.open(archive: archive, name: "test.tar", limits: limits)
      return nil
    } catch {
      return error.cause
    }
  }

  @Test func keepsContentPermissionsAndLinks() throws {
    var tar = TarFixture()
    tar.add(Array("./sys/".utf8), .directory, mode: 0o755)
    tar.file("./sys/devices/a", "1\n", mode: 0o400)
    tar.add(Array("sys/bus/b".utf8), .link, target: "../devices")
    tar.add(Array("sys/absolute".utf8), .link, target: "/sys/devices/a")
    tar.add(Array("sys/empty/".utf8), .directory, mode: 0o700)
    let tree = try open(tar)
    #expect(try tree.text("/sys/bus/b/a") == "1")
    #expect(try tree.text("/sys/absolute") == "1")
    #expect(try tree.realPath("/sys/bus/b/a") == "/sys/devices/a")
    #expect(try tree.status("/sys/devices/a") == FileStatus(kind: .file, permissions: 0o400))
    #expect(try tree.status("/sys/empty") == FileStatus(kind: .directory, permissions: 0o700))
    #expect(try tree.names("/sys") == ["absolute", "bus", "devices", "empty"])
    #expect(tree.source.origin == .archive("test.tar"))
  }

  @Test(arguments: ["sys/a", "top/sys/a", "./top/sys/a", "/sys/a", "//sys//a", "a/sys/a"])
  func findsTheRoot(path: String) throws {
    var tar = TarFixture()
    tar.file(path, "1")
    #expect(try open(tar).text("/sys/a") == "1")
  }

  /// A file `sys/x` of `1`, by GNU tar and each of the compressions.
  private static let compressed = [
    "gzip":
      "1f8b08000000000002032bae2cd6af60a02d300002131313300d04e834101821b181e286460686c6"
      + "0c0a060c7400a5c525894540eb8bf2f34bf0a923248feeb921020cb91846c1281805a360148c4000"
      + "00e797240500080000",
    "bzip2":
      "425a68393141592653596baf278a00003dfb90c99000404000fc00000860009e6004000008200054"
      + "34809811807aa09251fa90d0321a07d63cd1ca48caf10b7748296d678888156e5dd5a11cbe205365"
      + "4311150f4c54707271260f16256d44fc5dc914e14241aebc9e28",
    "xz":
      "fd377a585a000004e6d6b446020021011c00000010cf58cce007ff00495d00399e4aa955d606228c"
      + "d2690388b58c8225ef5494f385b040eae4215f654a21ee703465b362017da252de583db9d98e42c4"
      + "45a72e2a6155de515e12e6439600bc40a6872a491d48e6000000000089886e2d37ecc9b200016580"
      + "1000000039ad937ab1c467fb020000000004595a",
    "zstd":
      "28b52ffd0468350200a2420910c0a703b0848abefe6bedb697b597cea483da2096f6424c9e1b1e55"
      + "abdeaddf5d472253060c20502f320efaf10f092900ef0ca301861f481e0e31e08041016c27050799"
      + "56b820",
  ]

  @Test(arguments: compressed.keys.sorted())
  func opensEveryCompression(name: String) throws {
    let digits = (Self.compressed[name] ?? "").utf8.compactMap(ASCII.hexDigit)
    let archive = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    let tree = try RecordingLoader.open(archive: archive, name: name)
    #expect(try tree.text("/sys/x") == "1")
    #expect(try tree.status("/sys/x").permissions == 0o444)
    // Cut anywhere but in what follows the last byte of content.
    for end in stride(from: 0, to: archive.count - 24, by: 7) {
      #expect(cause(Array(archive[..<end])) != nil)
    }
  }

  @Test func mountsABareTopologyOfKFD() throws {
    var tar = TarFixture()
    tar.file("testdata/x/topology/generation_id", "2\n")
    tar.file("testdata/x/topology/nodes/0/gpu_id", "7\n")
    tar.file("testdata/x/README", "no\n")
    let tree = try open(tar)
    #expect(try tree.text("/sys/class/kfd/kfd/topology/nodes/0/gpu_id") == "7")
    #expect(!tree.exists("/README"))
  }

  @Test func refusesTwoRecordingsInOne() {
    var tar = TarFixture()
    tar.file("one/sys/a", "1")
    tar.file("two/sys/a", "1")
    #expect(cause(tar.archive) == .ambiguous)
  }

  @Test(arguments: ["../sys/a", "sys/../../a", "sys/a/..", ".."])
  func refusesPathsThatLeadOut(path: String) {
    var tar = TarFixture.plain
    tar.file(path, "1")
    #expect(cause(tar.archive) == .refused)
  }

  @Test func namesWithDotsAreNames() throws {
    var tar = TarFixture()
    tar.file("sys/..a/b..", "1")
    #expect(try open(tar).text("/sys/..a/b..") == "1")
  }

  @Test(arguments: [TarFixture.Flag.character, .block, .fifo])
  func devicesHaveNoContent(flag: TarFixture.Flag) throws {
    var tar = TarFixture.plain
    tar.add(Array("dev/zero".utf8), flag)
    let tree = try open(tar)
    #expect(try tree.status("/dev/zero").kind == .other)
    #expect(throws: ReadFailure(path: "/dev/zero", cause: .notRecorded)) {
      try tree.bytes("/dev/zero")
    }
  }

  @Test func hardLinksAreResolvedInsideTheArchive() throws {
    var tar = TarFixture.plain
    tar.add(Array("sys/b".utf8), .hardLink, target: "sys/kernel/x")
    tar.add(Array("sys/c".utf8), .hardLink, target: "sys/b")
    tar.add(Array("sys/self".utf8), .hardLink, target: "sys/self")
    tar.add(Array("sys/gone".utf8), .hardLink, target: "etc/shadow")
    let tree = try open(tar)
    #expect(try tree.text("/sys/c") == "1")
    for path in ["/sys/self", "/sys/gone"] {
      #expect(throws: ReadFailure(path: path, cause: .notRecorded)) { try tree.bytes(path) }
    }
    tar.add(Array("sys/out".utf8), .hardLink, target: "../../etc/shadow")
    #expect(cause(tar.archive) == .refused)
  }

  /// Found by the fuzzer: the root was remembered at the place of the entry after it.
  @Test func aFileInPlaceOfTheRootIsPassedOver() throws {
    var tar = TarFixture()
    tar.file(".", "root")
    tar.add(Array("sys/a".utf8), .hardLink, target: ".")
    tar.file("sys/kernel/x", "1\n")
    let tree = try open(tar)
    #expect(throws: ReadFailure(path: "/sys/a", cause: .notRecorded)) { try tree.bytes("/sys/a") }
    #expect(try tree.text("/sys/kernel/x") == "1")
  }

  @Test func theLastOfTwoCounts() throws {
    var tar = TarFixture.plain
    tar.file("sys/kernel/x", "2\n")
    tar.file("sys/d/e", "3\n")
    tar.add(Array("sys/d".utf8), .link, target: "kernel")
    tar.add(Array("sys/f".utf8), .link, target: "/nowhere")
    tar.file("sys/f/g", "4\n")
    let tree = try open(tar)
    #expect(try tree.text("/sys/kernel/x") == "2")
    #expect(try tree.text("/sys/d/x") == "2")
    #expect(!tree.exists("/sys/d/e"))
    #expect(try tree.text("/sys/f/g") == "4")
  }

  @Test func linksGoRoundInCircles() throws {
    var tar = TarFixture.plain
    tar.add(Array("sys/a".utf8), .link, target: "b")
    tar.add(Array("sys/b".utf8), .link, target: "/sys/a")
    tar.add(Array("sys/deep".utf8), .link, target: "deep/deep/deep")
    tar.add(Array("sys/out".utf8), .link, target: "../../../../etc/passwd")
    let tree = try open(tar)
    for path in ["/sys/a", "/sys/a/x", "/sys/deep", "/sys/deep/deep"] {
      #expect(throws: ReadFailure(path: path, cause: .linkLoop)) { try tree.bytes(path) }
    }
    #expect(throws: ReadFailure(path: "/sys/out", cause: .notFound)) { try tree.bytes("/sys/out") }
  }

  @Test func aTerabyteIsRefusedUnread() {
    var tar = TarFixture.plain
    tar.add(Array("sys/big".utf8), .file, size: 1 << 40)
    #expect(cause(tar.archive) == .tooLarge)
    // The same as the long name of the next entry, which libarchive reads by itself.
    tar = .plain
    tar.add(Array("sys/odd".utf8), .longName, size: 1 << 40)
    #expect(cause(tar.archive) == .damaged)
  }

  @Test func aHoleOfATerabyteIsRefused() {
    var tar = TarFixture.plain
    tar.add(
      Array("sys/hole".utf8), .sparse, content: Array(repeating: 1, count: 512), realSize: 1 << 40)
    #expect(cause(tar.archive) == .tooLarge)
  }

  @Test func limitsHold() {
    var limits = RecordingLimits()
    limits.total = 1000
    limits.file = 600
    var tar = TarFixture.plain
    tar.add(Array("sys/a".utf8), .file, content: Array(repeating: 0, count: 600))
    #expect(cause(tar.archive, limits: limits) == nil)
    tar.add(Array("sys/b".utf8), .file, content: Array(repeating: 0, count: 500))
    #expect(cause(tar.archive, limits: limits) == .tooLarge)
    limits.total = 10_000
    #expect(cause(tar.archive, limits: limits) == nil)
    limits.file = 599
    #expect(cause(tar.archive, limits: limits) == .tooLarge)
    limits.file = 600
    limits.entries = 2
    #expect(cause(tar.archive, limits: limits) == .tooLarge)
    limits.entries = 3
    limits.path = 5
    #expect(cause(tar.archive, limits: limits) == .refused)
  }

  @Test func everyTruncationIsAnError() {
    var tar = TarFixture.plain
    tar.file("proc/stat", String(repeating: "cpu 1 2 3\n", count: 200))
    tar.add(Array("sys/link".utf8), .link, target: "kernel")
    let whole = tar.archive
    #expect(cause(whole) == nil)
    for end in stride(from: 0, through: tar.bytes.count, by: 512) {
      #expect(cause(Array(whole[..<end])) != nil, "cut at \(end)")
    }
    for end in [1, 100, 511, 513, 600, 1500] {
      #expect(cause(Array(whole[..<end])) != nil, "cut at \(end)")
    }
  }

  @Test(.seeded) func noiseIsAnError() {
    var random = SeededGenerator()
    for length in [0, 1, 2, 511, 512, 513, 4096, 100_000] {
      let noise = random.bytes(length)
      #expect(cause(noise) != nil)
      // Behind the marks of the compressions, too.
      for mark: [UInt8] in [[0x1f, 0x8b, 8], Array("BZh9".utf8), [0x28, 0xb5, 0x2f, 0xfd]] {
        #expect(cause(mark + noise) != nil)
      }
    }
    #expect(cause([UInt8](repeating: 0, count: 10_240)) == .noKernelFiles)
    #expect(cause(Array("#!/bin/sh\necho no archive\n".utf8)) == .damaged)
  }

  @Test func damageAnywhereIsNoCrash() {
    var tar = TarFixture.plain
    tar.file("proc/stat", String(repeating: "cpu 1 2 3\n", count: 20))
    tar.add(Array("sys/link".utf8), .link, target: "kernel")
    let whole = tar.archive
    for place in 0..<tar.bytes.count {
      var damaged = whole
      damaged[place] ^= 0xff
      _ = cause(damaged)
    }
  }

  @Test func saysWhatWouldOpen() {
    do throws(RecordingError) {
      _ = try RecordingLoader.open(archive: Array("hello".utf8), name: "x")
      Issue.record("opened")
    } catch {
      #expect(error.reason == "no tar archive, plain or compressed with gz, bz2, xz or zst")
    }
  }

  @Test func withoutKernelFiles() {
    var tar = TarFixture()
    tar.file("etc/passwd", "root")
    tar.file("system/a", "1")
    #expect(cause(tar.archive) == .noKernelFiles)
  }

  @Test func namesThatAreNotUTF8() throws {
    var tar = TarFixture.plain
    tar.add(Array("sys/".utf8) + [0xff, 0xfe, 0x2f, 0x80], .file, content: [0x31])
    tar.add(Array("sys/".utf8) + [0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x61], .file, content: [0x32])
    let tree = try open(tar)
    #expect(try tree.names("/sys").count == 3)
    for name in try tree.names("/sys") where name != "kernel" {
      let inner = try tree.names("/sys/" + name)
      #expect(inner.count == 1)
      #expect(try tree.bytes("/sys/\(name)/\(inner[0])").count == 1)
    }
  }

  @Test func messagesNameThePlaceWithoutControlCharacters() {
    var tar = TarFixture.plain
    tar.add(Array("sys/\u{1b}[2J/../x".utf8), .file)
    do throws(RecordingError) {
      _ = try open(tar)
      Issue.record("opened")
    } catch {
      #expect(error.description == "test.tar: the entry sys/?[2J/../x leads out with '..'")
    }
  }
}
