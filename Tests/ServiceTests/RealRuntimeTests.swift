import Foundation
import TestSupport
import Testing

/// What takes minutes and, in part, packages of PyPI: `make nightly`, on a machine without other work.
@Suite(
  .enabled(
    if: Service.isWanted && Project.isNightly, "make nightly runs the gateway's figures and jobs"),
  .serialized)
struct RealRuntimeTests {
  private static func python(_ variable: String) -> String? {
    ProcessInfo.processInfo.environment[variable]
  }

  private func door(_ python: String, _ steps: [String]) throws {
    let finished = try run(
      URL(fileURLWithPath: python),
      [Project.root.appendingPathComponent("Benchmarks/door").path] + steps
        + ["--gateway", Service.programs.appendingPathComponent("tinybox-gateway").path])
    print(finished.output, finished.errors)
    fflush(nil)
    #expect(finished.status == 0)
  }

  /// Not what it adds to a token: a program beside it costs more.
  @Test func `tokens a second, fairness, and how soon a place is free at the gateway`() throws {
    try door("/usr/bin/python3", ["rate", "fairness", "leaving"])
  }

  @Test(
    .enabled(
      if: python("TINYBOX_DOOR") != nil,
      "TINYBOX_DOOR names a Python with the packages that 'Benchmarks/door --help' lists"))
  func `real runtimes and real clients at the gateway`() throws {
    try door(try #require(Self.python("TINYBOX_DOOR")), ["texts", "finish", "clients", "failures"])
  }

  @Test(
    .enabled(
      if: python("TINYBOX_TINYGRAD") != nil, "TINYBOX_TINYGRAD names a Python with tinygrad 0.13.0")
  )
  func `a training that is killed twice ends with the same bytes`() throws {
    let python = URL(fileURLWithPath: try #require(Self.python("TINYBOX_TINYGRAD")))
    let program = Project.root.appendingPathComponent("docs/examples/train.py").path
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (whole, struck) = (folder.appending(path: "whole"), folder.appending(path: "struck"))
    for state in [whole, struck] {
      try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
    }
    func environment(_ state: URL) -> [String: String] {
      // tinygrad wants a number.
      ["STATE_DIRECTORY": state.path, "DEV": "CPU:X86", "NO_COLOR": "1"]
    }
    for least in [100, 250] {
      let process = Process()
      process.executableURL = python
      process.arguments = [program, "600"]
      process.environment = ProcessInfo.processInfo.environment.merging(environment(struck)) { $1 }
      try process.run()
      while process.isRunning, try step(struck) < least { usleep(20_000) }
      #expect(process.isRunning, "it ended before it was killed")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    for state in [whole, struck] {
      let finished = try run(python, [program, "600"], environment: environment(state))
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(try step(state) == 600)
      print(finished.output)
    }
    let checkpoints = try [whole, struck].map {
      try Data(contentsOf: $0.appending(path: "checkpoint.safetensors"))
    }
    #expect(checkpoints[0] == checkpoints[1] && !checkpoints[0].isEmpty)
  }

  /// How far a training is, as it says itself; 0 before its first word.
  private func step(_ state: URL) throws -> Int {
    struct Status: Decodable { var step: Int }
    guard let data = try? Data(contentsOf: state.appending(path: "status.json")) else { return 0 }
    return try JSONDecoder().decode(Status.self, from: data).step
  }
}
