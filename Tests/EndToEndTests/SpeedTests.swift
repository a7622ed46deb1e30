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
    let box = try VirtualBox.tinybox.get()
    var times: [String: [Int]] = [:]
    for line in try box.text("times").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      times[String(words[1]), default: []].append(Int(words[0]) ?? 0)
    }
    let medians = times.mapValues { $0.sorted()[$0.count / 2] }
    let ours = try #require(medians["tinyboxctl status"])
    let theirs = try #require(medians["lspci -nn"])
    print(
      "virtual box: tinyboxctl status \(ours) ms, lspci -nn \(theirs) ms, "
        + "ratio \(String(format: "%.2f", Double(ours) / Double(max(theirs, 1))))")
  }
}
