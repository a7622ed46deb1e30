import Base
import RuntimeCatalog
import TestSupport
import Testing

@testable import Runtimes

@Suite struct ModelTests {
  private let tinygrad = Backend.all[0]

  /// Llama-3.1-8B in Q8_0: 32 layers, 8 heads of 128 for keys and values.
  static func llama8B() throws -> ModelFacts {
    let file = GGUFWriter.llama.file
    var facts = try ModelFacts.read(file, fileBytes: file.count)
    facts.fileBytes = 8_540_770_304
    facts.context = 131_072
    facts.cacheValuesPerToken = 2 * 32 * 8 * 128
    facts.cacheArithmetic = "2 x 32 layers x 8 heads x 128"
    return facts
  }

  @Test func `the arithmetic of the fit`() throws {
    let facts = try ModelTests.llama8B()
    func gibibytes(_ context: Int?) -> Double {
      let fit = ModelFit(facts, tinygrad, context: context, available: nil, place: "GPU")
      return (Double(fit.neededBytes ?? 0) / Double(1 << 30) * 100).rounded() / 100
    }
    #expect(gibibytes(nil) == 8.95)
    #expect(gibibytes(4096) == 8.95)
    #expect(gibibytes(32_768) == 15.95)
    let fit = ModelFit(
      facts, tinygrad, context: 4096, available: 24 << 30, place: "GPU 0000:c1:00.0")
    #expect(fit.verdict == .fits)
    #expect(
      fit.text
        == "file 7.95 GiB + KV cache 1 GiB (2 x 32 layers x 8 heads x 128 x 4096 tokens x 4 bytes)"
        + " = 8.95 GiB of 24 GiB of GPU 0000:c1:00.0")
    let tight = ModelFit(facts, tinygrad, context: 32_768, available: 12 << 30, place: "GPU x")
    #expect(tight.verdict == .tooLarge)
    #expect(tight.text.hasSuffix("= 16 GiB, and 12 GiB of GPU x is less"))
    // llama.cpp keeps 2 bytes, and takes the model's own context.
    let other = ModelFit(
      facts, Backend.named("llama.cpp") ?? tinygrad, context: nil, available: nil, place: "x")
    #expect(other.context == 131_072)
    #expect(other.cacheBytes == 131_072 * 65_536 * 2)
    #expect(other.verdict == .unknown)
  }

  @Test func `sizes of types`() {
    #expect(TensorType.numbered(12)?.bytes(512) == 288)
    #expect(TensorType.numbered(12)?.bytes(255) == nil)
    #expect(TensorType.numbered(0)?.bytes(.max) == nil)
    #expect(TensorType.numbered(4) == nil)
    #expect(Set(TensorType.all.map(\.number)).count == TensorType.all.count)
    #expect(tinygrad.loads?.tensorTypes.allSatisfy { TensorType.numbered($0) != nil } == true)
  }

  @Test func `what tinygrad does not load is refused with its reason`() throws {
    var file = GGUFWriter.llama
    file.remove("tokenizer.ggml.pre")
    file.text("tokenizer.ggml.pre", "smollm")
    file.remove("llama.rope.freq_base")
    file.tensors[2] = ("blk.0.ffn_down.weight", [256], 10, 33_280)
    let facts = try ModelFacts.read(file.file, fileBytes: file.file.count)
    let refusals = ModelAcceptance(facts, tinygrad).refusals
    #expect(refusals.count == 3)
    #expect(refusals[0] == "its header lacks llama.rope.freq_base, which tinygrad 0.13.0 needs")
    #expect(refusals[1].hasPrefix("tinygrad 0.13.0 has no tokenizer 'smollm' (tokenizer.ggml.pre)"))
    #expect(refusals[2].hasPrefix("tinygrad 0.13.0 does not load tensors of Q2_K"))
    #expect(ModelAcceptance(facts, Backend.named("openai") ?? tinygrad).refusals.isEmpty)
    file.remove("general.architecture")
    file.text("general.architecture", "mamba")
    let other = try ModelFacts.read(file.file, fileBytes: file.file.count)
    #expect(ModelAcceptance(other, tinygrad).warnings.first?.contains("'mamba'") == true)
  }

  @Test func `where a model comes from`() throws {
    let repository = try ModelSource("hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf")
    #expect(
      repository.address
        == "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf")
    #expect(repository.modelName == "qwen3-0.6b-q8_0")
    #expect(
      try ModelSource("hf:a/b/c/d.gguf").address
        == "https://huggingface.co/a/b/resolve/main/c/d.gguf")
    #expect(try ModelSource("/x/My Model.GGUF") == .file("/x/My Model.GGUF"))
    #expect(try ModelSource("/x/My Model.GGUF").modelName == "my-model")
    let url = try ModelSource("https://example.com:8443/a/b-00001-of-00003.gguf?x=/y")
    #expect(url.fileName == "b-00001-of-00003.gguf")
    #expect(url.modelName == "b")
    #expect(try ModelSource("http://127.0.0.1:9/x").address == "http://127.0.0.1:9/x")
    #expect(try ModelSource("http://[::1]:9/x").address == "http://[::1]:9/x")
    for wrong in [
      "", "hf:a/b", "hf:a/../c", "hf:a//c", "hf:a/b/c?d", "http://example.com/x", "ftp://x/y",
      "https://", "https://host", "https://me:secret@host/x", "https://host/a b",
      "https://host/a#b",
      "a\u{1b}b", "http://127.0.0.1.example.com/x", "http://localhost@example.com/x",
    ] {
      #expect(throws: Failure.self, "\(wrong)") { try ModelSource(wrong) }
    }
  }

  static func record(_ name: String = "llama") throws -> ModelRecord {
    let file = GGUFWriter.llama.file
    return ModelRecord(
      name: name, source: "/tmp/x.gguf", added: "2026-11-30T00:00:00Z", created: 1_796_000_000,
      files: [
        .init(name: "model.gguf", bytes: file.count, sha256: String(repeating: "ab", count: 32))
      ],
      facts: try ModelFacts.read(file, fileBytes: file.count))
  }

  @Test func `a record is read as it was written`() throws {
    let record = try ModelTests.record()
    let bytes = Array(try JSON.text(record).utf8)
    #expect(try ModelRecord.decode(bytes, name: "llama") == record)
    #expect(record.modelPath == "/var/lib/tinybox/models/llama/model.gguf")
    #expect(throws: Failure.self) { try ModelRecord.decode(bytes, name: "other") }
    #expect(throws: Failure.self) { try ModelRecord.decode(Array("{}".utf8), name: "llama") }
    #expect(throws: Failure.self) {
      try ModelRecord.decode([UInt8](repeating: 0x20, count: 2 << 20), name: "llama")
    }
    let changes: [(inout ModelRecord) -> Void] = [
      { $0.schema = "tinybox.model/2" }, { $0.name = "../x" }, { $0.files = [] },
      { $0.files[0].name = "../../etc/passwd" }, { $0.files[0].bytes = -1 },
      { $0.files[0].sha256 = "12" }, { $0.facts.parameters = -1 },
    ]
    for change in changes {
      var wrong = record
      change(&wrong)
      let text = Array(try JSON.text(wrong).utf8)
      #expect(throws: Failure.self) { try ModelRecord.decode(text, name: wrong.name) }
    }
    #expect(ModelRecord.fileName(part: 0, of: 12) == "model-00001-of-00012.gguf")
  }
}
