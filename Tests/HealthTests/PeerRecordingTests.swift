import Foundation
import Inventory
import Recordings
import TestSupport
import Testing

@testable import Health

/// The checks on recorded machines: what they say is reviewed, and nothing else is reported.
@Suite struct PeerRecordingTests {
  private func verdicts(_ path: String) throws -> [String: Set<String>] {
    let inventory = InventoryReader.read(
      try RecordingLoader.open(path), options: CollectionOptions())
    var found: [String: Set<String>] = [:]
    for check in Checks.peerToPeer {
      for finding in check.evaluate(Box(inventory)) {
        found[check.info.id, default: []].insert(
          "\(finding.verdict.rawValue): \(finding.summary)")
      }
    }
    return found
  }

  /// Displays without a driver behind a virtual IOMMU that translates; three devices behind a
  /// switch whose ports have no ACS.
  @Test func theVirtualBox() throws {
    let recording = try #require(
      Project.ownRecordings.first { $0.lastPathComponent.hasPrefix("virtual-tinybox") })
    let found = try verdicts(recording.path)
    #expect(found["acs"] == ["pass: no bridge on a common path redirects"])
    #expect(found["iommu-mode"] == ["warn: translated: user-space drivers fail"])
    for id in ["kernel-p2pdma", "peer-access", "p2p-contradiction", "p2p-raid"] {
      #expect(found[id]?.allSatisfy { $0.hasPrefix("notApplicable") } == true, "\(id)")
    }
  }

  @Test(arguments: Project.ownRecordings + Project.sharedRecordings)
  func noOtherAlarm(_ recording: URL) throws {
    for (id, summaries) in try verdicts(recording.path) {
      let alarms = summaries.filter { $0.hasPrefix("warn") || $0.hasPrefix("fail") }
      let isKnown =
        id == "iommu-mode" && recording.lastPathComponent.hasPrefix("virtual-tinybox")
      #expect(alarms.isEmpty || isKnown, "\(recording.lastPathComponent) \(id): \(alarms)")
    }
  }
}
