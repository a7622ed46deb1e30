import Base
import Configuration
import KernelTree
import Linux
import Setup
import TestSupport
import Testing

@testable import Operations

@Suite struct SetupStickOperationsTests {
  private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv0mkVq0nFqS2m4J4bQ0kXl8nV3cF1 you"

  /// A machine with a stick, and a drive.
  private func tree(
    label: String = "TINYBOX", kind: String = "vfat", uptime: String = "21.50 80.00"
  ) -> KernelTree {
    var tree = MemoryTreeBuilder()
    let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/block/sda"
    let nvme = "/sys/devices/pci0000:40/0000:41:00.0/nvme/nvme0/nvme0n1"
    for (path, number) in [(usb, "8:0"), ("\(usb)/sda1", "8:1"), (nvme, "259:0")] {
      tree.file("\(path)/dev", number)
      tree.link("/sys/class/block/\(path.split(separator: "/").last ?? "")", to: path)
    }
    tree.file("/run/udev/data/b8:0", "S:disk/by-id/usb-1\nE:ID_BUS=usb")
    tree.file(
      "/run/udev/data/b8:1",
      "E:ID_FS_LABEL=\(label)\nE:ID_FS_LABEL_ENC=\(label)\nE:ID_FS_TYPE=\(kind)")
    tree.file("/run/udev/data/b259:0", "E:ID_FS_LABEL=data\nE:ID_FS_TYPE=ext4")
    tree.file("/proc/uptime", uptime)
    return KernelTree(MemorySource(tree, origin: .memory("stick")))
  }

  private func stick(_ root: TemporaryFolder, _ tree: KernelTree? = nil) -> SetupStickOperations {
    SetupStickOperations(root: root.path, tree: tree ?? self.tree())
  }

  private func copy(
    _ stick: SetupStickOperations, answers: String?, keys: String? = nil, isAsked: Bool = false
  ) throws(Failure) -> SetupStickOperations.Outcome {
    try stick.copy(isAsked: isAsked, environment: { _ in nil }) { device throws(Failure) in
      #expect(device == SetupStickDevice(name: "sda1", fileSystem: "vfat", isUSB: true))
      return .init(answers: answers.map { Array($0.utf8) }, keys: keys.map { Array($0.utf8) })
    }
  }

  private func text(_ root: TemporaryFolder, _ path: String) -> String? {
    (try? StampedFile.read(root.path + path, limit: 1 << 20)).map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  @Test func `the stick is found by its label and the path of the kernel`() {
    #expect(
      StickReader.devices(tree()) == [.init(name: "sda1", fileSystem: "vfat", isUSB: true)])
    #expect(StickReader.devices(tree(label: "tinybox")) == [])
  }

