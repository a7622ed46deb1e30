import Foundation
import TestSupport
import Testing

/// `--watch` on a real terminal, ended by a key, a signal and after a change of size.
@Suite struct WatchTests {
  @Test(arguments: ["key", "term", "resize"], ["status", "interrupts"])
  func leavesTheTerminalClean(ending: String, command: String) throws {
    let script = Project.tests.appendingPathComponent("CommandTests/Terminal/watch.py")
    let finished = try run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["python3", script.path, Project.tinyboxctl.path, ending, command])
    let lines = finished.output.split(separator: "\n")
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(lines.contains("exit 0"))
    #expect(lines.contains("echo off then on"), "echo is off while keys steer")
    #expect(lines.contains("left yes"), "\(finished.output)")
    let redraws = lines.last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    #expect(redraws >= (ending == "resize" ? 2 : 1))
  }
}
