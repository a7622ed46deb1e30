import Base
import Configuration
import KernelTree
import Placement
import RuntimeCatalog
import Testing

@testable import Runtimes

@Suite struct SpecTests {
  static func spec(_ text: String, name: String = "llama") throws -> RuntimeSpec {
    try RuntimeSpec.parse(Array(text.utf8), file: RuntimeSpec.path(name))
  }

  private func problems(_ text: String, name: String = "llama") -> [String] {
    do {
      _ = try SpecTests.spec(text, name: name)
      return []
    } catch let failure as ConfigurationFailure {
      return failure.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  /// A value for each key that it takes, on lines of their own.
  private static let good: [(key: String, value: String)] = [
    ("kind", "\"service\""), ("model", "\"llama-3.1-8b-q8\""),
    ("command", "[\"/usr/bin/llama-server\", \"-m\", \"{model}\", \"--host\", \"{socket}\"]"),
    ("backend", "\"llama.cpp\""), ("endpoint", "\"unix\""), ("apis", "[\"chat\", \"embeddings\"]"),
    ("gpus", "[\"0000:c1:00.0\"]"), ("context", "8192"), ("slots", "4"), ("on-demand", "true"),
    ("idle", "\"20m\""), ("memory", "\"32G\""), ("memory-nodes", "\"0-1\""), ("threads", "8"),
    ("environment", "{ DEBUG = \"1\" }"),
  ]
  private static var text: String { good.map { "\($0.key) = \($0.value)\n" }.joined() }

  @Test func `every key is understood`() throws {
    #expect(SpecTests.good.map(\.key) == RuntimeSpec.keys.map(\.reference.name))
    let spec = try SpecTests.spec(SpecTests.text)
    #expect(spec.name == "llama")
    #expect(spec.backend.key == "llama.cpp")
    #expect(spec.gpus?.value == .addresses([try #require(PCIAddress("0000:c1:00.0"))]))
    #expect(spec.memory?.value == 32 << 30)
    #expect(spec.memoryNodes?.value == NumberSet([0, 1]))
    #expect(spec.idle?.value == 1200)
    #expect(spec.servedAPIs == [.chat, .embeddings])
    #expect(spec.environment.map(\.value) == [Backend.Variable("DEBUG", "1")])
    #expect(
      try SpecTests.spec("model = \"a\"\nmemory-nodes = [2, 0]").memoryNodes?.value
        == NumberSet([0, 2]))
    #expect(try SpecTests.spec("model = \"a\"\ngpus = 2").gpus?.value == .count(2))
    #expect(try SpecTests.spec("model = \"a\"").servedAPIs == [.chat])
  }

  /// Each key in turn has a wrong value, then a wrong name: file, line and key are named.
  @Test(arguments: good.indices) func `a wrong key and a wrong value are named with their line`(
    _ index: Int
  ) {
    let (key, _) = SpecTests.good[index]
    for wrong in ["-1", "\"\\u001b\"", "[true]", "{ a = 1 }"] {
      let text = SpecTests.good.map { "\($0.key) = \($0.key == key ? wrong : $0.value)\n" }.joined()
      let found = problems(text)
      #expect(
        found.contains { $0.hasPrefix("/etc/tinybox/runtimes/llama.toml:\(index + 1): \(key)") },
        "\(key) = \(wrong): \(found)")
    }
    let text = SpecTests.good.map { "\($0.key)\($0.key == key ? "x" : "") = \($0.value)\n" }
      .joined()
    #expect(
      problems(text).contains(
        "/etc/tinybox/runtimes/llama.toml:\(index + 1): \(key)x: no such key; did you mean '\(key)'?"
      ))
  }

  @Test func `values that do not go together`() {
    let file = "/etc/tinybox/runtimes/llama.toml"
    #expect(problems("") == ["\(file): needs 'model' or 'command'"])
    #expect(
      problems("model = \"a\"\nidle = \"1m\"") == [
        "\(file):2: idle: has no effect without on-demand = true"
      ])
    #expect(
      problems("model = \"a\"\nslots = 2") == [
        "\(file):2: slots: tinygrad works on one request at a time"
      ])
    #expect(
      problems("model = \"a\"\nbackend = \"llama.cpp\"") == [
        "\(file):2: backend: 'llama.cpp' needs 'command'"
      ])
    #expect(
      problems("command = [\"x\", \"{modle}\"]\napis = [\"chat\"]") == [
        "\(file):1: command: 'x' is no absolute path of a program",
        "\(file):1: command: there is no {modle}; did you mean {model}?",
      ])
    #expect(
      problems("command = [\"/x\", \"{model}\"]\napis = [\"chat\"]") == [
        "\(file):1: command: {model} needs 'model'"
      ])
    #expect(
      problems("command = [\"/x\"]") == [
        "\(file):1: command: needs 'apis': what it serves is not known"
      ])
    #expect(
      problems("command = [\"/x\"]\napis = [\"chat\"]\nendpoint = \"unix\"") == [
        "\(file):3: endpoint: needs {socket} in 'command'"
      ])
    #expect(
      problems("kind = \"job\"\ncommand = [\"/x\"]\non-demand = true") == [
        "\(file):3: on-demand: is for services: a job answers no requests"
      ])
    #expect(
      problems("model = \"a\"\nenvironment = { PYTHONPATH = \"/x\" }") == [
        "\(file):2: environment.PYTHONPATH: is set by tinybox"
      ])
    #expect(
      problems("model = \"a\"\napis = [\"chat\", \"chat\"]") == [
        "\(file):2: apis: 'chat' is there twice"
      ])
    #expect(
      problems("model = \"a\"\ngpus = [\"GPU0\"]") == [
        "\(file):2: gpus: 'GPU0' is no PCI address such as 0000:c1:00.0: 'tinyboxctl status' shows them, and numbers change"
      ])
    // Braces that are no placeholder stay.
    #expect(problems("command = [\"/x\", '{\"a\": {}}']\napis = [\"chat\"]").isEmpty)
    #expect(problems("model = \"a\"", name: "Llama").first?.contains("'Llama' is no name") == true)
    #expect(problems("model = \"a\"", name: String(repeating: "a", count: 28)).count == 1)
  }

  @Test func `a spec is written as it is read`() throws {
    for text in [
      SpecTests.text, "model = \"a\"\ngpus = 2\nmemory = \"65M\"\n",
      "kind = \"job\"\ncommand = [\"/x\", \"a\\\\b\\\"%$\"]\n",
      "model = \"a\"\nenvironment = { A = \"x y\", B = \"\" }\n",
    ] {
      let spec = try SpecTests.spec(text)
      let again = try SpecTests.spec(spec.text)
      #expect(again.text == spec.text)
      #expect(again.command.map(\.value) == spec.command.map(\.value))
      #expect(again.gpus?.value == spec.gpus?.value && again.memory?.value == spec.memory?.value)
      #expect(again.environment.map(\.value) == spec.environment.map(\.value))
    }
  }

  @Test func `no two files have one name`() {
    var builder = MemoryTreeBuilder()
    builder.file("/etc/tinybox/runtimes/llama.toml", "model = \"x\"")
    builder.file("/etc/tinybox/runtimes/llama.old.toml", "model = \"x\"")
    let (specs, problems) = RuntimeSpec.all(ConfigurationSource(builder.tree()))
    #expect(specs.map(\.file) == ["/etc/tinybox/runtimes/llama.toml"])
    #expect(problems.map(\.file) == ["/etc/tinybox/runtimes/llama.old.toml"])
  }

  @Test func `one wrong file leaves the others in force`() {
    var builder = MemoryTreeBuilder()
    builder.file("/etc/tinybox/runtimes/b.toml", "model = \"x\"")
    builder.file("/etc/tinybox/runtimes/a.toml", "modle = \"x\"")
    builder.file("/etc/tinybox/runtimes/.c.toml", "nothing")
    builder.file("/etc/tinybox/runtimes/d.toml~", "nothing")
    let (specs, problems) = RuntimeSpec.all(ConfigurationSource(builder.tree()))
    #expect(specs.map(\.name) == ["b"])
    #expect(
      problems.map(\.description) == [
        "/etc/tinybox/runtimes/a.toml:1: modle: no such key; did you mean 'model'?"
      ])
    let none = RuntimeSpec.all(ConfigurationSource(MemoryTreeBuilder().tree()))
    #expect(none.specs.isEmpty && none.problems.isEmpty)
  }
}
