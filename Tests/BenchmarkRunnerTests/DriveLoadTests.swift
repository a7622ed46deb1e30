import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import BenchmarkRunner

/// Loading a device from files in place of drives, with stand-in libraries.
@Suite struct DriveLoadTests {
  /// A file of so many MiB of random bytes.
  private static func file(_ folder: String, _ name: String, _ mebibytes: Int) throws -> String {
    var random = SeededGenerator(round: mebibytes)
    let block = Data(random.bytes(1 << 16))
    var data = Data()
    for _ in 0..<mebibytes * 16 { data.append(block) }
    let path = folder + "/" + name
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  private static func planned(_ library: CopyParameters.Library) -> PlannedMeasurement {
    CopyMeasurementTests.planned(
      CopyParameters(
        library, [.init(.host(node: nil), CopyMeasurementTests.gpus[0])], bytes: 4 << 20, count: 1))
  }

  @Test(.seeded, arguments: [CopyParameters.Library.hsa, .cuda])
  func `a load is no faster than its copies, and the data arrives`(
    library: CopyParameters.Library
  ) throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let drives = [try Self.file(folder, "a", 8), try Self.file(folder, "b", 5)]
    // 4 MiB take 21 ms by the copies alone.
    let observation = try CopyMeasurementTests.stub(library, "-DGBPS=0.2").measure(
      Self.planned(library), CopyMeasurementTests.session(), drives: drives)
    #expect(observation.samples.count >= 3)
    for sample in observation.samples { #expect(sample > 0 && sample <= 0.2e9 * 1.001) }
    #expect(observation.details["drives"] == "2")
    #expect(observation.details["readsAtATime"] == "16")
  }

  @Test(.seeded) func `what goes wrong is a failure with its reason`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let good = try Self.file(folder, "a", 4)
    func reason(_ drives: [String], _ flags: String = "") throws -> String {
      try #require(throws: Failure.self) {
        try CopyMeasurementTests.stub(.hsa, flags).measure(
          Self.planned(.hsa), CopyMeasurementTests.session(), drives: drives)
      }.description
    }
    #expect(try reason([good, folder + "/missing"]) == "open \(folder)/missing: no such file")
    // Nothing was made there.
    #expect(!FileManager.default.fileExists(atPath: folder + "/missing"))
    try Data(count: 4096).write(to: URL(fileURLWithPath: folder + "/small"))
    #expect(try reason([folder + "/small"]) == "read \(folder)/small: it holds 4096 bytes")
    #expect(try reason([folder]).hasPrefix("open \(folder): "))
    #expect(try reason([good], "-DFAULT=6").contains("other data arrived than was read"))
    #expect(try reason([good], "-DFAULT=1").contains("a copy did not end within 0.3 s"))
  }
}
