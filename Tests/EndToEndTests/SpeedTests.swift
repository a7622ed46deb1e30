import Foundation
import TestSupport
import Testing

/// No pass mark on time: the ratio is printed, `docs/measurements.md` keeps it.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct SpeedReport {
  @Test func statusAgainstLspciInTheVirtualBox() throws {
    try compare("tinyboxctl status", "lspci -nn")
  }

  /// Checks read what `devices` reads; judging it should cost little beside.
  @Test func checkAgainstDevicesInTheVirtualBox() throws {
    try compare("tinyboxctl check", "tinyboxctl devices")
  }

  private func compare(_ ours: String, _ theirs: String) throws {
    let box = try VirtualBox.tinybox.get()
    var times: [String: [Int]] = [:]
    for line in try box.text("times").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      times[String(words[1]), default: []].append(Int(words[0]) ?? 0)
    }
    let medians = times.mapValues { $0.sorted()[$0.count / 2] }
    let a = try #require(medians[ours])
    let b = try #require(medians[theirs])
    print(
      "virtual box: \(ours) \(a) ms, \(theirs) \(b) ms, "
        + "ratio \(String(format: "%.2f", Double(a) / Double(max(b, 1))))")
  }
}
