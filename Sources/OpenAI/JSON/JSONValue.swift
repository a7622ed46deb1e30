/// A value of JSON as it was written: numbers keep their text and members their order, so that what is
/// passed on is what came.
package enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// A number, as text.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A member of an object.
  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: JSONValue

    /// A member.
    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// A whole number.
  package static func integer(_ value: Int) -> JSONValue { .number("\(value)") }

  /// What it is, as messages name it.
  package var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The member of an object; nil where there is none.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Sets a member of an object, in its place or at the end; nil removes it. Of no effect on other
  /// values.
  package mutating func set(_ name: String, _ value: JSONValue?) {
    guard case .object(var members) = self else { return }
    self = .null
    if let index = members.firstIndex(where: { $0.name == name }) {
      if let value { members[index].value = value } else { members.remove(at: index) }
    } else if let value {
      members.append(Member(name, value))
    }
    self = .object(members)
  }

  /// The text of a string.
  package var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The items of an array.
  package var array: [JSONValue]? {
    if case .array(let items) = self { return items }
    return nil
  }

  /// The members of an object.
  package var members: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }

  package var boolean: Bool? {
    if case .boolean(let flag) = self { return flag }
    return nil
  }

  /// A number that is finite.
  package var number: Double? {
    guard case .number(let text) = self, let value = Double(text), value.isFinite else {
      return nil
    }
    return value
  }

  /// A whole number, however it is written (`3`, `3.0`); nil beyond 2^53, where a Double has gaps.
  package var integer: Int? {
    if case .number(let text) = self, let value = Int(text) { return value }
    guard let value = number, value == value.rounded(), abs(value) <= 9_007_199_254_740_992 else {
      return nil
    }
    return Int(value)
  }

  package var isNull: Bool { self == .null }
}
