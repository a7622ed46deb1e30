import Foundation
import TestSupport
import Testing

/// Every reading command against every recording: text and JSON, compared with what was accepted
/// before. `TINYBOX_GOLDEN=rewrite make unit` accepts what they print now; read the diff.
@Suite struct GoldenTests {
  static let rewrite = ProcessInfo.processInfo.environment["TINYBOX_GOLDEN"] == "rewrite"

  /// A command line, and the file its output is kept in.
  struct Command: Sendable, CustomStringConvertible {
    var file: String
    var arguments: [String]
    /// Whether the exit status is a verdict, 0 to 3, and not only success.
    var mayJudge = false
    var description: String { file }
  }

  static let commands: [Command] = [
    Command(file: "status.txt", arguments: ["status"]),
    Command(file: "check.txt", arguments: ["check", "--all"], mayJudge: true),
    Command(file: "check.json", arguments: ["check", "--json"], mayJudge: true),
    Command(file: "p2p.txt", arguments: ["p2p"]),
    Command(file: "p2p.json", arguments: ["p2p", "--json"]),
    Command(file: "placement-plan.txt", arguments: ["placement", "plan"]),
    Command(file: "placement-plan.json", arguments: ["placement", "plan", "--json"]),
    Command(file: "devices.txt", arguments: ["devices"]),
    Command(file: "devices-bridge.txt", arguments: ["devices", "bridge"]),
    Command(file: "topology.txt", arguments: ["topology"]),
    Command(file: "topology.svg", arguments: ["topology", "--svg", "-"]),
    Command(file: "interrupts.txt", arguments: ["interrupts"]),
    Command(file: "interrupts-each.txt", arguments: ["interrupts", "--each"]),
    Command(file: "devices.json", arguments: ["devices", "--json"]),
    Command(file: "topology.json", arguments: ["topology", "--json"]),
    Command(file: "interrupts.json", arguments: ["interrupts", "--json"]),
    Command(file: "status.json", arguments: ["status", "--json"]),
  ]

  /// Pages of single devices: a drive, an interface and a display of each virtual box.
  static let pages: [Command] =
    ["21:00.0", "22:00.0", "41:00.0", "61:00.0"].flatMap { address in
      let name = "device-\(address.replacingOccurrences(of: ":", with: "."))"
      return [
        Command(file: "\(name).txt", arguments: ["devices", address, "--sources"]),
        Command(file: "\(name).json", arguments: ["devices", address, "--json", "--serials"]),
      ]
    } + [
      // What a trial of a drive's placement would do.
      Command(file: "benchmark-placement.txt", arguments: ["benchmark", "placement", "22:00.0"]),
      Command(
        file: "benchmark-placement.json",
        arguments: ["benchmark", "placement", "22:00.0", "--json", "--quick"]),
    ]

  @Test(arguments: Project.ownRecordings)
  func ownRecording(_ recording: URL) throws {
    try check(recording, GoldenTests.commands + pages(of: recording))
  }

  private func pages(of recording: URL) -> [Command] {
    // The odd box has nothing at 22:00.0.
    GoldenTests.pages.filter {
      !(recording.lastPathComponent.contains("odd") && $0.arguments.contains("22:00.0"))
    }
  }

  @Test(
    .enabled(
      if: !Project.sharedRecordings.isEmpty,
      "no recordings of real machines beside the checkout (TINYBOX_MACHINES names another folder)"),
    arguments: Project.sharedRecordings)
  func sharedRecording(_ recording: URL) throws { try check(recording, GoldenTests.commands) }

  @Test func thereAreRecordingsOfTheVirtualBoxes() {
    let names = Project.ownRecordings.map(\.lastPathComponent)
    #expect(names.contains("virtual-tinybox.tar.zst"))
    #expect(names.contains("virtual-odd.tar.zst"))
  }

  private func check(_ recording: URL, _ commands: [Command]) throws {
    let name = recording.lastPathComponent.components(separatedBy: ".tar")[0]
    let folder = Project.tests.appendingPathComponent("Golden/\(name)")
    for command in commands {
      let finished = try run(
        Project.tinyboxctl,
        command.arguments + ["--sysroot", recording.path, "--pci-ids", Project.pciIDs])
      #expect(
        finished.status == 0 || command.mayJudge && (1...3).contains(finished.status),
        "\(command): \(finished.errors)")
      #expect(finished.errors.isEmpty, "\(command) says on standard error: \(finished.errors)")
      let output = GoldenTests.withoutNames(finished.output)
      let file = folder.appendingPathComponent(command.file)
      if GoldenTests.rewrite {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(output.utf8).write(to: file)
        continue
      }
      guard let accepted = try? String(contentsOf: file, encoding: .utf8) else {
        Issue.record("no accepted output \(file.path): run with TINYBOX_GOLDEN=rewrite")
        continue
      }
      if output != accepted {
        Issue.record("\(name) \(command): \(firstDifference(accepted, output))")
      }
    }
  }

  /// The output without the servers and users that a recording of others names: accepted outputs are
  /// public. Widths stay.
  private static func withoutNames(_ output: String) -> String {
    output.replacing(/"device" : "[^"\/ ]+:\/[^"]*"/, with: #""device" : "server:/export""#)
      .replacing(/(\/|%2F)[a-z]{2}[0-9]{6}\b/) { "\($0.output.1)user0000" }
  }

  /// Where two texts part, in words that fit a test report.
  private func firstDifference(_ accepted: String, _ now: String) -> String {
    let a = accepted.split(separator: "\n", omittingEmptySubsequences: false)
    let b = now.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let at = line ?? min(a.count, b.count)
    return "line \(at + 1)\n  accepted: \(at < a.count ? a[at] : "(end)")\n  now:      "
      + "\(at < b.count ? b[at] : "(end)")"
  }
}
