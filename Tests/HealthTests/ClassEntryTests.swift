import Base
import FoundationEssentials
import Inventory
import KernelTree
import Recordings
import TestSupport
import Testing

@testable import Health

/// A tree without one entry below /sys/class: what a driver that failed, or was never loaded, leaves.
private final class WithoutEntry: TreeSource {
  private let inner: any TreeSource
  private let folder: String
  private let name: String

  init(_ inner: any TreeSource, _ folder: String, _ name: String) {
    self.inner = inner
    self.folder = folder
    self.name = name
  }

  private func check(_ path: String) throws(ReadFailure) {
    let entry = folder + "/" + name
    if path == entry || path.hasPrefix(entry + "/") {
      throw ReadFailure(path: path, cause: .notFound)
    }
  }

  var origin: TreeOrigin { inner.origin }
  var keepsModes: Bool? { inner.keepsModes }
  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    try check(request.path)
    return try inner.bytes(request)
  }
  func entries(_ path: String) throws(ReadFailure) -> [String] {
    try check(path)
    let names = try inner.entries(path)
    return path == folder ? names.filter { $0 != name } : names
  }
  func linkTarget(_ path: String) throws(ReadFailure) -> String {
    try check(path)
    return try inner.linkTarget(path)
  }
  func realPath(_ path: String) throws(ReadFailure) -> String {
    try check(path)
    return try inner.realPath(path)
  }
  func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try check(path)
    return try inner.status(path)
  }
  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try inner.probe(name, sensitivity: sensitivity, ask: ask)
  }
}

/// No entry of a class that is taken away makes a verdict of the same device better.
@Suite struct ClassEntryTests {
  static let classes = ["net", "nvme", "drm", "infiniband", "hwmon", "block", "nvme-subsystem"]

  /// The verdicts of devices by check and address: names are those of the entries.
  private func verdicts(_ tree: KernelTree) -> [String: Verdict] {
    var worst: [String: Verdict] = [:]
    let box = Box(InventoryReader.read(tree, options: CollectionOptions()))
    for finding in HealthReport(box).findings {
      guard let address = finding.address else { continue }
      let key = "\(finding.check) of \(address)"
      worst[key] = max(worst[key] ?? finding.verdict, finding.verdict)
    }
    return worst
  }

  @Test(arguments: Project.ownRecordings.map(\.path)) func `less is never better`(
    recording: String
  ) throws {
    let tree = try RecordingLoader.open(recording)
    let before = verdicts(tree)
    var tried = 0
    for name in ClassEntryTests.classes {
      let folder = "/sys/class/" + name
      for entry in (try? tree.source.entries(folder)) ?? [] {
        tried += 1
        let after = verdicts(KernelTree(WithoutEntry(tree.source, folder, entry)))
        for (what, verdict) in after where verdict == .pass {
          #expect(
            before[what] == nil || before[what] == .pass,
            "without \(folder)/\(entry), \(what) passes: it was \(before[what]?.rawValue ?? "")")
        }
      }
    }
    #expect(tried > 5)
  }
}
