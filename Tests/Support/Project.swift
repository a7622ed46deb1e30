public import Foundation

/// Places of the project, for tests.
public enum Project {
  /// The root of the checkout.
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Whether this is `make nightly`: what is repeated or waits long, and need not run at every change.
  public static let isNightly = ProcessInfo.processInfo.environment["TINYBOX_NIGHTLY"] == "1"

  /// `Tests/`.
  public static let tests = root.appendingPathComponent("Tests")

  /// A pci.ids with just the ids of the recordings, so that names do not depend on the machine.
  public static let pciIDs = tests.appendingPathComponent("Fixtures/pci.ids").path

  /// The program under test, as the build leaves it beside the tests.
  public static var tinyboxctl: URL {
    Bundle.allBundles.map(\.bundleURL).map { $0.deletingLastPathComponent() }
      .appending(
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      )
      .map { $0.appendingPathComponent("tinyboxctl") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? root.appendingPathComponent(".build/debug/tinyboxctl")
  }

  /// A copy of `tinyboxctl` that every user may run: a checkout below `/root` is closed to them.
  /// It is alone in a folder that the caller removes.
  public static func tinyboxctlForAll() throws -> URL {
    let files = FileManager.default
    let folder = try temporaryFolder()
    let program = folder.appendingPathComponent("tinyboxctl")
    try files.copyItem(at: tinyboxctl, to: program)
    for path in [folder.path, program.path] {
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    return program
  }

  /// Recordings made with `capture` in the virtual boxes; part of the project.
  public static var ownRecordings: [URL] {
    recordings(in: tests.appendingPathComponent("Recordings"))
  }

  /// Recordings of real machines that belong to other projects, so they are no part of this one: the
  /// archives in the folder that `TINYBOX_MACHINES` names, or in `shared/machines` beside the checkout.
  public static var sharedRecordings: [URL] {
    let folder =
      ProcessInfo.processInfo.environment["TINYBOX_MACHINES"].map { URL(fileURLWithPath: $0) }
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/machines")
    return recordings(in: folder)
  }

  private static func recordings(in folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.contains(".tar") }.sorted().map { folder.appendingPathComponent($0) }
  }

  /// A new empty folder, removed by the caller.
  public static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tinybox-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

extension Array {
  fileprivate func appending(_ element: Element) -> [Element] { self + [element] }
}

/// A finished program.
public struct Finished: Sendable {
  /// Exit status; 128 and the signal's number when a signal ended it.
  public var status: Int32
  /// Standard output.
  public var output: String
  /// Standard error.
  public var errors: String
}

/// Runs a program to its end, without input.
public func run(
  _ program: URL, _ arguments: [String], environment: [String: String] = [:]
) throws -> Finished {
  let folder = try Project.temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  // Files, not pipes: nothing to drain while it runs, whatever it prints.
  let paths = ["out", "err"].map { folder.appendingPathComponent($0) }
  for path in paths { try Data().write(to: path) }
  let process = Process()
  process.executableURL = program
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment
    .merging(["LC_ALL": "C.UTF-8", "NO_COLOR": ""]) { $1 }.merging(environment) { $1 }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = try FileHandle(forWritingTo: paths[0])
  process.standardError = try FileHandle(forWritingTo: paths[1])
  try process.run()
  process.waitUntilExit()
  let texts = try paths.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
  let signalled = process.terminationReason == .uncaughtSignal
  return Finished(
    status: process.terminationStatus + (signalled ? 128 : 0), output: texts[0], errors: texts[1])
}
