/// The header fields of a message, in their order; names compare without regard to case
/// (RFC 9110, section 5.1).
package struct HeaderFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One field.
  package struct Field: Hashable, Sendable {
    /// Its name, as it was written.
    package var name: String
    package var value: String
  }

  /// All fields.
  package private(set) var fields: [Field] = []

  /// No fields.
  package init() {}

  /// These fields.
  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// The value of the first field of a name.
  package subscript(name: String) -> String? { values(name).first }

  /// The values of every field of a name.
  package func values(_ name: String) -> [String] {
    fields.filter { HeaderFields.isSame($0.name, name) }.map(\.value)
  }

  /// Adds a field.
  package mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Replaces every field of a name by one.
  package mutating func set(_ name: String, _ value: String) {
    remove(name)
    add(name, value)
  }

  /// Removes every field of a name.
  package mutating func remove(_ name: String) {
    fields.removeAll { HeaderFields.isSame($0.name, name) }
  }

  /// Whether a name or value is the same but for the case of ASCII letters.
  static func isSame(_ one: String, _ other: String) -> Bool {
    let one = one.utf8
    let other = other.utf8
    return one.count == other.count && zip(one, other).allSatisfy { lower($0) == lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
  }
}
