import Base
import Configuration
import Foundation
import Linux
import Setup
import TestSupport
import Testing

@testable import Operations

@Suite struct SetupOperationsTests {
  private func write(_ text: String, _ path: String) throws {
    try DurableFile.write(Array(text.utf8), to: path)
  }

  @Test func `the credential comes before the owner's file, and an empty one is none`() throws {
    let root = try TemporaryFolder()
    let setup = SetupOperations(root: root.path)
    let environment: (String) -> String? = {
      $0 == "CREDENTIALS_DIRECTORY" ? root.path + "/credentials" : nil
    }
    #expect(try setup.answers(environment: environment) == nil)
    for folder in ["/etc", "/etc/tinybox", "/credentials"] {
      try DurableFile.makeFolder(root.path + folder)
    }
    try write("host-name = \"file\"", root.path + SetupFile.main)
    try write("", root.path + "/credentials/tinybox.setup")
    let file = try #require(try setup.answers(environment: environment))
    #expect(file.file.common.hostName?.value == "file")
    #expect(file.file.path == root.path + SetupFile.main)
    try write("host-name = \"given\"", root.path + "/credentials/tinybox.setup")
    let given = try #require(try setup.answers(environment: environment))
    #expect(given.file.common.hostName?.value == "given")
    #expect(given.sha256 != file.sha256)
    // One that was named has to be there.
    #expect(throws: Failure.self) {
      _ = try SetupOperations(root: root.path, file: root.path + "/none").answers()
    }
  }

  @Test func `names of checks and profiles that there are not are mistakes with lines`() throws {
    let text = """
      profile = "lern"
      [check]
      accept = ["nvme-wear", "nvme-weer"]
      [box."S1".check]
      accept = ["xyzzy-plugh"]
      """
    guard case .failure(let failure) = SetupAnswerOperations.parse(Array(text.utf8), path: "f")
    else {
      Issue.record("no mistake was found")
      return
    }
    #expect(
      failure.problems.map(\.description) == [
        "f:1: profile: there is no profile 'lern'; did you mean 'learn'?",
        "f:3: check.accept: there is no check 'nvme-weer'; did you mean 'nvme-wear'?",
        "f:5: check.accept: there is no check 'xyzzy-plugh'; 'tinyboxctl check --all' lists them",
      ])
  }

  @Test func `a default route is one that is up and leads out`() {
    let header =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    let local = "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    let out = "eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    let rejected = "*\t00000000\t00000000\t0203\t0\t0\t0\t00000000\t0\t0\t0\n"
    #expect(SetupRoutes.hasDefaultIPv4(header + local + out))
    #expect(!SetupRoutes.hasDefaultIPv4(header + local + rejected))
    #expect(!SetupRoutes.hasDefaultIPv4(header))
    let zeros = String(repeating: "0", count: 32)
    func route(_ flags: String, _ interface: String) -> String {
      "\(zeros) 00 \(zeros) 00 \(zeros) 00000400 00000001 00000000 \(flags) \(interface)\n"
    }
    #expect(SetupRoutes.hasDefaultIPv6(route("00000003", "eth0")))
    // Every kernel has this one.
    #expect(!SetupRoutes.hasDefaultIPv6(route("00200200", "lo")))
  }

  @Test func `a status that is kept is read again, and one that is damaged is refused`() throws {
    let root = try TemporaryFolder()
    let file = SetupStateFile(path: root.path + "/state.json")
    #expect(try file.load() == nil)
    var status = SetupStatus()
    status[.storage].intent = ["uuid": "1"]
    status[.storage].state = .running
    try file.store(status)
    #expect(try file.load() == status)
    try write("{\"schema\": \"tinybox.setup/1\", \"stages\": []}", file.path)
    #expect(throws: Failure.self) { _ = try file.load() }
  }

  /// Files below another root folder, as this machine's are written.
  @Test func `keys of SSH go to a folder that only root may look into`() throws {
    let root = try TemporaryFolder()
    let machine = LiveSetupMachine(root: root.path)
    let path = "/root/.ssh/authorized_keys"
    #expect(try machine.text(path) == nil)
    try machine.write("ssh-ed25519 A\n", to: path, mode: 0o600)
    #expect(try machine.text(path) == "ssh-ed25519 A\n")
    let mode = try run(
      URL(fileURLWithPath: "/usr/bin/stat"), ["-c", "%a", root.path + "/root/.ssh"])
    #expect(mode.output == "700\n")
    #expect(try machine.kernelHostName() == nil)
    #expect(try machine.runtime() == nil)
    #expect(try machine.modelSource("none") == nil)
    #expect(try machine.profile() == nil)
    #expect(try machine.baseline() == nil)
  }
}
