internal import Base

/// The header of a GGUF model file, versions 2 and 3 (github.com/ggml-org/ggml, docs/gguf.md).
///
/// A model file may come from anybody. Every count and length is compared with a bound and with the bytes
/// that are there before it is used, sums are checked, and of the arrays only what `Vocabulary` needs is
/// kept: memory stays below three times the bytes of the header.
package struct GGUFHeader: Sendable {
  /// Version of the format.
  package private(set) var version = 0
  /// Numbers and texts of the metadata, by key. Longer texts, and arrays but for those of numbers of heads, are
  /// left out.
  package private(set) var values: [String: Value] = [:]
  /// Every key of the metadata.
  package private(set) var keys: Set<String> = []
  /// The tensors.
  package private(set) var tensors: [Tensor] = []
  /// The vocabulary; nil where the file has none.
  package private(set) var vocabulary: Vocabulary?
  /// Where the data of the tensors begins, bytes from the start of the file.
  package private(set) var dataStart = 0

  /// A value of the metadata.
  package enum Value: Hashable, Sendable {
    case integer(Int)
    case real(Double)
    case boolean(Bool)
    case text(String)
    /// One number for each layer.
    case integers([Int])
  }

  /// A tensor: what it is called, its type, how many values, where its data is.
  package struct Tensor: Hashable, Sendable {
    /// Its name: `blk.0.attn_q.weight`.
    package var name: String
    /// The number of its type.
    package var type: Int
    /// Its values.
    package var values: Int
    /// Where its data begins, bytes from `dataStart`.
    package var offset: Int
    /// Its bytes; nil where its type is not known.
    package var bytes: Int?
  }

  // Bounds. What real files have is in brackets.
  /// Keys [some 50].
  static let mostKeys = 4096
  /// Bytes of a key [64]. The format's own bound is 65,535.
  static let longestKey = 1024
  /// Bytes of a text that is kept [general.name: 100]; a chat template is longer.
  static let longestText = 4096
  /// Tensors [2,500 in models of 1,000 billion parameters].
  static let mostTensors = 65_536
  /// Dimensions of a tensor (GGML_MAX_DIMS is 4).
  static let mostDimensions = 4
  /// Layers in an array of numbers of heads [126].
  static let mostLayers = 1024
  /// Arrays within arrays [none].
  static let mostDepth = 4
  /// Bytes of alignment [32].
  static let mostAlignment = 1 << 20

  /// Parses the first bytes of a file.
  /// - Parameter fileBytes: size of the whole file.
  package static func parse(
    _ bytes: [UInt8], fileBytes: Int
  ) throws(GGUFFailure) -> GGUFHeader {
    var header = GGUFHeader()
    var cursor = GGUFCursor(bytes, fileBytes: fileBytes)
    let magic = try cursor.take(4)
    guard cursor.text(magic..<(magic + 4)) == "GGUF" else {
      throw .malformed("it does not begin with GGUF")
    }
    header.version = Int(try cursor.unsigned(4))
    guard (2...3).contains(header.version) else {
      // Version 1 has 32-bit lengths. A file for big-endian machines has its version in the upper bytes.
      throw .malformed(
        header.version > 0xffff
          ? "it is written for big-endian machines"
          : "its version is \(header.version); 2 and 3 are understood")
    }
    let tensorCount = try cursor.count("the number of its tensors", most: mostTensors)
    let keyCount = try cursor.count("the number of its keys", most: mostKeys)
    var lists = VocabularyLists()
    for _ in 0..<keyCount { try header.readPair(&cursor, &lists) }
    header.vocabulary = try lists.vocabulary(
      bytes, fileBytes: fileBytes, isByteLevel: header.spellsBytes)
    let alignment = try header.alignment
    for _ in 0..<tensorCount { header.tensors.append(try tensor(&cursor, alignment)) }
    // Below 64 MiB plus the alignment: cannot overflow.
    header.dataStart = (cursor.offset + alignment - 1) / alignment * alignment
    return header
  }

  /// Whether tokens are spelled as GPT-2 does: where the file does not say otherwise, they are for tinygrad.
  private var spellsBytes: Bool {
    switch values["tokenizer.ggml.model"] {
    case nil, .text("gpt2"): true
    default: false
    }
  }

  private var alignment: Int {
    get throws(GGUFFailure) {
      guard let value = values["general.alignment"] else { return 32 }
      guard case .integer(let alignment) = value, alignment > 0,
        alignment <= GGUFHeader.mostAlignment, alignment & (alignment - 1) == 0
      else { throw .malformed("general.alignment is no power of two up to 1 MiB") }
      return alignment
    }
  }

  // MARK: metadata

  private mutating func readPair(
    _ cursor: inout GGUFCursor, _ lists: inout VocabularyLists
  ) throws(GGUFFailure) {
    let key = try cursor.text("a key", most: GGUFHeader.longestKey)
    guard keys.insert(key).inserted else {
      // Readers differ in which of two they take.
      throw .malformed("key '\(key.prefix(64))' is there twice")
    }
    let type = try cursor.type()
    if type == 9 {
      let element = try cursor.type()
      let count = try cursor.count(
        "the number of elements of \(key.prefix(64))", most: GGUFCursor.longest)
      let start = cursor.offset
      if key.hasSuffix(".attention.head_count_kv") || key.hasSuffix(".attention.head_count"),
        count <= GGUFHeader.mostLayers
      {
        if let numbers = try GGUFHeader.integers(&cursor, element, count) {
          values[key] = .integers(numbers)
          return
        }
      }
      try GGUFHeader.skipArray(&cursor, element, count, depth: 1)
      switch (key, element) {
      case ("tokenizer.ggml.tokens", 8): lists.tokens = .init(start: start, count: count)
      case ("tokenizer.ggml.token_type", 4), ("tokenizer.ggml.token_type", 5):
        lists.types = .init(start: start, count: count)
      default: break
      }
    } else {
      values[key] = try GGUFHeader.scalar(&cursor, type, key)
    }
  }

  /// A single value; nil for a text that is too long to keep and a number that does not fit.
  private static func scalar(
    _ cursor: inout GGUFCursor, _ type: Int, _ key: String
  ) throws(GGUFFailure) -> Value? {
    switch type {
    case 0, 2, 4, 10: return Int(exactly: try cursor.unsigned(widths[type] ?? 8)).map(Value.integer)
    case 1: return .integer(Int(Int8(truncatingIfNeeded: try cursor.unsigned(1))))
    case 3: return .integer(Int(Int16(truncatingIfNeeded: try cursor.unsigned(2))))
    case 5: return .integer(Int(Int32(truncatingIfNeeded: try cursor.unsigned(4))))
    case 11: return .integer(Int(Int64(bitPattern: try cursor.unsigned(8))))
    case 6:
      return .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try cursor.unsigned(4)))))
    case 12: return .real(Double(bitPattern: try cursor.unsigned(8)))
    case 7:
      let value = try cursor.unsigned(1)
      guard value < 2 else { throw .malformed("\(key.prefix(64)) is neither true nor false") }
      return .boolean(value == 1)
    case 8:
      let range = try cursor.textRange(String(key.prefix(64)))
      return range.count <= longestText ? .text(cursor.text(range)) : nil
    default: throw .malformed("\(key.prefix(64)) has type \(type), which there is not")
    }
  }

  /// Bytes of each type of a fixed size.
  private static let widths: [Int: Int] = [
    0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
  ]

  /// The elements of an array of whole numbers; nil, and nothing read, for one of another type.
  private static func integers(
    _ cursor: inout GGUFCursor, _ element: Int, _ count: Int
  ) throws(GGUFFailure) -> [Int]? {
    guard [0, 1, 2, 3, 4, 5, 10, 11].contains(element) else { return nil }
    var numbers: [Int] = []
    for _ in 0..<count {
      guard case .integer(let number)? = try scalar(&cursor, element, "an element") else {
        throw .malformed("a number of heads does not fit 63 bits")
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func skipArray(
    _ cursor: inout GGUFCursor, _ element: Int, _ count: Int, depth: Int
  ) throws(GGUFFailure) {
    if let width = widths[element] {
      // Both are below 2^27.
      _ = try cursor.take(count * width)
    } else if element == 8 {
      for _ in 0..<count { _ = try cursor.textRange("an element") }
    } else if element == 9, depth < mostDepth {
      for _ in 0..<count {
        let inner = try cursor.type()
        let size = try cursor.count("the number of elements", most: GGUFCursor.longest)
        try skipArray(&cursor, inner, size, depth: depth + 1)
      }
    } else {
      throw .malformed("an array has elements of type \(element), which there is not")
    }
  }

  // MARK: tensors

  private static func tensor(
    _ cursor: inout GGUFCursor, _ alignment: Int
  ) throws(GGUFFailure) -> Tensor {
    let name = try cursor.text("the name of a tensor", most: longestKey)
    let dimensions = Int(try cursor.unsigned(4))
    guard (1...mostDimensions).contains(dimensions) else {
      throw .malformed("tensor '\(name.prefix(64))' has \(dimensions) dimensions")
    }
    var values = 1
    for _ in 0..<dimensions {
      let size = try cursor.count("a dimension", most: 1 << 40)
      let (product, overflow) = values.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow else {
        throw .malformed("tensor '\(name.prefix(64))' has no possible size")
      }
      values = product
    }
    let type = try cursor.type()
    let offset = try cursor.count("the offset of a tensor", most: 1 << 50)
    guard offset % alignment == 0 else {
      throw .malformed("tensor '\(name.prefix(64))' begins at no multiple of \(alignment)")
    }
    var tensor = Tensor(name: name, type: type, values: values, offset: offset)
    if let known = TensorType.numbered(type) {
      guard let bytes = known.bytes(values) else {
        throw .malformed(
          "tensor '\(name.prefix(64))' has \(values) values, no whole blocks of \(known.name)")
      }
      tensor.bytes = bytes
    }
    return tensor
  }
}
