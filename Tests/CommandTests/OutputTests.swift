import Base
import Foundation
import TestSupport
import Testing

@testable import Commands

/// What reaches the terminal.
@Suite struct OutputTests {
  @Test func `a failure has its lines, and nothing in them is obeyed`() {
    let failure = Failure(
      "use \u{1b}[2Jname", because: "one\u{9b}31m\ntwo\u{202e}", hint: "see\u{7}\nbelow")
    #expect(
      Output.lines(failure) == [
        "tinyboxctl: cannot use ?[2Jname: one?31m", "two?", "  see?", "below",
      ])
  }

  @Test func `keys, values and names of files of a configuration are printed clean`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let etc = folder.appendingPathComponent("etc/tinybox/tinybox.toml.d")
    for path in [etc, folder.appendingPathComponent("proc")] {
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    }
    try Data(
      #"""
      "k\u001b[2J\u009b\u202e" = 1
      [placement]
      mode = "\u001b]0;x\u0007"
      """#.utf8
    ).write(to: etc.appendingPathComponent("a\u{1b}[31m.toml"))
    for command in ["check", "show"] {
      let finished = try run(
        Project.tinyboxctl, ["config", command, "--sysroot", folder.path])
      let text = finished.output + finished.errors
      #expect(finished.status != 0 && text.contains("a?[31m.toml"), "\(text)")
      let obeyed = text.unicodeScalars.filter {
        $0 != "\n" && ($0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x202e)
      }
      #expect(obeyed.isEmpty, "\(text.debugDescription)")
    }
  }
}
