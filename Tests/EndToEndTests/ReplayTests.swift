import Foundation
import TestSupport
import Testing

/// A machine recorded in the virtual box and replayed here.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct ReplayTests {
  /// Keys whose values live: they change from one reading to the next on the same machine.
  static let live: Set<String> = [
    "origin", "counts", "uptimeSeconds", "loadAverages", "availableBytes", "freeBytes", "freeFiles",
    "busyShare", "memoryByNode", "processCount", "taskCount", "swapFreeBytes", "effectiveAffinity",
    "bytesRead", "bytesWritten", "temperatureCelsius", "celsius", "hostReadCommands",
    "rps", "processes",
  ]

  @Test(arguments: ["tinybox", "odd"])
  func replayIsIdenticalButForLiveCounters(profile: String) throws {
    let box = try (profile == "odd" ? VirtualBox.odd : VirtualBox.tinybox).get()
    let recording = box.folder.appendingPathComponent("out/full.tar.zst")
    let replayed = try run(
      Project.tinyboxctl, ["devices", "--json", "--serials", "--sysroot", recording.path])
    #expect(replayed.status == 0, "\(replayed.errors)")
    let here = try JSONSerialization.jsonObject(with: Data(replayed.output.utf8))
    let there = try box.json("devices.json")
    let differences = compare(strip(there), strip(here), path: "")
    #expect(differences.isEmpty, "\(differences.prefix(20).joined(separator: "\n"))")
  }

  @Test(arguments: ["tinybox", "odd"])
  func aRedactedRecordingHoldsNoSecrets(profile: String) throws {
    let box = try (profile == "odd" ? VirtualBox.odd : VirtualBox.tinybox).get()
    let recording = box.folder.appendingPathComponent("out/redacted.tar.zst")
    // Nothing is found in what is not there, or not whole.
    let tested = try run(URL(fileURLWithPath: "/usr/bin/zstd"), ["-tq", recording.path])
    try #require(tested.status == 0, "\(tested.errors)")
    let unpacked = try run(
      URL(fileURLWithPath: "/bin/bash"),
      [
        "-c",
        "zstd -dc '\(recording.path)' | grep -aciE '52:54:00:74:62|nqn.2019-08.org.qemu:TB[0-9]'",
      ])
    #expect(unpacked.output.trimmingCharacters(in: .whitespacesAndNewlines) == "0")
    let replayed = try run(
      Project.tinyboxctl, ["devices", "--json", "--serials", "--sysroot", recording.path])
    try #require(replayed.status == 0, "\(replayed.errors)")
    let devices = replayed.output
    // The drives are in it, under other names.
    #expect(devices.contains("\"SERIAL-"))
    let full = try box.text("devices.json")
    #expect(full.contains("\"TB0\"") || profile == "odd")
    #expect(!devices.contains("\"TB0\""))
    #expect(!devices.contains("52:54:00:74:62"))
  }

  private func strip(_ value: Any) -> Any {
    if let object = value as? [String: Any] {
      return object.filter { !ReplayTests.live.contains($0.key) }.mapValues(strip)
    }
    if let list = value as? [Any] { return list.map(strip) }
    return value
  }

  private func compare(_ a: Any, _ b: Any, path: String) -> [String] {
    if let a = a as? [String: Any], let b = b as? [String: Any] {
      return Set(a.keys).union(b.keys).sorted().flatMap { key -> [String] in
        guard let x = a[key], let y = b[key] else {
          return [
            "\(path)/\(key): \(a[key].map { "\($0)" } ?? "absent") there, \(b[key].map { "\($0)" } ?? "absent") here"
          ]
        }
        return compare(x, y, path: "\(path)/\(key)")
      }
    }
    if let a = a as? [Any], let b = b as? [Any] {
      if a.count != b.count { return ["\(path): \(a.count) there, \(b.count) here"] }
      return zip(a, b).enumerated().flatMap { compare($1.0, $1.1, path: "\(path)[\($0)]") }
    }
    return "\(a)" == "\(b)" ? [] : ["\(path): '\(a)' there, '\(b)' here"]
  }
}
