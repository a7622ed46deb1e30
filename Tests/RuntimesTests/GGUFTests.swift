import Base
import RuntimeCatalog
import TestSupport
import Testing

@testable import Runtimes

@Suite(.seeded) struct GGUFTests {
  private func failure(_ bytes: [UInt8], fileBytes: Int? = nil) -> GGUFFailure? {
    do throws(GGUFFailure) {
      _ = try ModelFacts.read(bytes, fileBytes: fileBytes ?? bytes.count)
      return nil
    } catch {
      return error
    }
  }

  private func reason(_ change: (inout GGUFWriter) -> Void) -> String? {
    var file = GGUFWriter.llama
    change(&file)
    return failure(file.file)?.reason
  }

  @Test func `a small llama`() throws {
    let file = GGUFWriter.llama.file
    let facts = try ModelFacts.read(file, fileBytes: file.count)
    #expect(facts.architecture == "llama")
    #expect(facts.title == "tiny")
    #expect(facts.parameters == 64 * 258 + 64 + 128 * 64)
    #expect(facts.quantisation == "F16")
    #expect(facts.tensorTypes.map(\.bytes) == [256, 33_024, 8704])
    #expect(facts.context == 2048)
    #expect(facts.cacheValuesPerToken == 2 * 2 * 2 * 16)
    #expect(facts.cacheArithmetic == "2 x 2 layers x 2 heads x 16")
    #expect(facts.hasEqualLayers == true)
    #expect(facts.tokenizer.tokens == 258)
    #expect(facts.tokenizer.missingBytes == 0)
    #expect(facts.tokenizer.controlTokens == 1)
    #expect(facts.tokenizer.specialTokens == ["<|eot_id|>"])
    // `<|eot_id|>` is written out; `Ġw12` is four bytes, though five in UTF-8.
    #expect(facts.tokenizer.longestTokenBytes == 10)
    #expect(facts.tokenizer.endToken == 257)
    #expect(facts.missingKeys.isEmpty)
    #expect(facts.split == nil)
    let acceptance = ModelAcceptance(facts, Backend.all[0])
    #expect(acceptance.refusals.isEmpty && acceptance.warnings.isEmpty)
  }

  @Test func `the header alone is enough, and each part of it asks for more`() throws {
    let file = GGUFWriter.llama
    let header = file.header
    let whole = file.file.count
    #expect(failure(header, fileBytes: whole) == nil)
    for count in 0..<header.count {
      guard case .needsMore(let bytes) = failure(Array(header.prefix(count)), fileBytes: whole)
      else {
        Issue.record("\(count) bytes of the header are no reason to read more")
        return
      }
      #expect(bytes > count && bytes <= header.count)
    }
    // The same bytes as a whole file.
    for count in 0..<header.count { #expect(failure(Array(header.prefix(count))) == .truncated) }
  }

  @Test func `a file that ends within its tensors is not complete`() {
    let file = GGUFWriter.llama.file
    #expect(failure(file) == nil)
    let reason = failure(Array(file.dropLast()))?.reason
    #expect(
      reason
        == "the file ends 1 byte before the end of tensor 'blk.0.ffn_down.weight': it is not complete"
    )
  }

