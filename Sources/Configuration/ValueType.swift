package import Base

/// A type of values in the configuration: what it is called in the reference, and how it is read.
package struct ValueType<Value>: Sendable {
  /// What is taken, in words.
  package let takes: String
  /// The value of a node at a path; nil after noting what is wrong with it.
  package let read: @Sendable (inout TableDecoder, TOMLNode, String) -> Value?

  package init(
    _ takes: String,
    _ read: @escaping @Sendable (inout TableDecoder, TOMLNode, String) -> Value?
  ) {
    self.takes = takes
    self.read = read
  }

  /// Lists of such values, with the place of each. What is wrong in it is left out and noted.
  package static func list<Item>(
    of item: ValueType<Item>, such example: String
  ) -> ValueType where Value == [Setting<Item>] {
    ValueType("a list such as `\(example)`") { decoder, node, path in
      guard case .array(let nodes) = node.value else {
        decoder.expected("a list such as \(example)", node, path)
        return nil
      }
      return nodes.compactMap { node in
        item.read(&decoder, node, path).map { Setting($0, node.position) }
      }
    }
  }

  /// One of the words of an enumeration.
  package static func word() -> ValueType
  where Value: RawRepresentable & CaseIterable & SendableMetatype, Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    let choice = ValueType<String>.choice(words)
    return ValueType(choice.takes) { decoder, node, path in
      choice.read(&decoder, node, path).flatMap { Value(rawValue: $0) }
    }
  }
}

extension ValueType<String> {
  /// Any text.
  package static let text = ValueType("a string") { decoder, node, path in
    if case .string(let text) = node.value { return text }
    decoder.expected("a string", node, path)
    return nil
  }

  /// The path of a file.
  package static let absolutePath = ValueType("an absolute path") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    if text.hasPrefix("/") { return text }
    decoder.note(node.position, path, "'\(text)' is no absolute path")
    return nil
  }

  /// One of these texts.
  package static func choice(_ choices: [String]) -> ValueType {
    ValueType(choices.map { "`\"\($0)\"`" }.joined(separator: ", ")) { decoder, node, path in
      guard let text = text.read(&decoder, node, path) else { return nil }
      if choices.contains(text) { return text }
      let hint = NearestWord.find(text, in: choices).map { "; did you mean '\($0)'?" } ?? ""
      decoder.note(
        node.position, path, "'\(text)' is not one of \(choices.joined(separator: ", "))" + hint)
      return nil
    }
  }
}

extension ValueType<Bool> {
  /// True or false.
  package static let flag = ValueType("`true` or `false`") { decoder, node, path in
    if case .boolean(let value) = node.value { return value }
    decoder.expected("true or false", node, path)
    return nil
  }
}

extension ValueType<Int> {
  /// A whole number.
  package static func number(_ range: ClosedRange<Int>) -> ValueType {
    let takes = "a number from \(range.lowerBound) to \(range.upperBound)"
    return ValueType(takes) { decoder, node, path in
      if case .integer(let value) = node.value, range.contains(value) { return value }
      decoder.expected(takes, node, path)
      return nil
    }
  }

  /// A time such as `30s`, `15m`, `6h`, `2d`, in seconds.
  /// - Parameters:
  ///   - range: seconds.
  ///   - limits: the same in words, `from 10s to 7d`.
  package static func time(_ range: ClosedRange<Int>, _ limits: String) -> ValueType {
    ValueType("a time such as `\"15m\"`, \(limits)") { decoder, node, path in
      guard let text = ValueType<String>.text.read(&decoder, node, path) else { return nil }
      let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
      guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()),
        range.contains(Int(count) * unit)
      else {
        decoder.note(node.position, path, "'\(text)' is no time such as 15m, \(limits)")
        return nil
      }
      return Int(count) * unit
    }
  }
}

extension ValueType<Int> {
  /// A size such as `64M`, in bytes. Units are powers of 1024, as systemd has them (systemd.syntax(7)); `GiB`
  /// is the same as `G`.
  /// - Parameters:
  ///   - range: bytes.
  ///   - limits: the same in words, `from 64M to 1024T`.
  package static func size(_ range: ClosedRange<Int>, _ limits: String) -> ValueType {
    ValueType("a size such as `\"64M\"`, \(limits)") { decoder, node, path in
      guard let text = ValueType<String>.text.read(&decoder, node, path) else { return nil }
      let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
      let short = text.hasSuffix("iB") ? text.dropLast(2) : text[...]
      if let shift = short.last.flatMap({ shifts[$0] }), let count = UInt32(short.dropLast()) {
        let (bytes, overflow) = Int(count).multipliedReportingOverflow(by: 1 << shift)
        if !overflow, range.contains(bytes) { return bytes }
      }
      decoder.note(node.position, path, "'\(text)' is no size such as 64M, \(limits)")
      return nil
    }
  }
}

extension ValueType<NumberSet> {
  /// A list of CPUs.
  package static let cpus = ValueType("a list of CPUs such as `\"0-3,8\"`") {
    decoder, node, path in
    guard let text = ValueType<String>.text.read(&decoder, node, path) else { return nil }
    if let set = NumberSet(list: text) { return set }
    decoder.note(node.position, path, "'\(text)' is no list of CPUs such as 0-3,8")
    return nil
  }
}

extension ValueType<ListenAddress> {
  /// An address and a port of TCP.
  package static let address = ValueType("an address such as `127.0.0.1:8686`") {
    decoder, node, path in
    guard let text = ValueType<String>.text.read(&decoder, node, path) else { return nil }
    if let address = ListenAddress(text) { return address }
    decoder.note(
      node.position, path,
      "'\(text)' is no address and port such as 127.0.0.1:8686 or [::1]:8686")
    return nil
  }
}
