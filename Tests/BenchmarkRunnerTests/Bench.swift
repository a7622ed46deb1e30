import Base
import Benchmarks
import Foundation
import Inventory
import LoadKernels
import TestSupport

@testable import BenchmarkRunner

/// What tests of measurers share: a folder on a real file system, a session, stand-ins for programs.
final class RunnerBench {
  /// Where scratch files go. Not below /tmp, which may be a tmpfs that knows no direct I/O.
  let scratch: String
  /// Where the session's own files go.
  let folder: String
  let stop = StopFlag()

  init() throws {
    let base = Project.root.appendingPathComponent(".build/benchmark-tests-\(UUID().uuidString)")
    for name in ["scratch", "session"] {
      try FileManager.default.createDirectory(
        at: base.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    scratch = base.appendingPathComponent("scratch").path
    folder = base.appendingPathComponent("session").path
  }

  deinit {
    removeFolder(URL(fileURLWithPath: folder).deletingLastPathComponent().path)
  }

  func session(_ change: (inout BenchmarkOptions) -> Void = { _ in }) -> MeasuringSession {
    var options = BenchmarkOptions()
    options.isQuick = true
    options.scratch = scratch
    change(&options)
    return MeasuringSession(
      box: BenchmarkBox(Inventory(origin: "test"), options), folder: folder, stop: stop)
  }

  /// A measurement of one second.
  func planned(
    _ load: FioParameters, _ unit: BenchmarkSeries.Unit = .bytesPerSecond, suite: String = "nvme"
  ) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(suite: suite, metric: "m", subjectKey: "k", subject: "s", unit: unit),
      seconds: 8, quickSeconds: 1, parameters: load.parameters)
  }

  /// A load on a file in the scratch folder.
  func load(_ pattern: FioJob.Pattern, bytes: Int = 8 << 20) -> FioParameters {
    var load = FioParameters(
      .file, pattern, blockBytes: pattern.isRandom ? 4096 : 1 << 20, depth: 8,
      targets: [.init("", cpus: nil, memoryNode: nil)])
    load.mountPoint = scratch
    load.fileBytes = bytes
    load.drive = "D"
    if pattern.writes { load.writeBytes = 16 << 20 }
    return load
  }

  /// What is in the scratch folder.
  var left: [String] { (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? ["?"] }

  /// A stand-in for a program, which `PATH` of a `ChildProcess` does not find: its path.
  func script(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// Whether a program is installed.
  static func has(_ program: String) -> Bool {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// Processes whose command line has a text in it.
  static func processes(with text: String) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int($0) }.filter { pid in
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
        return false
      }
      return String(decoding: bytes, as: UTF8.self).contains(text)
    }
  }
}
