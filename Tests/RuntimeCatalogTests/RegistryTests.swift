import Base
import Testing

@testable import RuntimeCatalog

@Suite struct RegistryTests {
  private func instance(_ name: String) -> RuntimeInstance {
    RuntimeInstance(
      name: name, model: "llama-3.1-8b-q8", backend: "tinygrad-0.13.0", apis: [.chat], slots: 1,
      context: 8192, longestToken: 128, specialTokens: ["<|eot_id|>"], state: .ready,
      since: "2026-11-30T00:00:00Z",
      created: 1_796_000_000, onDemand: true)
  }

  private func bytes(_ registry: RuntimeRegistry) throws -> [UInt8] {
    Array(try JSON.text(registry).utf8)
  }

  @Test func `a registry is read as it was written`() throws {
    let registry = RuntimeRegistry(
      written: "2026-11-30T00:00:00Z", instances: [instance("whisper"), instance("llama")])
    #expect(registry.instances.map(\.name) == ["llama", "whisper"])
    #expect(registry.instances[0].socket == "/run/tinybox-runtimes/llama.sock")
    #expect(try RuntimeRegistry.decode(try bytes(registry)) == registry)
    let text = try JSON.text(registry)
    for part in [
      #""schema" : "tinybox.runtimes/1""#, #""state" : "ready""#, #""onDemand" : true"#,
      #""longestToken" : 128"#, #""slots" : 1"#,
    ] { #expect(text.contains(part)) }
    #expect(RuntimeInstance.State.missingGPU.rawValue == "missing-gpu")
    #expect(RuntimeInstance.State.damagedModel.rawValue == "damaged-model")
  }

  @Test func `keys that a newer tinyboxd adds are passed over, others are needed`() throws {
    let text = """
      {"schema": "tinybox.runtimes/1", "written": "x", "new": {}, "instances": [{"name": "a", "backend": "openai",
      "apis": ["chat"], "socket": "/run/tinybox-runtimes/a.sock", "slots": 1, "state": "idle", "since": "x",
      "created": 0, "onDemand": false, "more": [1]}]}
      """
    let registry = try RuntimeRegistry.decode(Array(text.utf8))
    #expect(registry.instances[0].model == nil && registry.instances[0].context == nil)
    #expect(registry.instances[0].state.takesRequests)
    // An interface that a newer tinyboxd adds costs nothing but itself.
    let newer = try RuntimeRegistry.decode(
      Array(text.replacing("[\"chat\"]", with: "[\"dance\", \"chat\", \"sing\"]").utf8))
    #expect(newer.instances[0].apis == [.chat])
    #expect(throws: Failure.self) {
      try RuntimeRegistry.decode(Array(text.replacing("[\"chat\"]", with: "[1]").utf8))
    }
    #expect(throws: Failure.self) {
      try RuntimeRegistry.decode(Array(text.replacing("\"slots\": 1,", with: "").utf8))
    }
    #expect(throws: Failure.self) {
      try RuntimeRegistry.decode(Array(text.replacing("idle", with: "dancing").utf8))
    }
  }

  @Test func `values out of their range are refused with the name of the runtime`() throws {
    let changes: [(String, (inout RuntimeInstance) -> Void)] = [
      ("a name has only", { $0.name = "Llama" }), ("1 to 27", { $0.name = "" }),
      ("1 to 27", { $0.name = String(repeating: "a", count: 28) }),
      ("begins with a letter", { $0.name = "-a" }), ("name of a model", { $0.model = "a/b" }),
      ("slots is 0", { $0.slots = 0 }), ("slots is 257", { $0.slots = 257 }),
      ("context is -1", { $0.context = -1 }), ("context is", { $0.context = .max }),
      ("longestToken is 0", { $0.longestToken = 0 }),
      ("a control token has no text", { $0.specialTokens = [""] }),
      ("more than 128 bytes", { $0.specialTokens = [String(repeating: "x", count: 129)] }),
      ("more than 2048 control tokens", { $0.specialTokens = (0...2048).map { "\($0)" } }),
      ("below a blank", { $0.specialTokens = ["a\n"] }),
      (
        "more than 65536 bytes",
        { $0.specialTokens = (1000...1600).map { "\($0)\(String(repeating: "x", count: 120))" } }
      ), ("created is -1", { $0.created = -1 }),
      ("its socket is not below", { $0.socket = "/run/tinybox/api.sock" }),
      ("its socket has another name", { $0.socket = "/run/tinybox-runtimes/../tinybox/api.sock" }),
      ("its socket has another name", { $0.socket = "/run/tinybox-runtimes/.sock" }),
      ("its socket has another name", { $0.socket = "/run/tinybox-runtimes/a" }),
      (
        "its socket is not below",
        { $0.socket = "/run/tinybox-runtimes/\(String(repeating: "a", count: 90)).sock" }
      ),
      ("its backend", { $0.backend = "" }),
      ("there twice", { $0.apis = [.chat, .chat, .chat, .chat, .chat] }),
      ("longer than", { $0.reason = String(repeating: "a", count: 5000) }),
    ]
    for (reason, change) in changes {
      var wrong = instance("llama")
      change(&wrong)
      let registry = RuntimeRegistry(written: "x", instances: [wrong])
      let found = #expect(throws: Failure.self, "\(reason)") {
        try RuntimeRegistry.decode(try bytes(registry))
      }
      #expect(found?.reason.contains(reason) == true, "\(reason): \(found?.reason ?? "")")
    }
    let twice = RuntimeRegistry(written: "x", instances: [instance("a"), instance("a")])
    #expect(twice.problem == "runtime 'a' is there twice")
    var other = twice
    other.schema = "tinybox.runtimes/2"
    #expect(other.problem?.contains("schema") == true)
    #expect(throws: Failure.self) {
      try RuntimeRegistry.decode([UInt8](repeating: 0x20, count: RuntimeRegistry.longestFile + 1))
    }
    #expect(throws: Failure.self) { try RuntimeRegistry.decode(Array("[[[[".utf8)) }
  }
}

@Suite struct BackendTests {
  @Test func `rows of the table`() {
    #expect(Set(Backend.all.map(\.key)).count == Backend.all.count)
    for backend in Backend.all {
      #expect(Backend.named(backend.key) == backend)
      #expect(backend.key.utf8.count <= 64)
      if let package = backend.package { #expect(package.sha256.utf8.count == 64) }
      if backend.command == nil { #expect(backend.environment.isEmpty) }
    }
    #expect(Backend.named("tinygrad-9") == nil)
    // What a model without a command gets, and what a command without a backend gets.
    #expect(Backend.all[0].command != nil && Backend.all[0].loads != nil)
    #expect(Backend.named("openai")?.translation == BackendTranslation())
  }
}
