internal import Base

extension ModelFacts {
  /// The facts of the first bytes of a model file.
  /// - Parameter fileBytes: size of the whole file.
  /// - Throws: why it is no usable model file. `needsMore` says how many bytes to come back with.
  package static func read(
    _ bytes: [UInt8], fileBytes: Int
  ) throws(GGUFFailure) -> ModelFacts {
    try ModelFacts(GGUFHeader.parse(bytes, fileBytes: fileBytes), fileBytes: fileBytes)
  }

  /// The facts of a header.
  package init(_ header: GGUFHeader, fileBytes: Int) throws(GGUFFailure) {
    let uses = try ModelFacts.uses(header, fileBytes: fileBytes)
    let architecture = header.text("general.architecture")
    let prefix = architecture ?? ""
    let cache = CacheShape(header, prefix)
    var parameters = 0
    for use in uses { parameters = try ModelFacts.sum(parameters, use.parameters) }
    self.init(
      formatVersion: header.version, architecture: architecture,
      title: header.text("general.name"), parameters: parameters,
      quantisation: ModelFacts.most(uses), tensorTypes: uses,
      context: header.count("\(prefix).context_length"),
      layers: header.count("\(prefix).block_count"), cacheValuesPerToken: cache.values,
      cacheArithmetic: cache.text, hasEqualLayers: cache.hasEqualLayers,
      tokenizer: Tokenizer(header),
      missingKeys: ModelFacts.wantedKeys.map { key in
        key.hasPrefix("{arch}") ? (architecture ?? "{arch}") + key.dropFirst(6) : key
      }.filter { !header.keys.contains($0) }, fileBytes: fileBytes, split: header.split)
  }

  /// The types of the tensors, after a check that the data of each lies in the file.
  private static func uses(
    _ header: GGUFHeader, fileBytes: Int
  ) throws(GGUFFailure) -> [TensorTypeUse] {
    var uses: [Int: TensorTypeUse] = [:]
    for tensor in header.tensors {
      var use =
        uses[tensor.type]
        ?? TensorTypeUse(
          number: tensor.type, name: TensorType.numbered(tensor.type)?.name, tensors: 0,
          parameters: 0, bytes: tensor.bytes == nil ? nil : 0)
      use.tensors += 1
      use.parameters = try sum(use.parameters, tensor.values)
      if let bytes = tensor.bytes {
        let end = try sum(try sum(header.dataStart, tensor.offset), bytes)
        if end > fileBytes {
          throw .malformed(
            "the file ends \(Units.count(end - fileBytes, "byte")) before the end of tensor "
              + "'\(tensor.name.prefix(64))': it is not complete")
        }
        use.bytes = try sum(use.bytes ?? 0, bytes)
      }
      uses[tensor.type] = use
    }
    return uses.values.sorted { $0.number < $1.number }
  }

  /// The facts of a model that is split over several files, from those of its parts.
  /// - Throws: why they are no parts of one model.
  package static func whole(_ parts: [ModelFacts]) throws(GGUFFailure) -> ModelFacts {
    guard var whole = parts.first else { throw .malformed("it has no parts") }
    if parts.count == 1, whole.split == nil { return whole }
    for (index, part) in parts.enumerated() {
      guard part.split == Split(index: index, count: parts.count) else {
        throw .malformed("file \(index + 1) is not part \(index + 1) of \(parts.count)")
      }
      if index == 0 { continue }
      whole.parameters = try sum(whole.parameters, part.parameters)
      whole.fileBytes = try sum(whole.fileBytes, part.fileBytes)
      for use in part.tensorTypes {
        guard let place = whole.tensorTypes.firstIndex(where: { $0.number == use.number }) else {
          whole.tensorTypes.append(use)
          continue
        }
        whole.tensorTypes[place].tensors += use.tensors
        whole.tensorTypes[place].parameters = try sum(
          whole.tensorTypes[place].parameters, use.parameters)
        if let bytes = use.bytes {
          whole.tensorTypes[place].bytes = try sum(whole.tensorTypes[place].bytes ?? 0, bytes)
        }
      }
    }
    whole.tensorTypes.sort { $0.number < $1.number }
    whole.quantisation = most(whole.tensorTypes)
    return whole
  }

  /// The name of the type that most values have, of equal ones the first.
  private static func most(_ uses: [TensorTypeUse]) -> String? {
    uses.max { ($0.parameters, $1.number) < ($1.parameters, $0.number) }?.name
  }

