import Foundation
import TestSupport
import Testing

/// NVML has no header in any distribution, so its prototypes and types are declared by us: here they
/// are held against NVIDIA's own, which `scripts/nvidia-header` gets from PyPI.
@Suite struct NVMLHeaderTests {
  private static let include = Project.root.appendingPathComponent(
    "Sources/C/CAccelerators/include")
  private static let source = Project.tests.appendingPathComponent(
    "AcceleratorsTests/NVML/prototypes.c")

  /// NVIDIA's header; nil where it cannot be had, as without a network.
  private static let header: String? = {
    let script = Project.root.appendingPathComponent("scripts/nvidia-header")
    guard let finished = try? run(script, ["nvml"]), finished.status == 0 else { return nil }
    return finished.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  /// What the compiler says, and what the program prints that it made.
  private func compile(
    _ flags: [String], include: URL = include
  ) throws -> (isCompiled: Bool, text: String) {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appendingPathComponent("prototypes")
    let built = try run(
      URL(fileURLWithPath: "/usr/bin/cc"),
      ["-Wall", "-Werror", "-Wno-deprecated-declarations", "-I", include.path] + flags
        + ["-o", program.path, Self.source.path])
    guard built.status == 0 else { return (false, built.errors) }
    return (true, try run(program, []).output)
  }

  @Test(.enabled(if: header != nil, "SKIPPED: PyPI's nvidia-nvml-dev cannot be had"))
  func `our declarations are NVIDIA's`() throws {
    let header = try #require(Self.header)
    let theirs = try compile(["-DNVML_HEADER=\"\(header)\""])
    #expect(theirs.isCompiled, "\(theirs.text)")
    let ours = try compile([])
    #expect(ours.isCompiled, "\(ours.text)")
    #expect(ours.text == theirs.text)
    #expect(ours.text.split(separator: "\n").count == 45)
    // A call that their header does not declare would be held against nothing.
    let declared = try String(contentsOfFile: header, encoding: .utf8)
    let calls = try String(
      contentsOf: Self.include.appendingPathComponent("nvml_calls.h"), encoding: .utf8)
    let names = calls.matches(of: /X\((nvml\w+)\)/).map { String($0.1) }
    #expect(names.count == 42)
    for name in names { #expect(declared.contains("DECLDIR \(name)("), "\(name)") }
  }

  @Test(.enabled(if: header != nil, "SKIPPED: PyPI's nvidia-nvml-dev cannot be had"))
  func `a prototype that differs from NVIDIA's does not compile`() throws {
    let header = try #require(Self.header)
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let name = "nvml_calls.h"
    let calls = try String(
      contentsOf: Self.include.appendingPathComponent(name), encoding: .utf8)
    let wrong = calls.replacingOccurrences(
      of: "unsigned int *power);", with: "unsigned long long *power);")
    #expect(wrong != calls)
    try wrong.write(
      to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    let built = try compile(["-DNVML_HEADER=\"\(header)\""], include: folder)
    #expect(!built.isCompiled && built.text.contains("conflicting types"))
  }
}