  @Test func `what no writer makes is refused with its reason`() {
    #expect(reason { $0.version = 1 } == "its version is 1; 2 and 3 are understood")
    #expect(reason { $0.version = 3 << 24 } == "it is written for big-endian machines")
    #expect(
      reason { $0.number("llama.block_count", 3) } == "key 'llama.block_count' is there twice")
    #expect(reason { $0.tensorCount = .max }?.contains("65536 is the most") == true)
    #expect(reason { $0.pairCount = 1 << 40 }?.contains("4096 is the most") == true)
    #expect(reason { $0.pairs.append(("x", 7, [2])) } == "x is neither true nor false")
    #expect(reason { $0.pairs.append(("x", 13, [])) } == "x has type 13, which there is not")
    #expect(reason { $0.array("x", 13, 1, [0]) }?.contains("elements of type 13") == true)
    #expect(reason { $0.tensors[0].dimensions = [0] }?.contains("no possible size") == true)
    #expect(
      reason { $0.tensors[0].dimensions = [1 << 40, 1 << 40] }?.contains("no possible size") == true
    )
    #expect(reason { $0.tensors[0].dimensions = [1 << 63] }?.contains("a dimension") == true)
    #expect(reason { $0.tensors[0].dimensions = [] }?.contains("0 dimensions") == true)
    #expect(reason { $0.tensors[0].offset = 1 }?.contains("no multiple of 32") == true)
    #expect(reason { $0.tensors[2].dimensions = [33] }?.contains("no whole blocks of Q8_0") == true)
    #expect(reason { $0.number("general.alignment", 0) }?.contains("power of two") == true)
    #expect(reason { $0.number("general.alignment", 24) }?.contains("power of two") == true)
    #expect(
      reason {
        $0.remove("tokenizer.ggml.token_type")
        $0.numbers("tokenizer.ggml.token_type", [1])
      } == "it has 258 tokens and types of 1")
    #expect(failure(Array("GGML".utf8) + [1, 2, 3])?.reason == "it does not begin with GGUF")
    #expect(failure([]) == .truncated)
  }

  @Test func `arrays within arrays end at a depth`() {
    func nested(_ depth: Int) -> [UInt8] {
      if depth == 0 { return [7] }
      let element: UInt32 = depth == 1 ? 0 : 9
      return GGUFWriter.little(element) + GGUFWriter.little(UInt64(1)) + nested(depth - 1)
    }
    #expect(reason { $0.pairs.append(("x", 9, nested(4))) } == nil)
    #expect(reason { $0.pairs.append(("x", 9, nested(5))) }?.contains("type 9") == true)
    #expect(reason { $0.pairs.append(("x", 9, nested(500))) }?.contains("type 9") == true)
    // A count that no file has the bytes for.
    #expect(reason { $0.array("x", 10, 1 << 26, []) }?.contains("longer than 64 MiB") == true)
    #expect(reason { $0.array("x", 8, 1 << 26, []) } != nil)
  }

  /// Every byte of a header is replaced by others: an answer or a reason, never a trap, and no count beyond what
  /// the bytes can hold.
  @Test func `bytes changed at random`() throws {
    var random = SeededGenerator()
    let original = GGUFWriter.llama.file
    var understood = 0
    for _ in 0..<4000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<GGUFWriter.llama.header.count, using: &random)
        bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)])
      }
      if random.chance(20) { bytes.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
      let fileBytes = random.chance(50) ? bytes.count : Int.max
      do throws(GGUFFailure) {
        let facts = try ModelFacts.read(bytes, fileBytes: fileBytes)
        understood += 1
        #expect(facts.parameters >= 0 && facts.tensorTypes.allSatisfy { $0.tensors <= 3 })
        #expect((facts.tokenizer.tokens ?? 0) <= 300)
        #expect((facts.cacheValuesPerToken ?? 0) >= 0)
        let fit = ModelFit(facts, Backend.all[0], context: nil, available: 1 << 30, place: "x")
        #expect(!fit.text.isEmpty)
      } catch {
        if case .needsMore(let more) = error { #expect(more > bytes.count) }
      }
    }
    // Most bytes are spellings and numbers that may be anything.
    #expect(understood > 500)
  }

  @Test func `a vocabulary without a byte`() throws {
    var file = GGUFWriter.llama
    file.remove("tokenizer.ggml.tokens")
    file.texts(
      "tokenizer.ggml.tokens", GGUFWriter.byteTokens.map { $0 == "A" ? "AA" : $0 } + ["a", "b"])
    let facts = try ModelFacts.read(file.file, fileBytes: file.file.count)
    #expect(facts.tokenizer.missingBytes == 1 && facts.tokenizer.missingASCII == 1)
    #expect(
      ModelAcceptance(facts, Backend.all[0]).refusals == [
        "1 character of ASCII can be spelled by no token: tinygrad 0.13.0 fails at a text with one of them"
      ])
    // As SmolLM2's vocabulary: bytes that its training never met, and those that are no UTF-8.
    file.remove("tokenizer.ggml.tokens")
    let rare = [0xc0, 0xc1, 0xf1, 0xf2, 0xff].map { GGUFWriter.byteTokens[$0] }
    file.texts(
      "tokenizer.ggml.tokens",
      GGUFWriter.byteTokens.map { rare.contains($0) ? $0 + $0 : $0 } + ["a", "b"])
    let other = try ModelFacts.read(file.file, fileBytes: file.file.count)
    #expect(other.tokenizer.missingBytes == 2 && other.tokenizer.missingASCII == 0)
    let acceptance = ModelAcceptance(other, Backend.all[0])
    #expect(acceptance.refusals.isEmpty)
    #expect(
      acceptance.warnings.first?.hasPrefix("2 bytes of UTF-8 can be spelled by no token") == true)
  }

  @Test func `texts of control tokens are kept, within bounds`() throws {
    func tokens(_ texts: [(String, Int32)]) throws -> ModelFacts {
      var file = GGUFWriter.llama
      file.remove("tokenizer.ggml.tokens")
      file.remove("tokenizer.ggml.token_type")
      file.texts("tokenizer.ggml.tokens", GGUFWriter.byteTokens + texts.map(\.0))
      file.numbers(
        "tokenizer.ggml.token_type", [Int32](repeating: 1, count: 256) + texts.map(\.1))
      return try ModelFacts.read(file.file, fileBytes: file.file.count)
    }
    // Of user-defined ones only those with the form of a mark: `<think>` is text that a model is meant to read.
    let facts = try tokens([
      ("<|im_end|>", 3), ("<|im_start|>", 4), ("<think>", 4), ("[INST]", 3), ("", 3),
      ("<|im_end|>", 3), ("<|plain|>", 1),
    ])
    #expect(facts.tokenizer.specialTokens == ["<|im_end|>", "<|im_start|>", "[INST]"])
    #expect(ModelAcceptance(facts, Backend.all[0]).warnings.isEmpty)
    for texts in [
      [String(repeating: "x", count: 129)], (0...2048).map { "<|\($0)|>" }, ["<|\u{1}|>"],
      (1000...1600).map { "\($0)\(String(repeating: "x", count: 120))" },
    ] {
      let facts = try tokens(texts.map { ($0, 3) })
      #expect(facts.tokenizer.specialTokens == nil)
      let warnings = ModelAcceptance(facts, Backend.all[0]).warnings
      #expect(warnings.first?.hasPrefix("the gateway does not know the texts of its") == true)
    }
  }

  @Test func `control characters of a file do not reach the terminal`() throws {
    var file = GGUFWriter.llama
    file.remove("general.name")
    file.text("general.name", "a\u{1b}[31m\u{9b}b\n")
    let facts = try ModelFacts.read(file.file, fileBytes: file.file.count)
    #expect(facts.title == "a[31mb")
  }

  @Test func `layers with different heads`() throws {
    var file = GGUFWriter.llama
    file.remove("llama.attention.head_count_kv")
    file.numbers("llama.attention.head_count_kv", [2, 4])
    let facts = try ModelFacts.read(file.file, fileBytes: file.file.count)
    #expect(facts.cacheValuesPerToken == 6 * 32)
    #expect(facts.hasEqualLayers == false)
    #expect(ModelAcceptance(facts, Backend.all[0]).refusals.count == 1)
  }

  @Test func `parts of a split model`() throws {
    func part(_ index: UInt32) throws -> ModelFacts {
      var file = GGUFWriter.llama
      file.number("split.no", index)
      file.number("split.count", 2)
      return try ModelFacts.read(file.file, fileBytes: file.file.count)
    }
    let parts = [try part(0), try part(1)]
    let whole = try ModelFacts.whole(parts)
    #expect(whole.parameters == 2 * parts[0].parameters)
    #expect(whole.fileBytes == parts[0].fileBytes + parts[1].fileBytes)
    #expect(throws: GGUFFailure.self) { try ModelFacts.whole([parts[1], parts[0]]) }
    #expect(throws: GGUFFailure.self) { try ModelFacts.whole([parts[0]]) }
    #expect(ModelAcceptance(parts[1], Backend.all[0]).refusals.count == 1)
  }
}
