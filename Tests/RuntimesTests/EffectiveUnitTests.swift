import Foundation
import TestSupport
import Testing

@testable import Runtimes

/// What systemd itself says of a template with the drop-in of a plan. Needs `systemd-analyze`, not a running
/// systemd.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/systemd-analyze")))
struct EffectiveUnitTests {
  private func analyze(_ arguments: [String], folder: URL) throws -> (status: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
    process.arguments = arguments
    process.environment = [
      "SYSTEMD_UNIT_PATH": "\(folder.path):", "SYSTEMD_COLORS": "0", "SYSTEMD_EMOJI": "0",
      "PATH": "/usr/bin:/bin",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(arguments: [
    "model = \"llama\"\ngpus = [\"0000:81:00.0\"]\non-demand = true",
    "model = \"llama\"\nmemory-nodes = \"0-1\"",
    "model = \"llama\"\ncommand = [\"/bin/true\", \"{socket}\"]\nendpoint = \"unix\"\nbackend = \"llama.cpp\"",
    "kind = \"job\"\ncommand = [\"/bin/true\"]\ngpus = 2",
  ]) func `systemd understands every line, and the exposure is at most 1.0`(_ text: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let units = Project.root.appending(path: "units")
    for name in [
      "tinybox-runtime@.service", "tinybox-runtime-door@.service", "tinybox-runtime-door@.socket",
      "tinybox-runtimes.slice",
    ] {
      try FileManager.default.copyItem(
        at: units.appending(path: name), to: folder.appending(path: name))
    }
    let unit = try PlanBench().unit(text)
    for dropIn in unit.dropIns {
      let place = folder.appending(path: "\(dropIn.unit).d")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      // The program of a runtime is not installed here.
      let text = dropIn.text.replacing("ExecStart=\"/var", with: "ExecStart=/bin/true \"/var")
      try text.write(
        to: place.appending(path: RuntimeUnit.DropIn.file), atomically: true, encoding: .utf8)
    }
    for dropIn in unit.dropIns {
      let verified = try analyze(["verify", "--man=no", dropIn.unit], folder: folder)
      let ours = verified.output.split(separator: "\n").filter { $0.contains("tinybox") }
      #expect(ours.isEmpty, "\(verified.output)")
      let security = try analyze(
        ["security", "--offline=true", "--no-pager", "--threshold=10", dropIn.unit], folder: folder)
      #expect(security.status == 0, "\(security.output.suffix(300))")
      #expect(security.output.contains("Overall exposure level for \(dropIn.unit)"))
    }
  }
}
