/// A type of tensors in a GGUF: how many values a block has, and in how many bytes (ggml.h, `enum ggml_type`;
/// ggml-common.h, the block structures).
package struct TensorType: Hashable, Sendable {
  /// Its number in the file.
  package var number: Int
  /// Its name: `Q4_K`.
  package var name: String
  /// Values in a block.
  package var blockValues: Int
  /// Bytes of a block.
  package var blockBytes: Int

  /// Bytes of so many values; nil where they are no whole blocks or too many.
  package func bytes(_ values: Int) -> Int? {
    guard values >= 0, values % blockValues == 0 else { return nil }
    let (bytes, overflow) = (values / blockValues).multipliedReportingOverflow(by: blockBytes)
    return overflow ? nil : bytes
  }

  /// The type of a number; nil for one that this version of tinybox does not know.
  package static func numbered(_ number: Int) -> TensorType? { byNumber[number] }

  /// All that are known, by number. Numbers 4, 5, 31 to 33 and 36 to 38 were types that ggml removed.
  package static let all: [TensorType] = [
    .init(0, "F32", 1, 4), .init(1, "F16", 1, 2),
    .init(2, "Q4_0", 32, 18), .init(3, "Q4_1", 32, 20), .init(6, "Q5_0", 32, 22),
    .init(7, "Q5_1", 32, 24), .init(8, "Q8_0", 32, 34), .init(9, "Q8_1", 32, 36),
    .init(10, "Q2_K", 256, 84), .init(11, "Q3_K", 256, 110), .init(12, "Q4_K", 256, 144),
    .init(13, "Q5_K", 256, 176), .init(14, "Q6_K", 256, 210), .init(15, "Q8_K", 256, 292),
    .init(16, "IQ2_XXS", 256, 66), .init(17, "IQ2_XS", 256, 74), .init(18, "IQ3_XXS", 256, 98),
    .init(19, "IQ1_S", 256, 50), .init(20, "IQ4_NL", 32, 18), .init(21, "IQ3_S", 256, 110),
    .init(22, "IQ2_S", 256, 82), .init(23, "IQ4_XS", 256, 136),
    .init(24, "I8", 1, 1), .init(25, "I16", 1, 2), .init(26, "I32", 1, 4), .init(27, "I64", 1, 8),
    .init(28, "F64", 1, 8), .init(29, "IQ1_M", 256, 56), .init(30, "BF16", 1, 2),
    .init(34, "TQ1_0", 256, 54), .init(35, "TQ2_0", 256, 66), .init(39, "MXFP4", 32, 17),
    .init(40, "NVFP4", 64, 36), .init(41, "Q1_0", 128, 18),
  ]

  private init(_ number: Int, _ name: String, _ values: Int, _ bytes: Int) {
    self.number = number
    self.name = name
    blockValues = values
    blockBytes = bytes
  }

  private static let byNumber = Dictionary(
    all.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
}
