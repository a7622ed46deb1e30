import Foundation
import TestSupport
import Testing

/// A command says the same whether its facts are from the daemon or from the machine.
@Suite(
  .enabled(
    if: Service.isWanted,
    "TINYBOX_SERVICE=1 starts the real services on this machine (make service-tests)"),
  .serialized)
struct SameOutputTests {
  let socket: String

  init() throws { socket = try Service.shared.get().socket }

  /// Every command that reads, but for those that only the machine can answer (capture) or only the
  /// daemon (events, daemon).
  static let commands = [
    "status", "check", "check --all", "check irqbalance", "check --explain irqbalance", "devices",
    "devices gpu", "devices nic", "devices nvme", "devices bridge", "devices DEVICE", "topology",
    "topology --all", "topology --svg FILE", "p2p", "interrupts", "interrupts --each",
    "placement plan", "placement status", "metrics", "metrics --format openmetrics",
  ]

  /// Wrong ones, too, are told alike.
  static let mistakes = [
    "check no-such-check", "devices no-such-device", "p2p --explain no-such no-such",
    "devices ../../etc/passwd", "devices %2e%2e",
  ]

  private func tinyboxctl(
    _ words: [String], _ environment: [String: String] = [:]
  ) throws -> Finished {
    try run(
      Service.tinyboxctl, words,
      environment: ["TINYBOX_SOCKET": socket].merging(environment) { $1 })
  }

  /// The words of a command; `DEVICE` is a device of this machine.
  private func words(_ command: String, file: String = "") throws -> [String] {
    var device = "eth0"
    if command.contains("DEVICE") {
      let json = try tinyboxctl(["devices", "--json", "--from", "machine"]).output
      let inventory = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
      let functions = inventory?["pci"] as? [[String: Any]]
      device = try #require(functions?.last?["address"] as? String)
    }
    return command.split(separator: " ").map {
      $0 == "DEVICE" ? device : $0 == "FILE" ? file : String($0)
    }
  }

  @Test(arguments: commands) func `a command says the same from either`(command: String) throws {
    // Metrics and pictures have a format of their own.
    let isJSON = !command.contains("metrics") && !command.contains("--svg")
    for json in [false, true] where !json || isJSON {
      // A temporary file for those that write one, and the same for both.
      let folder = try Project.temporaryFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appendingPathComponent("picture.svg")
      var texts: [String] = []
      var statuses: [Int32] = []
      for source in ["daemon", "machine"] {
        let finished = try tinyboxctl(
          try words(command, file: file.path) + (json ? ["--json"] : []) + ["--from", source])
        #expect(finished.errors == "", "\(command) --from \(source)")
        statuses.append(finished.status)
        let picture = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        texts.append(finished.output + picture)
      }
      #expect(statuses[0] == statuses[1])
      let masked = json ? try texts.map(Masked.json) : texts.map(Masked.text)
      #expect(!masked[0].isEmpty)
      let differences = Masked.differences(masked[0], masked[1])
      #expect(differences.isEmpty, "\(command): \(differences.prefix(10))")
    }
  }

  @Test(arguments: mistakes) func `a mistake is told the same from either`(command: String) throws {
    let daemon = try tinyboxctl(try words(command) + ["--from", "daemon"])
    let machine = try tinyboxctl(try words(command) + ["--from", "machine"])
    #expect(daemon.status == machine.status)
    #expect(daemon.status != 0)
    #expect(daemon.errors == machine.errors)
  }

  @Test func `verbose says where the facts are from`() throws {
    let asked = try tinyboxctl(["status", "--verbose"])
    #expect(asked.errors.contains("facts are from tinyboxd at \(socket)"))
    let read = try tinyboxctl(["status", "--verbose", "--from", "machine"])
    #expect(read.errors.contains("facts are read from this machine"))
    let quiet = try tinyboxctl(["status"])
    #expect(quiet.errors == "")
  }

  @Test func `serial numbers are read from the machine, which the daemon does not report it`()
    throws
  {
    let read = try tinyboxctl(["devices", "--serials", "--verbose"])
    #expect(read.status == 0)
    #expect(read.errors.contains("facts are read from this machine"))
    let refused = try tinyboxctl(["devices", "--serials", "--from", "daemon"])
    #expect(refused.status == 64)
    #expect(refused.errors.contains("leave '--from daemon' out"))
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can ask as other users"))
  func `whom the daemon refuses reads what the machine tells everybody`() throws {
    // The socket is open to all here, so it is the daemon that says no; its numbers are of groups
    // that nobody is in.
    let arguments = ["--reuid", "61803", "--regid", "61803", "--clear-groups"]
    let setpriv = URL(fileURLWithPath: "/usr/bin/setpriv")
    let program = try Project.tinyboxctlForAll()
    defer { try? FileManager.default.removeItem(at: program.deletingLastPathComponent()) }
    func asNobody(_ words: [String]) throws -> Finished {
      try run(
        setpriv, arguments + [program.path] + words,
        environment: ["TINYBOX_SOCKET": socket])
    }
    try #require(
      try asNobody(["--version"]).status == 0, "another user cannot run \(program.path)")
    let read = try asNobody(["devices", "--verbose"])
    #expect(read.status == 0)
    #expect(read.errors.contains("tinyboxd refused"), "\(read.errors)")
    let refused = try asNobody(["devices", "--from", "daemon"])
    #expect(refused.status == 77)
    #expect(refused.errors.contains("usermod -aG tinybox"), "\(refused.errors)")
  }
}
