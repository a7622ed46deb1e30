import Foundation
import TestSupport
import Testing

/// Debian has no free package with the CUDA driver's header, so its prototypes and types are declared by
/// us: here they are compared with NVIDIA's own, which `scripts/nvidia-header` gets from PyPI.
@Suite struct CUDAHeaderTests {
  private static let include = Project.root.appendingPathComponent(
    "Sources/C/CAccelerators/include")

  /// NVIDIA's header; nil where it cannot be had, as without a network.
  private static let header: String? = {
    let script = Project.root.appendingPathComponent("scripts/nvidia-header")
    guard let finished = try? run(script, ["cuda"]), finished.status == 0 else { return nil }
    return finished.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  /// What the compiler says, or what the program prints that it made.
  private func compile(
    _ flags: [String], include: URL = include
  ) throws -> (isCompiled: Bool, text: String) {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appendingPathComponent("prototypes")
    let source = Project.tests.appendingPathComponent("AcceleratorsTests/CUDA/prototypes.c")
    let built = try run(
      URL(fileURLWithPath: "/usr/bin/cc"),
      ["-Wall", "-Werror", "-Wno-deprecated-declarations", "-I", include.path] + flags
        + ["-o", program.path, source.path])
    guard built.status == 0 else { return (false, built.errors) }
    return (true, try run(program, []).output)
  }

  @Test(.enabled(if: header != nil, "SKIPPED: PyPI's nvidia-cuda-runtime cannot be had"))
  func `our declarations of CUDA are NVIDIA's`() throws {
    let header = try #require(Self.header)
    let theirs = try compile(["-DCUDA_HEADER=\"\(header)\""])
    #expect(theirs.isCompiled, "\(theirs.text)")
    let ours = try compile([])
    #expect(ours.isCompiled, "\(ours.text)")
    #expect(ours.text == theirs.text)
    #expect(ours.text.split(separator: "\n").count == 6)
    // A call that their header does not declare would be compared with nothing. It names a call by its
    // first name, and sets the version by a macro.
    let declared = try String(contentsOfFile: header, encoding: .utf8)
    let calls = try String(
      contentsOf: Self.include.appendingPathComponent("cuda_calls.h"), encoding: .utf8)
    let names = calls.matches(of: /X\((cu\w+)\)/).map { String($0.1) }
    #expect(names.count == 27)
    for name in names {
      let first = name.replacing(/_v\d$/, with: "")
      #expect(declared.contains("CUDAAPI \(first)("), "\(name)")
      if first != name {
        #expect(declared.contains(try Regex("#define \(first) +(__CUDA_API_PTSZ\\()?\(name)")))
      }
    }
  }

  @Test(.enabled(if: header != nil, "SKIPPED: PyPI's nvidia-cuda-runtime cannot be had"))
  func `a prototype of CUDA that differs from NVIDIA's does not compile`() throws {
    let header = try #require(Self.header)
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let calls = try String(
      contentsOf: Self.include.appendingPathComponent("cuda_calls.h"), encoding: .utf8)
    let wrong = calls.replacingOccurrences(
      of: "(float *milliseconds,", with: "(double *milliseconds,")
    #expect(wrong != calls)
    try wrong.write(
      to: folder.appendingPathComponent("cuda_calls.h"), atomically: true, encoding: .utf8)
    let built = try compile(["-DCUDA_HEADER=\"\(header)\""], include: folder)
    #expect(!built.isCompiled && built.text.contains("conflicting types"))
  }
}
