internal import FoundationEssentials

/// JSON as tinybox writes and reads it everywhere: keys sorted, no escaped slashes.
public enum JSON {
  /// The text of a value as every `--json` prints it: indented by two spaces, a line feed at the end.
  package static func text(_ value: some Encodable) throws(Failure) -> String {
    String(decoding: try encoded(value, [.prettyPrinted]), as: UTF8.self) + "\n"
  }

  /// The bytes of a value in one line, without a line feed.
  package static func line(_ value: some Encodable) throws(Failure) -> [UInt8] {
    try encoded(value, [])
  }

  /// The value of a text.
  /// - Throws: the decoder's own error, which names the key.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Sequence<UInt8>
  ) throws -> Value {
    try JSONDecoder().decode(type, from: Data(bytes))
  }

  private static func encoded(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, formatting]
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      throw Failure("write JSON", error)
    }
  }
}
