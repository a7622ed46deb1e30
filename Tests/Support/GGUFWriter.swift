/// Writes model files of a few kilobytes: real ones, and ones with any part replaced.
package struct GGUFWriter {
  package var version: UInt32 = 3
  package var pairs: [(key: String, type: UInt32, value: [UInt8])] = []
  package var tensors: [(name: String, dimensions: [UInt64], type: UInt32, offset: UInt64)] = []
  package var dataBytes = 0
  /// Instead of how many there are.
  package var tensorCount: UInt64?
  package var pairCount: UInt64?

  package static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  package static func text(_ text: String) -> [UInt8] {
    little(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  package mutating func text(_ key: String, _ value: String) {
    pairs.append((key, 8, GGUFWriter.text(value)))
  }
  package mutating func number(_ key: String, _ value: UInt32) {
    pairs.append((key, 4, GGUFWriter.little(value)))
  }
  package mutating func texts(_ key: String, _ values: [String]) {
    array(key, 8, values.count, values.flatMap(GGUFWriter.text))
  }
  package mutating func numbers(_ key: String, _ values: [Int32]) {
    array(key, 5, values.count, values.flatMap { GGUFWriter.little($0) })
  }
  package mutating func array(_ key: String, _ element: UInt32, _ count: Int, _ bytes: [UInt8]) {
    pairs.append(
      (key, 9, GGUFWriter.little(element) + GGUFWriter.little(UInt64(count)) + bytes))
  }
  package mutating func remove(_ key: String) { pairs.removeAll { $0.key == key } }

  package var header: [UInt8] {
    var bytes = Array("GGUF".utf8) + GGUFWriter.little(version)
    bytes += GGUFWriter.little(tensorCount ?? UInt64(tensors.count))
    bytes += GGUFWriter.little(pairCount ?? UInt64(pairs.count))
    for pair in pairs {
      bytes += GGUFWriter.text(pair.key) + GGUFWriter.little(pair.type) + pair.value
    }
    for tensor in tensors {
      bytes += GGUFWriter.text(tensor.name)
      bytes += GGUFWriter.little(UInt32(tensor.dimensions.count))
      bytes += tensor.dimensions.flatMap { GGUFWriter.little($0) }
      bytes += GGUFWriter.little(tensor.type) + GGUFWriter.little(tensor.offset)
    }
    return bytes
  }

  package var file: [UInt8] {
    let header = header
    return header + [UInt8](repeating: 0, count: (32 - header.count % 32) % 32 + dataBytes)
  }

  /// GPT-2's spelling of the 256 bytes.
  package static let byteTokens: [String] = {
    var next: UInt32 = 256
    return (0..<256).map { (byte: UInt32) in
      let isPlain =
        (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || (0xae...0xff).contains(byte)
      defer { if !isPlain { next += 1 } }
      return Unicode.Scalar(isPlain ? byte : next).map { String(Character($0)) } ?? ""
    }
  }()

  package init() {}

  /// A llama of two layers that both backends load: 4 heads of 16, 2 of them for keys and values.
  package static var llama: GGUFWriter {
    var file = GGUFWriter()
    file.text("general.architecture", "llama")
    file.text("general.name", "tiny")
    for (key, value) in [
      ("block_count", 2), ("context_length", 2048), ("embedding_length", 64),
      ("feed_forward_length", 128), ("attention.head_count", 4), ("attention.head_count_kv", 2),
    ] as [(String, UInt32)] { file.number("llama.\(key)", value) }
    for key in ["attention.layer_norm_rms_epsilon", "rope.freq_base"] {
      file.pairs.append(("llama.\(key)", 6, GGUFWriter.little(Float(1e-5).bitPattern)))
    }
    file.text("tokenizer.ggml.model", "gpt2")
    file.text("tokenizer.ggml.pre", "llama-bpe")
    file.texts("tokenizer.ggml.tokens", byteTokens + ["Ġw12", "<|eot_id|>"])
    file.numbers("tokenizer.ggml.token_type", [Int32](repeating: 1, count: 257) + [3])
    file.number("tokenizer.ggml.eos_token_id", 257)
    file.tensors = [
      ("token_embd.weight", [64, 258], 1, 0), ("output_norm.weight", [64], 0, 33_024),
      ("blk.0.ffn_down.weight", [128, 64], 8, 33_280),
    ]
    // F16, F32, and Q8_0: 8192 values in blocks of 32 in 34 bytes.
    file.dataBytes = 33_280 + 8192 / 32 * 34
    return file
  }
}
