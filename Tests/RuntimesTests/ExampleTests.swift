import Configuration
import Foundation
import RuntimeCatalog
import TestSupport
import Testing

@testable import Runtimes

/// The files of runtimes in the documentation.
@Suite struct ExampleTests {
  /// Name and text of each file that a page shows.
  private static func files(_ page: String) throws -> [(name: String, text: String)] {
    let path = Project.root.appendingPathComponent("docs/\(page)")
    let text = try String(contentsOf: path, encoding: .utf8)
    return text.components(separatedBy: "```toml\n").dropFirst().compactMap { block in
      guard let end = block.range(of: "\n```") else { return nil }
      let body = String(block[..<end.lowerBound])
      let mark = "# \(RuntimeSpec.folder)/"
      guard body.hasPrefix(mark), let dot = body.range(of: ".toml\n") else { return nil }
      let name = body[body.index(body.startIndex, offsetBy: mark.count)..<dot.lowerBound]
      return (String(name), body)
    }
  }

  @Test func `the three specialists can run, and a large model gets two cards`() throws {
    let files = try ExampleTests.files("specialists.md")
    #expect(files.map(\.name) == ["llama", "whisper", "embeddings", "large"])
    var bench = try PlanBench()
    for model in ["smollm2-135m", "llama-3.3-70b-q4"] {
      bench.models[model] = .usable(try ModelTests.record())
    }
    let plan = try bench.plan(
      Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.text) }), order: files.map(\.name))
    #expect(plan.refusals.isEmpty, "\(plan.refusals)")
    let units = Dictionary(uniqueKeysWithValues: plan.units.map { ($0.name, $0) })
    #expect(units["llama"]?.apis == [.chat, .completions, .responses])
    #expect(units["whisper"]?.apis == [.transcriptions])
    #expect(units["embeddings"]?.apis == [.embeddings])
    for unit in plan.units {
      let text = unit.dropIns[0].text
      #expect(text.contains("\"/run/tinybox-runtime/\(unit.name)/api.sock\""))
      #expect(!text.contains("{"), "a placeholder is left: \(text)")
    }
    let large = try #require(units["large"]?.dropIns[0].text)
    #expect(large.contains("/dev/dri/renderD129") && large.contains("/dev/dri/renderD130"))
    // The programs that the page copies are there.
    for name in [
      "llama_service.py", "whisper_service.py", "embeddings_service.py", "specialists.py",
    ] {
      let path = Project.root.appendingPathComponent("Benchmarks/Door/\(name)").path
      #expect(FileManager.default.isReadableFile(atPath: path), "\(name)")
    }
  }
}
