import Base
import Foundation
import RuntimeCatalog
import TestSupport
import Testing

@testable import Operations

/// The real pip with a wheel that is made here; the network is not used.
@Suite(.serialized) struct RuntimeInstallationTests {
  private let root: URL
  private let wheels: String

  init() throws {
    root = try Project.temporaryFolder()
    wheels = root.appendingPathComponent("wheels").path
    try FileManager.default.createDirectory(atPath: wheels, withIntermediateDirectories: true)
  }

  /// Makes a wheel of one module and gives its row of the table.
  private func wheel(_ version: String, key: String, changed: Bool = false) throws -> Backend {
    let file = "tinygrad-\(version)-py3-none-any.whl"
    let program = """
      import hashlib, sys, zipfile
      path, version = sys.argv[1:]
      info = "tinygrad-" + version + ".dist-info/"
      files = {"tinygrad/__init__.py": "", info + "METADATA":
        "Metadata-Version: 2.1\\nName: tinygrad\\nVersion: " + version + "\\n", info + "WHEEL":
        "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
      files[info + "RECORD"] = "".join(n + ",,\\n" for n in list(files) + [info + "RECORD"])
      with zipfile.ZipFile(path, "w") as z:
          for name, text in files.items(): z.writestr(zipfile.ZipInfo(name), text)
      print(hashlib.sha256(open(path, "rb").read()).hexdigest())
      """
    let made = try run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["python3", "-c", program, "\(wheels)/\(file)", version])
    let hash = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(hash.count == 64, "\(made.errors)")
    var backend = try #require(Backend.named(key))
    var package = try #require(Backend.all[0].package)
    package.version = version
    package.wheel = file
    package.sha256 = changed ? String(repeating: "0", count: 64) : hash
    package.python = "3.8"
    backend.package = package
    return backend
  }

  @Test func `a wheel is installed, replaced, and the one before is used again`() throws {
    let installation = RuntimeInstallation(root: root.path)
    let first = try wheel("0.13.0", key: "tinygrad-0.13.0")
    var state = try installation.install(first, wheels: wheels)
    #expect(state.current == "tinygrad-0.13.0" && state.previous == nil)
    // The same once more replaces it, and keeps no other.
    state = try installation.install(first, wheels: wheels)
    #expect(state.current == "tinygrad-0.13.0" && state.previous == nil)
    let python = "\(state.folder)/current/bin/python"
    let shown = try run(
      URL(fileURLWithPath: python), ["-c", "import tinygrad; print(tinygrad.__file__)"])
    #expect(shown.output.contains("/current/lib/"), "\(shown.errors)")
    #expect {
      try installation.rollBack()
    } throws: { error in (error as? Failure)?.code == .conflict }
    let second = try wheel("0.14.0", key: "llama.cpp")
    state = try installation.install(second, wheels: wheels)
    #expect(state.current == "llama.cpp" && state.previous == "tinygrad-0.13.0")
    state = try installation.rollBack()
    #expect(state.current == "tinygrad-0.13.0" && state.previous == "llama.cpp")
    let left = try FileManager.default.contentsOfDirectory(atPath: state.folder).sorted()
    #expect(left == [".lock", "current", "llama.cpp", "previous", "tinygrad-0.13.0"])
  }

  @Test func `a wheel with another hash is refused, and what is in use stays`() throws {
    let installation = RuntimeInstallation(root: root.path)
    _ = try installation.install(try wheel("0.13.0", key: "tinygrad-0.13.0"), wheels: wheels)
    let wrong = try wheel("0.14.0", key: "llama.cpp", changed: true)
    #expect(throws: Failure.self) { try installation.install(wrong, wheels: wheels) }
    #expect(installation.state.current == "tinygrad-0.13.0" && installation.state.previous == nil)
    // A folder without the wheel is no reason to ask the network.
    #expect(throws: Failure.self) {
      try installation.install(try wheel("0.13.0", key: "tinygrad-0.13.0"), wheels: "/nonexistent")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: installation.state.folder)
      .sorted()
    #expect(left == [".lock", "current", "tinygrad-0.13.0"])
    var unpackaged = try #require(Backend.named("openai"))
    unpackaged.package = nil
    #expect(throws: Failure.self) { try installation.install(unpackaged, wheels: wheels) }
  }

  @Test func `versions are compared by numbers`() {
    #expect(RuntimeInstallation.isOlder("3.9", than: "3.11"))
    #expect(!RuntimeInstallation.isOlder("3.11", than: "3.11"))
    #expect(!RuntimeInstallation.isOlder("3.13", than: "3.11"))
  }
}