  @Test func `answers and keys are copied, and used`() throws {
    let root = try TemporaryFolder()
    let stick = stick(root)
    let outcome = try copy(stick, answers: "host-name = \"box-1\"\n", keys: key + "\n")
    #expect(outcome == .copied([SetupKeys.main, SetupFile.main]))
    let answers = try #require(
      try SetupOperations(root: root.path).answers(environment: { _ in nil }))
    #expect(answers.file.common.hostName?.value == "box-1")
    #expect(answers.keys == [key])
    // The same once more, and then other keys are other answers.
    #expect(try copy(stick, answers: "host-name = \"box-1\"\n", keys: key + "\n") == .same)
    #expect(
      try copy(stick, answers: "host-name = \"box-1\"\n") == .copied([SetupFile.main]))
    let later = try #require(
      try SetupOperations(root: root.path).answers(environment: { _ in nil }))
    #expect(later.keys == [] && later.sha256 != answers.sha256)
  }

  @Test func `keys alone are answers too, and nothing at all is none`() throws {
    let root = try TemporaryFolder()
    #expect(
      try copy(stick(root), answers: nil, keys: key) == .copied([SetupKeys.main, SetupFile.main]))
    let answers = try #require(
      try SetupOperations(root: root.path).answers(environment: { _ in nil }))
    #expect(answers.file.common == SetupAnswers() && answers.keys == [key])
    let empty = try TemporaryFolder()
    #expect {
      _ = try copy(stick(empty), answers: nil)
    } throws: {
      "\($0)".contains("neither setup.toml nor authorized_keys")
    }
  }

  @Test func `mistakes are named, and nothing is copied`() throws {
    let root = try TemporaryFolder()
    for (answers, keys, message) in [
      ("host-nam = \"a\"", nil, "stick/setup.toml:1: "),
      ("", "junk", "stick/authorized_keys:1: is no public key"),
      ("[box.\"none such\"]\n", nil, "no [box] section is for this box"),
    ] {
      #expect {
        _ = try copy(stick(root), answers: answers, keys: keys)
      } throws: {
        "\($0)".contains(message)
      }
    }
    #expect(text(root, SetupFile.main) == nil && text(root, SetupKeys.main) == nil)
  }

  @Test func `a corrected stick replaces what came from one, and not what the owner wrote`() throws
  {
    let root = try TemporaryFolder()
    let stick = stick(root)
    _ = try copy(stick, answers: "host-name = \"one\"\n")
    _ = try copy(stick, answers: "host-name = \"two\"\n")
    #expect(text(root, SetupFile.main) == "host-name = \"two\"\n")
    try DurableFile.write(Array("host-name = \"mine\"\n".utf8), to: root.path + SetupFile.main)
    #expect(
      try copy(stick, answers: "host-name = \"three\"\n")
        == .refused("/etc/tinybox/setup.toml comes before it"))
    #expect(text(root, SetupFile.main) == "host-name = \"mine\"\n")
  }

  @Test func `after set-up was complete only who asks uses a stick`() throws {
    let root = try TemporaryFolder()
    let stick = stick(root)
    for folder in ["/var", "/var/lib", "/var/lib/tinybox", SetupOperations.folder] {
      try DurableFile.makeFolder(root.path + folder)
    }
    var status = SetupStatus()
    status.finished = "2026-01-01T00:00:00Z"
    let file = SetupStateFile(path: root.path + SetupOperations.folder + "/state.json")
    try file.store(status)
    guard case .refused = try copy(stick, answers: "") else {
      Issue.record("a stick was used after set-up")
      return
    }
    #expect(
      try copy(stick, answers: "host-name = \"a\"\n", isAsked: true) == .copied([SetupFile.main]))
    // A status that cannot be read is no permission.
    try DurableFile.write([0x7b], to: file.path)
    guard case .refused = try copy(stick, answers: "") else {
      Issue.record("a stick was used and the status was not known")
      return
    }
  }

  @Test func `the console says why, in lines that fit`() throws {
    let root = try TemporaryFolder()
    for folder in ["/run"] { try DurableFile.makeFolder(root.path + folder) }
    let stick = stick(root)
    let path = "/run/issue.d/49-tinybox-stick.issue"
    stick.showOnConsole(
      (1...9).map { "\($0) \u{1b}[31m" + String(repeating: "x", count: 100) }.joined(
        separator: "\n"))
    let shown = try #require(text(root, path))
    #expect(shown.split(separator: "\n").count == 7)
    #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 79 } && !shown.contains("\u{1b}"))
    stick.showOnConsole(nil)
    #expect(text(root, path) == nil)
  }

  @Test func `keys of the system's credential are added to those of the answers`() throws {
    let root = try TemporaryFolder()
    for folder in ["/etc", "/etc/tinybox", "/credentials"] {
      try DurableFile.makeFolder(root.path + folder)
    }
    try DurableFile.write(
      Array("from=\"10.0.0.1\" \(key)\n\(key)\n".utf8),
      to: root.path + "/credentials/ssh.authorized_keys.root")
    try DurableFile.write(Array("host-name = \"a\"".utf8), to: root.path + SetupFile.main)
    let answers = try #require(
      try SetupOperations(root: root.path).answers(environment: { _ in root.path + "/credentials" })
    )
    #expect(answers.keys == [key])
  }
}
