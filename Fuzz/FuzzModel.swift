import Base
import Configuration
import RuntimeCatalog
import Runtimes

/// A model file, the specs of runtimes and the registry: what a download, an owner and another program wrote.
enum FuzzModel {
  /// The header of a small llama, with a key of every kind.
  static let header: [UInt8] = {
    var bytes = Array("GGUF".utf8) + little(UInt32(3)) + little(UInt64(2)) + little(UInt64(9))
    bytes += text("general.architecture") + little(UInt32(8)) + text("llama")
    bytes += text("llama.block_count") + little(UInt32(4)) + little(UInt32(2))
    bytes += text("llama.embedding_length") + little(UInt32(10)) + little(UInt64(64))
    bytes += text("llama.attention.head_count") + little(UInt32(5)) + little(Int32(4))
    bytes += text("llama.attention.head_count_kv") + little(UInt32(9)) + little(UInt32(5))
    bytes += little(UInt64(2)) + little(Int32(2)) + little(Int32(2))
    bytes += text("llama.rope.freq_base") + little(UInt32(6)) + little(Float(10_000).bitPattern)
    bytes += text("general.alignment") + little(UInt32(4)) + little(UInt32(32))
    bytes += text("tokenizer.ggml.tokens") + little(UInt32(9)) + little(UInt32(8))
    bytes += little(UInt64(3)) + text("A") + text("Ġw") + text("<|e|>")
    bytes += text("tokenizer.ggml.token_type") + little(UInt32(9)) + little(UInt32(5))
    bytes += little(UInt64(3)) + little(Int32(1)) + little(Int32(1)) + little(Int32(3))
    for (name, type) in [("a.weight", UInt32(0)), ("b.weight", 8)] {
      bytes += text(name) + little(UInt32(2)) + little(UInt64(32)) + little(UInt64(2))
      bytes += little(type) + little(UInt64(256))
    }
    return bytes
  }()

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  private static func text(_ text: String) -> [UInt8] {
    little(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  /// As a whole file, and as the beginning of one of any size: an answer agrees with itself, and asks for no more
  /// than there can be.
  static func parse(_ bytes: [UInt8]) {
    if let whole = facts(bytes, bytes.count) { precondition(whole.fileBytes == bytes.count) }
    guard let facts = facts(bytes, Int.max) else { return }
    precondition(facts.parameters >= 0 && facts.tensorTypes.allSatisfy { ($0.bytes ?? 0) >= 0 })
    precondition((facts.tokenizer.tokens ?? 0) <= bytes.count / 8)
    precondition((facts.tokenizer.longestTokenBytes ?? 0) <= bytes.count)
    for backend in Backend.all {
      _ = ModelAcceptance(facts, backend)
      let fit = ModelFit(facts, backend, context: nil, available: 1 << 30, place: "x")
      precondition((fit.cacheBytes ?? 0) >= 0)
    }
  }

  private static func facts(_ bytes: [UInt8], _ fileBytes: Int) -> ModelFacts? {
    do throws(GGUFFailure) {
      return try ModelFacts.read(bytes, fileBytes: fileBytes)
    } catch {
      if case .needsMore(let more) = error { precondition(more > bytes.count) }
      precondition(!error.reason.isEmpty)
      return nil
    }
  }

  /// A spec that is understood is written as one that is understood, and the same.
  static func spec(_ bytes: [UInt8]) {
    let file = RuntimeSpec.path("x")
    guard let spec = try? RuntimeSpec.parse(bytes, file: file) else { return }
    let text = spec.text
    guard let again = try? RuntimeSpec.parse(Array(text.utf8), file: file) else {
      preconditionFailure("not understood: \(text)")
    }
    precondition(again.text == text)
  }
}
