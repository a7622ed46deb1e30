import ArgumentParser
import Base
import Foundation
import Configuration
import RuntimeCatalog
import Runtimes
import TestSupport
import Testing

@testable import Commands

@Suite struct RuntimeCommandTests {
  private func add(_ arguments: String...) throws -> RuntimeAddCommand {
    try #require(
      try Tinyboxctl.parseAsRoot(["runtime", "add"] + arguments) as? RuntimeAddCommand)
  }

  @Test func `options become the file that says the same`() throws {
    let command = try add(
      "a", "--model", "m", "--gpus", "0000:c1:00.0,0000:21:00.0", "--context", "8192",
      "--on-demand", "--idle", "5m", "--memory", "32G", "--environment", "A=b \"c\"=d")
    let spec = try RuntimeSpec.parse(Array(command.file.utf8), file: RuntimeSpec.path("a"))
    #expect(spec.model?.value == "m" && spec.gpus?.value.count == 2)
    #expect(spec.context?.value == 8192 && spec.idle?.value == 300)
    #expect(spec.memory?.value == 32 << 30)
    #expect(spec.environment.map(\.value.value) == ["b \"c\"=d"])
    #expect(try RuntimeSpec.parse(Array(spec.text.utf8), file: spec.file).text == spec.text)
    let program = try add(
      "w", "--apis", "transcriptions", "--endpoint", "unix", "--", "/x", "{socket}")
    let other = try RuntimeSpec.parse(Array(program.file.utf8), file: RuntimeSpec.path("w"))
    #expect(other.command.map(\.value) == ["/x", "{socket}"])
    #expect(throws: (any Error).self) { try add("a", "--environment", "=x") }
  }

  @Test func `a runtime is added, listed, shown and removed`() throws {
    let root = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let source = root.appendingPathComponent("tiny.gguf")
    try Data(GGUFWriter.llama.file).write(to: source)
    let program = try Project.tinyboxctlForAll()
    func ctl(_ arguments: String...) throws -> Finished {
      try run(program, arguments + ["--root", root.path])
    }
    #expect(try ctl("model", "add", source.path).status == 0)
    #expect(try ctl("runtime", "list").output.contains("no runtimes"))
    let added = try ctl("runtime", "add", "a", "--model", "tiny", "--context", "512")
    #expect(added.status == 0, "\(added.errors)")
    let file = root.path + "/etc/tinybox/runtimes/a.toml"
    #expect(
      try String(contentsOfFile: file, encoding: .utf8) == "model = \"tiny\"\ncontext = 512\n")
    #expect(try ctl("runtime", "add", "a", "--model", "tiny").status == 1)
    // A model that is not there and a GPU that is not: refused, unless it is to be there all the same.
    let refused = try ctl("runtime", "add", "b", "--model", "none")
    #expect(refused.status == 1 && refused.errors.contains("none"))
    #expect(try ctl("runtime", "add", "b", "--model", "none", "--force").status == 0)
    #expect(try ctl("runtime", "add", "c", "--model", "tiny", "--slots", "0").status == 64)
    #expect(try ctl("runtime", "add", "C", "--model", "tiny").status == 64)
    let list = try ctl("runtime", "list").output
    #expect(list.hasPrefix("a  state unknown  tiny  CPU\nb  state unknown  none"))
    try Data("model = 3\n".utf8).write(
      to: URL(fileURLWithPath: root.path + "/etc/tinybox/runtimes/d.toml"))
    #expect(try ctl("runtime", "list").output.contains("wrong: /etc/tinybox/runtimes/d.toml:1"))
    #expect(try ctl("runtime", "show", "d").errors.contains("d.toml:1"))
    let shown = try ctl("runtime", "show", "a", "--json")
    #expect(shown.output.contains("tinybox.runtime/1") && shown.output.contains("neededBytes"))
    #expect(try ctl("runtime", "start", "a").errors.contains("units were not made"))
    #expect(try ctl("runtime", "remove", "a").status == 0)
    #expect(try ctl("runtime", "show", "a").status == 1)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test func `logs are those of the runtime and its door`() throws {
    let command = try #require(
      try Tinyboxctl.parseAsRoot(["runtime", "logs", "a", "-f", "-n", "5"]) as? RuntimeLogsCommand)
    #expect(
      try command.command() == [
        "journalctl", "--no-hostname", "-u", "tinybox-runtime@a.service", "-u",
        "tinybox-runtime-door@a.service", "--follow", "--lines=5",
      ])
    let wrong = try #require(
      try Tinyboxctl.parseAsRoot(["runtime", "logs", "a*"]) as? RuntimeLogsCommand)
    #expect(throws: Failure.self) { try wrong.command() }
  }
}
