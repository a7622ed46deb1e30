package import Base

/// Reads the facts of one object, and keeps the path of each and the reasons for unknown ones.
///
/// A file that is simply not there leaves the fact absent: most attributes exist only where the
/// hardware has the thing. With `expected: true` a missing file is unknown instead. A file that
/// cannot be read, or whose text is malformed, is always unknown, with the reason.
package struct FactReader {
  /// The tree read from.
  package let tree: KernelTree
  /// The folder that relative file names start from.
  package let base: String
  /// Facts that could not be determined, in the order they were asked for.
  package private(set) var unknown: [UnknownFact] = []
  /// Path of each fact that was read, by JSON key; nil unless `recordSources`.
  package private(set) var sources: [String: String]?

  /// A reader of the object at `base`.
  package init(_ tree: KernelTree, base: String, recordSources: Bool = false) {
    self.tree = tree
    self.base = base
    sources = recordSources ? [:] : nil
  }

  /// The absolute path of a file name: under `base` unless it starts with a slash.
  package func path(_ file: String) -> String {
    file.hasPrefix("/") ? file : base.isEmpty ? file : base + "/" + file
  }

  /// Notes where a fact came from that was not read by one of the calls below.
  package mutating func note(_ fact: String, source: String) { sources?[fact] = source }

  /// Forgets where a fact came from whose text turned out to be malformed.
  package mutating func forget(_ fact: String) { sources?[fact] = nil }

  /// Notes a fact that could not be determined.
  package mutating func note(_ fact: String, path: String, unknown reason: String) {
    unknown.append(UnknownFact(fact: fact, path: path, reason: reason))
  }

  /// Notes a failure: a missing file is absent unless expected, all others are unknown.
  package mutating func note(_ fact: String, _ failure: ReadFailure, expected: Bool = false) {
    if failure.cause == .notFound && !expected { return }
    note(fact, path: failure.path, unknown: failure.reason)
  }

  /// Takes over the unknown facts of another reader of the same object.
  package mutating func absorb(_ other: FactReader) {
    unknown += other.unknown
    if let more = other.sources { sources?.merge(more) { first, _ in first } }
  }

  /// The bytes of a file.
  package mutating func bytes(
    _ fact: String, _ file: String, expected: Bool = false, limit: Int = 1 << 20,
    sensitivity: Sensitivity = .none
  ) -> [UInt8]? {
    let path = path(file)
    do throws(ReadFailure) {
      let content = try tree.bytes(path, limit: limit, sensitivity: sensitivity)
      sources?[fact] = path
      return content
    } catch {
      note(fact, error, expected: expected)
      return nil
    }
  }

  /// A fact parsed from the trimmed bytes of a file. A nil from `parse` is unknown: malformed.
  package mutating func parsed<Value>(
    _ fact: String, _ file: String, expected: Bool = false, sensitivity: Sensitivity = .none,
    _ parse: (ArraySlice<UInt8>) -> Value?
  ) -> Value? {
    guard let content = bytes(fact, file, expected: expected, sensitivity: sensitivity)
    else { return nil }
    let trimmed = ASCII.trimmed(content[...])
    if let value = parse(trimmed) { return value }
    sources?[fact] = nil
    let shown = String(decoding: trimmed.prefix(40), as: UTF8.self)
    note(fact, path: path(file), unknown: "cannot understand '\(shown)'")
    return nil
  }

  /// A text; an empty one is absent.
  package mutating func text(
    _ fact: String, _ file: String, expected: Bool = false, sensitivity: Sensitivity = .none
  ) -> String? {
    guard let content = bytes(fact, file, expected: expected, sensitivity: sensitivity)
    else { return nil }
    let text = String(decoding: ASCII.trimmed(content[...]), as: UTF8.self)
    if text.isEmpty {
      sources?[fact] = nil
      return nil
    }
    return text
  }

  /// A decimal number.
  package mutating func decimal(_ fact: String, _ file: String, expected: Bool = false) -> Int? {
    parsed(fact, file, expected: expected, ASCII.decimal)
  }

  /// A hexadecimal number, with or without `0x`.
  package mutating func hexadecimal(
    _ fact: String, _ file: String, expected: Bool = false
  ) -> UInt64? {
    parsed(fact, file, expected: expected, ASCII.hexadecimal)
  }

  /// `0` or `1`, `N` or `Y`.
  package mutating func flag(_ fact: String, _ file: String, expected: Bool = false) -> Bool? {
    parsed(fact, file, expected: expected) { text in
      switch text.first {
      case 0x30, 0x4e, 0x6e: false
      case 0x31, 0x59, 0x79: true
      default: nil
      }
    }
  }

  /// A list of numbers in the kernel's format.
  package mutating func list(_ fact: String, _ file: String, expected: Bool = false) -> NumberSet? {
    parsed(fact, file, expected: expected) { NumberSet(list: $0) }
  }

  /// The name at the end of a link, such as a driver's.
  package mutating func linkName(_ fact: String, _ file: String, expected: Bool = false) -> String?
  {
    let path = path(file)
    do throws(ReadFailure) {
      let name = try tree.linkName(path)
      sources?[fact] = path
      return name.isEmpty ? nil : name
    } catch {
      note(fact, error, expected: expected)
      return nil
    }
  }
}