  private static func sum(_ a: Int, _ b: Int) throws(GGUFFailure) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    if overflow { throw .malformed("the sizes of its tensors do not fit 63 bits") }
    return sum
  }
}

extension ModelFacts.Tokenizer {
  fileprivate init(_ header: GGUFHeader) {
    let vocabulary = header.vocabulary
    self.init(
      model: header.text("tokenizer.ggml.model"), pre: header.text("tokenizer.ggml.pre"),
      tokens: vocabulary?.count, controlTokens: vocabulary?.controlCount,
      specialTokens: vocabulary?.controlTexts,
      longestTokenBytes: vocabulary?.longestBytes, missingBytes: vocabulary?.missingBytes,
      missingASCII: vocabulary?.missingASCII,
      beginToken: header.count("tokenizer.ggml.bos_token_id"),
      endToken: header.count("tokenizer.ggml.eos_token_id"),
      endOfTurnToken: header.count("tokenizer.ggml.eot_token_id"),
      hasChatTemplate: header.keys.contains("tokenizer.chat_template"))
  }
}

extension GGUFHeader {
  /// A text of the metadata, without characters that control a terminal; nil for none.
  fileprivate func text(_ key: String) -> String? {
    guard case .text(let text)? = values[key] else { return nil }
    let isPlain = { (scalar: Unicode.Scalar) in
      scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
    }
    return String(String.UnicodeScalarView(text.unicodeScalars.filter(isPlain)))
  }

  /// A number of the metadata that counts something: 0 to 2^40.
  fileprivate func count(_ key: String) -> Int? {
    guard case .integer(let number)? = values[key], (0...(1 << 40)).contains(number) else {
      return nil
    }
    return number
  }

  fileprivate var split: ModelFacts.Split? {
    guard let count = count("split.count"), count > 1 else { return nil }
    return ModelFacts.Split(index: self.count("split.no") ?? 0, count: count)
  }
}

/// What the KV cache keeps for each token (llm/model.py of tinygrad 0.13.0, `_init_state`; llama.cpp keeps the
/// same numbers).
private struct CacheShape {
  var values: Int?
  var text: String?
  var hasEqualLayers: Bool?

  init(_ header: GGUFHeader, _ prefix: String) {
    let count = { (key: String) in header.count("\(prefix).\(key)") }
    if let heads = header.values["\(prefix).attention.head_count_kv"] {
      if case .integers(let list) = heads {
        hasEqualLayers = Set(list).count < 2
      } else {
        hasEqualLayers = true
      }
    }
    guard let blocks = count("block_count") else { return }
    // Blocks that only predict further tokens keep nothing.
    var layers = blocks - min(blocks, count("nextn_predict_layers") ?? 0)
    if let rank = count("attention.kv_lora_rank"), rank > 0 {
      guard let rope = count("rope.dimension_count") else { return }
      set([layers, rank + rope], "\(layers) layers x (\(rank) + \(rope))")
      return
    }
    // Of some architectures only each so-and-so-many-th layer attends; the others keep a state of fixed size.
    if let interval = count("full_attention_interval"), interval > 0 { layers /= interval }
    let heads = CacheShape.heads(header, prefix)
    let size = heads.flatMap { all in
      all > 0 ? count("embedding_length").map { $0 / all } : nil
    }
    guard let key = count("attention.key_length") ?? size,
      let value = count("attention.value_length") ?? count("attention.key_length") ?? size
    else { return }
    let width = key == value ? "\(key)" : "(\(key) + \(value))"
    switch header.values["\(prefix).attention.head_count_kv"] {
    case .integer(let heads):
      guard (0...(1 << 40)).contains(heads) else { return }
      let times = key == value ? "2 x " : ""
      set([layers, heads, key + value], "\(times)\(layers) layers x \(heads) heads x \(width)")
    case .integers(let list):
      var sum = 0
      for heads in list {
        guard (0...(1 << 40)).contains(heads) else { return }
        sum += heads
      }
      set([sum, key + value], "\(sum) heads of all layers x (\(key) + \(value))")
    default: break
    }
  }

  /// The heads of a layer; nil where layers differ, or the header does not say.
  private static func heads(_ header: GGUFHeader, _ prefix: String) -> Int? {
    switch header.values["\(prefix).attention.head_count"] {
    case .integer(let number): number
    case .integers(let list): Set(list).count == 1 ? list.first : nil
    default: nil
    }
  }

  private mutating func set(_ factors: [Int], _ text: String) {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return }
      product = next
    }
    values = product
    self.text = text
  }
}
