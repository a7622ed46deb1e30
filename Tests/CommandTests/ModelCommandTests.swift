import ArgumentParser
import Base
import Foundation
import Operations
import TestSupport
import Testing

@testable import Commands

@Suite struct ModelCommandTests {
  @Test func `a model is added, listed, shown, verified and removed`() throws {
    let root = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let source = root.appendingPathComponent("Tiny-Q8.gguf")
    try Data(GGUFWriter.llama.file).write(to: source)
    let program = try Project.tinyboxctlForAll()
    func model(_ arguments: String...) throws -> Finished {
      try run(program, ["model"] + arguments + ["--root", root.path])
    }
    #expect(try model("list").output.contains("no models"))
    let added = try model("add", source.path)
    #expect(added.status == 0, "\(added.errors)")
    #expect(added.output.contains("added tiny-q8") && added.output.contains("2 x 2 layers"))
    #expect(try model("list").output.hasPrefix("tiny-q8  "))
    #expect(try model("list", "--json").output.contains("tinybox.models/1"))
    #expect(try model("show", "tiny-q8").output.contains("architecture  llama"))
    let larger = try model("show", "tiny-q8", "--context", "1024", "--json")
    #expect(larger.output.contains("\"backend\" : \"tinygrad-0.13.0\""))
    #expect(try model("verify", "tiny-q8").status == 0)
    let file = root.path + "/var/lib/tinybox/models/tiny-q8/model.gguf"
    try FileManager.default.removeItem(atPath: file)
    try Data([1]).write(to: URL(fileURLWithPath: file))
    #expect(try model("verify", "tiny-q8").status == 1)
    #expect(try model("list").output.contains("damaged"))
    #expect(try model("remove", "tiny-q8").status == 0)
    #expect(try model("show", "tiny-q8").status == 1)
    #expect(try model("show", "tiny-q8", "--context", "0").status == 64)
    #expect(try model("add", "ftp://a/b").status == 64)
  }

  @Test func `progress names rate and rest`() {
    var progress = ModelOperations.Progress(step: "fetch", file: "a.gguf", bytes: 1 << 30)
    progress.total = 4 << 30
    let text = ModelProgressLine.text(progress, 0, 10)
    #expect(text.contains("25%") && text.contains("left"))
    progress.total = nil
    #expect(!ModelProgressLine.text(progress, 0, 10).contains("%"))
  }
}
