import Glibc
import KernelTree
import Recordings
import Testing

@Suite struct DirectorySourceTests {
  private let scratch = Scratch()

  private func open() throws(RecordingError) -> KernelTree {
    try RecordingLoader.open(scratch.path)
  }

  private func plain() {
    for folder in ["sys", "sys/devices", "sys/bus"] { scratch.folder(folder) }
    scratch.file("sys/devices/a", "1\n".utf8, mode: 0o400)
  }

  @Test func readsFilesLinksAndPermissions() throws {
    plain()
    scratch.link("sys/bus/b", to: "../devices")
    let tree = try open()
    #expect(try tree.text("/sys/bus/b/a") == "1")
    #expect(try tree.realPath("/sys/bus/b/a") == "/sys/devices/a")
    #expect(try tree.status("/sys/bus/b/a") == FileStatus(kind: .file, permissions: 0o400))
    #expect(try tree.names("/sys/bus/b") == ["a"])
    #expect(try tree.source.linkTarget("/sys/bus/b") == "../devices")
    #expect(throws: ReadFailure(path: "/sys/none", cause: .notFound)) {
      try tree.bytes("/sys/none")
    }
    #expect(throws: ReadFailure(path: "/sys/devices/a/x", cause: .notFound)) {
      try tree.bytes("/sys/devices/a/x")
    }
    #expect(throws: ReadFailure(path: "/sys/devices/a", cause: .tooLarge(limit: 1))) {
      try tree.bytes("/sys/devices/a", limit: 1)
    }
    #expect(try tree.text("/sys/devices/a", limit: .max) == "1")
  }

  /// Every way out: `secret` lies beside the recording.
  @Test func linksDoNotLeaveTheFolder() throws {
    plain()
    scratch.folder("inner")
    scratch.folder("inner/sys")
    scratch.file("secret", "no".utf8)
    scratch.link("inner/sys/up", to: "../../secret")
    scratch.link("inner/sys/host", to: scratch.path + "/secret")
    scratch.link("inner/sys/etc", to: "/etc")
    scratch.link("inner/sys/dots", to: "../../../../../../../../../../../etc/passwd")
    scratch.link("inner/sys/folder", to: "../..")
    let tree = try RecordingLoader.open(scratch.path + "/inner")
    for path in [
      "/sys/up", "/sys/host", "/sys/etc/passwd", "/sys/dots", "/sys/folder/secret",
      "/../secret", "/sys/../../secret",
    ] {
      #expect(throws: ReadFailure(path: path, cause: .notFound)) { try tree.bytes(path) }
    }
    #expect(try tree.realPath("/sys/folder") == "/")
    #expect(try tree.names("/sys/folder") == ["sys"])
  }

  @Test func loopsEnd() throws {
    plain()
    scratch.link("sys/loop", to: "loop")
    scratch.link("sys/a", to: "b/x")
    scratch.link("sys/b", to: "a/x")
    let tree = try open()
    for path in ["/sys/loop", "/sys/loop/x", "/sys/a", "/sys/b/c/d"] {
      #expect(throws: ReadFailure(path: path, cause: .linkLoop)) { try tree.bytes(path) }
    }
  }

  /// A reader of a FIFO would wait for its writer for ever.
  @Test func pipesAreNotOpened() throws {
    plain()
    mkfifo(scratch.path + "/sys/pipe", 0o644)
    scratch.link("sys/link", to: "pipe")
    let tree = try open()
    #expect(try tree.status("/sys/pipe").kind == .other)
    for path in ["/sys/pipe", "/sys/link"] {
      #expect(throws: ReadFailure(path: path, cause: .notRecorded)) { try tree.bytes(path) }
    }
    mkfifo(scratch.path + "/fifo", 0o644)
    #expect(throws: RecordingError.self) { try RecordingLoader.open(scratch.path + "/fifo") }
  }

  @Test func findsTheRootBelowOneFolder() throws {
    for folder in ["box", "box/proc"] { scratch.folder(folder) }
    scratch.file("box/proc/stat", "cpu 1".utf8)
    #expect(try open().text("/proc/stat") == "cpu 1")
    scratch.folder("other")
    scratch.folder("other/sys")
    #expect(throws: RecordingError.self) { try open() }
  }

  @Test(arguments: ["", "/a", "/a/b", "/a/b/topology"])
  func mountsABareTopologyOfKFD(from folder: String) throws {
    for folder in ["a", "a/b", "a/b/topology", "a/b/topology/nodes", "a/b/topology/nodes/0"] {
      scratch.folder(folder)
    }
    scratch.file("a/b/topology/generation_id", "2".utf8)
    scratch.file("a/b/topology/nodes/0/gpu_id", "7".utf8)
    let tree = try RecordingLoader.open(scratch.path + folder)
    #expect(try tree.names("/sys/class/kfd/kfd/topology") == ["generation_id", "nodes"])
    #expect(try tree.text("/sys/class/kfd/kfd/topology/nodes/0/gpu_id") == "7")
    #expect(try tree.names("/") == ["sys"])
    #expect(try tree.names("/sys/class/kfd") == ["kfd"])
    #expect(try tree.status("/sys/class").kind == .directory)
    #expect(!tree.exists("/sys/class/net"))
    #expect(!tree.exists("/proc"))
  }

  @Test func withoutKernelFiles() throws {
    scratch.folder("etc")
    do throws(RecordingError) {
      _ = try open()
      Issue.record("opened")
    } catch {
      #expect(error.cause == .noKernelFiles)
    }
  }

  @Test func anEmptyFileIsNoRecording() {
    scratch.file("empty", [])
    do throws(RecordingError) {
      _ = try RecordingLoader.open(scratch.path + "/empty")
      Issue.record("opened")
    } catch {
      #expect(error.description == scratch.path + "/empty: the file is empty")
    }
  }

  @Test(arguments: ["/dev/null", "/dev/zero", "/nonexistent/x", ""])
  func refusesWhatIsNoFile(path: String) {
    #expect(throws: RecordingError.self) { try RecordingLoader.open(path) }
  }
}
