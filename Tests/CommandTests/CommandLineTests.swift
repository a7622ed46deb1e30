import Foundation
import TestSupport
import Testing

/// The real program, as a person would call it, wrongly.
@Suite struct CommandLineTests {
  /// Arguments, exit status, and a word the message must hold.
  @Test(arguments: [
    (["status", "--sysroot", "/nonexistent"], 1, "No such file"),
    (["status", "--sysroot", "/etc/passwd"], 1, "recording"),
    (["status", "--sysroot", "/usr/share/doc"], 1, "/sys"),
    (["status", "--sysroot", ""], 1, "recording"),
    (["frobnicate"], 64, "frobnicate"),
    (["status", "--interval", "-3"], 64, "interval"),
    (["status", "--watch", "--json"], 64, "--json"),
    (["status", "--watch"], 64, "terminal"),
    (["interrupts", "--watch"], 64, "terminal"),
    (["interrupts", "--watch", "--json"], 64, "--watch"),
    (["devices", "toaster", "21:00.0"], 64, "toaster"),
    (["devices", "ff:1f.7"], 1, "ff:1f.7"),
    (["devices", "nosuchdevice0"], 1, "nosuchdevice0"),
    (["p2p", "--explain", "21:00.0"], 64, "two devices"),
    (["p2p", "--explain", "nosuchdevice0", "21:00.0"], 1, "nosuchdevice0"),
    (["topology", "--svg", "/nonexistent/x.svg"], 1, "/nonexistent/x.svg"),
    (["capture", "/nonexistent/x.tar.zst"], 1, "/nonexistent"),
    (["capture", "/tmp"], 1, "/tmp"),
    (["status", "--pci-ids", "/nonexistent"], 64, "/nonexistent"),
    (["placement", "plan", "--policy", "/nonexistent"], 1, "/nonexistent"),
    (["placement", "apply", "--sysroot", "/nonexistent"], 64, "recording"),
    (["run", "--", "ls"], 64, "neither podman nor docker"),
    (["run"], 64, "command"),
    (["run", "--gpus", "99", "--dry-run", "--", "podman", "run", "x"], 1, "GPU"),
    (["run", "--memory", "7X", "--", "podman", "run", "x"], 64, "7X"),
    (["cdi", "generate", "--sysroot", "/nonexistent", "--output", "-"], 1, "No such file"),
    (["config", "show", "/nonexistent"], 1, "/nonexistent"),
    (["placement", "rollback", "--sysroot", "/nonexistent"], 64, "recording"),
  ])
  func saysWhatIsWrong(arguments: [String], status: Int, word: String) throws {
    let finished = try run(Project.tinyboxctl, arguments)
    #expect(finished.status == Int32(status), "\(finished.errors)")
    #expect(finished.errors.contains(word), "\(finished.errors)")
    #expect(finished.output.isEmpty)
  }

  @Test(arguments: [
    ["--help"], ["status", "--help"], ["--version"], ["devices", "--help"], ["p2p", "--help"],
  ])
  func helps(arguments: [String]) throws {
    let finished = try run(Project.tinyboxctl, arguments)
    #expect(finished.status == 0)
    #expect(!finished.output.isEmpty)
    for line in finished.output.split(separator: "\n") where !line.hasPrefix("USAGE") {
      #expect(line.count <= 100, "\(line)")
    }
  }

