import Accelerators
import Base
import Benchmarks
import Foundation
import Inventory
import LoadKernels
import TestSupport
import Testing

@testable import BenchmarkRunner

/// Measurements of copies with stand-in libraries: right figures, and for each thing that goes wrong a
/// failure with its reason, in time. Nothing here is known of a real GPU.
@Suite struct CopyMeasurementTests {
  static func stub(_ kind: CopyParameters.Library, _ flags: String = "") throws -> CopyMeasurement {
    let name = kind == .cuda ? "cuda" : "hsa_copies"
    let path = try build(name, in: temporaryPath(), "-shared -fPIC -pthread \(flags)")
    var measurement = CopyMeasurement()
    measurement.hsa = path
    measurement.cuda = path
    // Only with faults 1 and 9 is there something that does not end.
    let isHanging = flags == "-DFAULT=1" || flags == "-DFAULT=9"
    measurement.openSeconds = isHanging ? 2 : 60
    measurement.copySeconds = isHanging ? 0.3 : 30
    return measurement
  }

  static let gpus = ["21:00.0", "41:00.0"].compactMap { PCIAddress($0) }.map {
    CopyParameters.Place.gpu($0)
  }

  static func planned(_ copies: CopyParameters) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: "gpu", metric: "test", subjectKey: "test", subject: "test", unit: .bytesPerSecond),
      seconds: 0.1, quickSeconds: 0.05, parameters: copies.parameters)
  }

  static func session(stopped: Bool = false) -> MeasuringSession {
    let session = MeasuringSession(
      box: BenchmarkBox(Inventory(origin: "test"), BenchmarkOptions()), folder: "/nonexistent")
    if stopped { session.stop.stop() }
    return session
  }

  /// Every kind of lane of the plans.
  private static let lanes: [[CopyParameters.Lane]] = [
    [.init(.host(node: nil), gpus[0])], [.init(gpus[1], .host(node: nil))],
    [.init(gpus[0], gpus[0])], [.init(gpus[0], gpus[1])],
  ]

  @Test(arguments: [CopyParameters.Library.hsa, .cuda], lanes)
  func `one lane has the rate that the device reports`(
    library: CopyParameters.Library, lanes: [CopyParameters.Lane]
  ) throws {
    let copies = CopyParameters(library, lanes, bytes: 2 << 20, count: 1)
    let observation = try Self.stub(library).measure(Self.planned(copies), Self.session())
    #expect(observation.samples.count >= 4)
    for sample in observation.samples { #expect(abs(sample / 2e9 - 1) < 0.001, "\(sample)") }
    #expect(observation.dropped == 0)
    #expect(observation.flags.isEmpty)
    #expect(observation.details["bytesOfACopy"] == "2097152")
    #expect(
      observation.details["copiedBy"]
        == (lanes[0].from != lanes[0].to && lanes == Self.lanes[3] ? "the source" : nil))
  }

  @Test(arguments: [CopyParameters.Library.hsa, .cuda], [false, true])
  func `lanes at once have the bytes of their common window`(
    library: CopyParameters.Library, reads: Bool
  ) throws {
    // Each lane moves 0.2 GB/s, 8 copies of 5 ms.
    let lanes: [CopyParameters.Lane] = [
      .init(Self.gpus[0], Self.gpus[1]), .init(Self.gpus[1], Self.gpus[0]),
      .init(.host(node: nil), Self.gpus[0]),
    ]
    let copies = CopyParameters(
      library, lanes, bytes: 1 << 20, count: 8, destinationReads: reads)
    let observation = try Self.stub(library, "-DGBPS=0.2").measure(
      Self.planned(copies), Self.session())
    for sample in observation.samples { #expect(abs(sample / 0.6e9 - 1) < 0.02, "\(sample)") }
    #expect(observation.details["copiedBy"] == (reads ? "the destination" : "the source"))
    #expect(observation.details["lanes"] == "3")
    let share = try #require(observation.details["commonWindowLeastShare"].flatMap(Double.init))
    // How much of it they share depends on when the machine lets each begin.
    #expect(share > 0 && share <= 1)
  }

  @Test func `CPU agents are labelled`() throws {
    let copies = CopyParameters(
      .hsa, [.init(.host(node: nil), .cpu(node: 1))], bytes: 1 << 20, count: 1)
    let observation = try Self.stub(.hsa, "-DGPUS=0").measure(Self.planned(copies), Self.session())
    #expect(observation.flags == [.standIn])
    #expect(observation.samples.allSatisfy { abs($0 / 2e9 - 1) < 0.001 })
  }

  @Test func `host memory is on its node`() throws {
    let copies = CopyParameters(
      .hsa, [.init(.host(node: 0), Self.gpus[0])], bytes: 2 << 20, count: 1)
    let observation = try Self.stub(.hsa).measure(Self.planned(copies), Self.session())
    let pages = try #require(observation.details["hostPages"])
    #expect(pages == "64 of 64 sampled pages on node 0")
  }

  /// Numbers of the faults in the stand-ins, and the reason that each ends with.
  private static let faults: [(fault: Int, reason: String)] = [
    (1, "a copy did not end within 0.3 s"), (2, "made up"), (3, ""),
    (4, "the device's times of a copy are"), (5, "the device's times of a copy are"),
    (6, "other data arrived than was sent, first at byte 1048576 of 2097152"),
    (7, "other data arrived than was sent, first at byte 0"),
    (8, "by the device's clock a copy took 3600000"), (9, "no answer within 4 s"),
  ]

  @Test(arguments: [CopyParameters.Library.hsa, .cuda], faults)
  func `each thing that goes wrong is a failure with its reason`(
    library: CopyParameters.Library, fault: (fault: Int, reason: String)
  ) throws {
    let measurement = try Self.stub(library, "-DFAULT=\(fault.fault)")
    let copies = CopyParameters(
      library, [.init(Self.gpus[0], .host(node: nil))], bytes: 2 << 20, count: 1)
    let clock = ContinuousClock()
    let start = clock.now
    let failure = try #require(throws: Failure.self) {
      try measurement.measure(Self.planned(copies), Self.session())
    }
    let broken = library == .cuda ? "cuEventQuery: made up (719)" : "the copy failed (-1)"
    #expect(
      failure.description.contains(fault.fault == 3 ? broken : fault.reason), "\(failure)")
    #expect(failure.code == .failed)
    #expect(clock.now - start < .seconds(20))
    // A library that hangs, or has a broken context, is used no more; one that only failed is.
    let again = try #require(throws: Failure.self) {
      try measurement.measure(Self.planned(copies), Self.session())
    }
    let isHanging = [1, 9].contains(fault.fault) || fault.fault == 3 && library == .cuda
    #expect(again.description.contains("it is used no more in this run") == isHanging, "\(again)")
  }

  @Test(arguments: [CopyParameters.Library.hsa, .cuda])
  func `GPUs that may not reach each other, and one that is not listed`(
    library: CopyParameters.Library
  ) throws {
    let peers = CopyParameters(
      library, [.init(Self.gpus[0], Self.gpus[1])], bytes: 1 << 20, count: 1)
    let refused = try #require(throws: Failure.self) {
      try Self.stub(library, "-DFAULT=10").measure(Self.planned(peers), Self.session())
    }
    #expect(refused.description.contains("may not access the memory of"))
    // Between host and GPUs they need not.
    let host = CopyParameters(
      library, Self.gpus.map { .init(.host(node: nil), $0) }, bytes: 1 << 20, count: 4)
    let observation = try Self.stub(library, "-DFAULT=10 -DGBPS=0.2").measure(
      Self.planned(host), Self.session())
    #expect(observation.details["copiedBy"] == nil)
    #expect(observation.samples.allSatisfy { abs($0 / 0.4e9 - 1) < 0.02 })
    let missing = try #require(throws: Failure.self) {
      try Self.stub(library, "-DGPUS=1").measure(Self.planned(peers), Self.session())
    }
    #expect(missing.description.contains("find GPU 41:00.0"))
    #expect(missing.description.contains("does not list it"))
  }

  @Test func `a stopped run ends at once`() throws {
    let copies = CopyParameters(
      .hsa, [.init(.host(node: nil), Self.gpus[0])], bytes: 1 << 20, count: 1)
    let failure = try #require(throws: Failure.self) {
      try Self.stub(.hsa).measure(Self.planned(copies), Self.session(stopped: true))
    }
    #expect(failure.reason == "the run was stopped")
  }

  @Test func `what is not there does not apply`() throws {
    let standIn = CopyParameters(
      .hsa, [.init(.host(node: nil), .cpu(node: 0))], bytes: 1 << 20, count: 1)
    let noKFD = try #require(throws: Failure.self) {
      try Self.stub(.hsa, "-DFAULT=11").measure(Self.planned(standIn), Self.session())
    }
    #expect(noKFD.code == .notFound)
    #expect(noKFD.reason.contains("hsa_init: no accelerator it can open (4104)"))
    var measurement = CopyMeasurement()
    measurement.cuda = "libnosuchcuda.so.1"
    let cuda = CopyParameters(
      .cuda, [.init(.host(node: nil), Self.gpus[0])], bytes: 1 << 20, count: 1)
    let noLibrary = try #require(throws: Failure.self) {
      try measurement.measure(Self.planned(cuda), Self.session())
    }
    #expect(noLibrary.code == .notFound)
    #expect(noLibrary.reason.contains("libnosuchcuda.so.1"))
    // A GPU is there and its library answers with an error: that is a failure.
    let gpu = CopyParameters(
      .hsa, [.init(.host(node: nil), Self.gpus[0])], bytes: 1 << 20, count: 1)
    let failed = try #require(throws: Failure.self) {
      try Self.stub(.hsa, "-DFAULT=11").measure(Self.planned(gpu), Self.session())
    }
    #expect(failed.code == .failed)
  }

  /// The real runtime, where it is installed and there is no KFD: without one, it has nothing to copy with.
  @Test(
    .enabled(
      if: (try? HSA.open()) == nil && FileManager.default.fileExists(atPath: "/dev/kfd") == false,
      "SKIPPED: this machine has a KFD"))
  func `AMD's own runtime without KFD does not apply`() throws {
    let standIn = CopyParameters(
      .hsa, [.init(.host(node: nil), .cpu(node: 0))], bytes: 1 << 20, count: 1)
    let failure = try #require(throws: Failure.self) {
      try CopyMeasurement().measure(Self.planned(standIn), Self.session())
    }
    #expect(failure.code == .notFound, "\(failure)")
    #expect(
      failure.reason.contains("(4104); /dev/kfd: No such file or directory (2)")
        || failure.reason.contains("cannot open shared object file"), "\(failure)")
  }
}
