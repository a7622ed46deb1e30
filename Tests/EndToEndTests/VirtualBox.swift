import Foundation
import Inventory
import TestSupport
import Testing

/// One boot of a virtual box and everything collected in it.
final class VirtualBox: Sendable {
  /// Where the guest's answers lie.
  let folder: URL

  private init(profile: String) throws {
    let binary = Project.root.appendingPathComponent(".build/release/tinyboxctl")
    guard FileManager.default.isExecutableFile(atPath: binary.path) else {
      throw BoxError("no release build of tinyboxctl: run 'make build' first")
    }
    folder = Project.root.appendingPathComponent("out/end-to-end/\(profile)")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: binary, to: folder.appendingPathComponent("tinyboxctl"))
    let script = Project.tests.appendingPathComponent("EndToEndTests/Guest/collect")
    let finished = try run(
      Project.root.appendingPathComponent("images/virtual-box/vm"),
      [
        "run", "--profile", profile, "--share", folder.path, "--timeout", "900", "--script",
        script.path,
      ])
    guard finished.status == 0,
      FileManager.default.fileExists(atPath: folder.appendingPathComponent("out/complete").path)
    else {
      throw BoxError(
        "the virtual box '\(profile)' ended with \(finished.status): "
          + "\(finished.output.suffix(2000)) \(finished.errors.suffix(2000))")
    }
    if ProcessInfo.processInfo.environment["TINYBOX_RECORDINGS"] == "rewrite" {
      let kept = Project.tests.appendingPathComponent("Recordings/virtual-\(profile).tar.zst")
      try? FileManager.default.removeItem(at: kept)
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("out/redacted.tar.zst"), to: kept)
    }
  }

  static let tinybox = Result { try VirtualBox(profile: "tinybox") }
  static let odd = Result { try VirtualBox(profile: "odd") }

  /// Whether to boot at all: minutes, and root.
  static let isWanted = ProcessInfo.processInfo.environment["TINYBOX_END_TO_END"] == "1"

  /// The answer kept under a name.
  func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent("out/\(name)"), encoding: .utf8)
  }

  /// Exit status of the command kept under a name.
  func status(_ name: String) throws -> Int {
    Int(try text(name + ".rc").trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
  }

  /// What `tinyboxctl devices --json --serials` said.
  func inventory() throws -> Inventory {
    try JSONDecoder().decode(Inventory.self, from: Data(try text("devices.json").utf8))
  }

  /// The value of a JSON answer.
  func json(_ name: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(try text(name).utf8))
  }
}

struct BoxError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