  /// This machine, whatever it is: a container, a laptop, a build server.
  @Test(arguments: [
    ["status"], ["devices"], ["topology"], ["interrupts"], ["p2p"], ["status", "--json"],
    ["placement", "plan"], ["placement", "status"],
    ["devices", "--json", "--sources", "--serials"],
  ])
  func readsThisMachine(arguments: [String]) throws {
    let finished = try run(Project.tinyboxctl, arguments)
    #expect(finished.status == 0)
    #expect(finished.errors.isEmpty, "\(finished.errors)")
    #expect(!finished.output.contains("\u{1b}"), "escape sequences into a file")
    if arguments.contains("--json") {
      let json = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
      let schema = arguments.first == "status" ? "tinybox.status/1" : "tinybox.inventory/1"
      #expect((json as? [String: Any])?["schema"] as? String == schema)
    } else {
      for line in finished.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  /// As the least privileged user there is, when the tests run as root.
  @Test(.enabled(if: getuid() == 0, "needs root to become an ordinary user"))
  func readsThisMachineAsAnOrdinaryUser() throws {
    let copy = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: copy) }
    // The build folder may be closed to others.
    let program = copy.appendingPathComponent("tinyboxctl")
    try FileManager.default.copyItem(at: Project.tinyboxctl, to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
    let finished = try run(
      URL(fileURLWithPath: "/usr/bin/setpriv"),
      ["--reuid=65534", "--regid=65534", "--clear-groups", program.path, "devices", "--json"])
    #expect(finished.status == 0, "\(finished.errors)")
    let json = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
    let functions = (json as? [String: Any])?["pci"] as? [[String: Any]] ?? []
    for function in functions {
      // 64 bytes of config space hold no extended capability: those facts must say so.
      #expect(function["acs"] == nil)
    }
  }

  @Test(
    .enabled(if: getuid() == 0, "needs root to become an ordinary user"),
    arguments: ["apply", "rollback"])
  func changesNothingAsAnOrdinaryUser(command: String) throws {
    let copy = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: copy) }
    let program = copy.appendingPathComponent("tinyboxctl")
    try FileManager.default.copyItem(at: Project.tinyboxctl, to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
    let finished = try run(
      URL(fileURLWithPath: "/usr/bin/setpriv"),
      ["--reuid=65534", "--regid=65534", "--clear-groups", program.path, "placement", command])
    #expect(finished.status == 77, "\(finished.errors)")
    #expect(finished.errors.contains("only root may"))
  }

  /// Without `/proc` the arguments are still those that were given.
  @Test(.enabled(if: getuid() == 0, "needs root for mounts of its own"))
  func withoutProcItDoesWhatItWasAskedFor() throws {
    let unmount = "umount -l /proc && exec '\(Project.tinyboxctl.path)' "
    func runWithoutProc(_ command: String) throws -> Finished {
      try run(URL(fileURLWithPath: "/usr/bin/unshare"), ["-m", "sh", "-c", unmount + command])
    }
    let version = try runWithoutProc("--version")
    // Not every container may make mounts.
    if version.status != 0, version.errors.contains("unshare") || version.errors.contains("umount")
    {
      return
    }
    #expect(version.output.hasPrefix("tinyboxctl "))
    let wrong = try runWithoutProc("frobnicate")
    #expect(wrong.status == 64 && wrong.output.isEmpty)
    let placed = try runWithoutProc("run --dry-run -- podman run x")
    #expect(placed.status == 1 && placed.errors.contains("not known"))
  }

  /// `-` is standard output wherever a file is asked for, and never a file of that name.
  @Test func aFileNamedDashIsStandardOutput() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("sys"), withIntermediateDirectories: true)
    let dash = "cd '\(folder.path)' && '\(Project.tinyboxctl.path)' "
    let learned = try run(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", dash + "profile learn --sysroot . --allow-none --allow-failures --output -"])
    #expect(learned.status == 0, "\(learned.errors)")
    #expect(learned.output.contains("tinybox.profile/1"))
    let metrics = try run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", dash + "metrics --sysroot . --output -"])
    #expect(metrics.output.contains("tinybox_"))
    let capture = try run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", dash + "capture - --sysroot ."])
    #expect(capture.status == 64)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["sys"])
  }

  @Test func aReaderThatLeavesIsNoFailure() throws {
    let finished = try run(
      URL(fileURLWithPath: "/bin/bash"),
      ["-c", "set -o pipefail; '\(Project.tinyboxctl.path)' devices --json | head -c 1 >/dev/null"])
    #expect(finished.errors.isEmpty)
  }
}
