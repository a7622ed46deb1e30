public import Base

/// A document with a key of each type.
///
/// Its comment | has two paragraphs.
public struct ExampleDocument: Codable, VersionedDocument, Sendable {
  /// `example/1`.
  public var schema = ExampleDocument.currentSchema
  package static let currentSchema = "example/1"
  /// A text
  /// in two lines.
  public var text: String
  var withoutComment: Bool
  /// When: UTC, RFC 3339.
  public var time: String?
  /// A number.
  public let number: Double
  /// Whole numbers.
  public var wholeNumbers: [Int]
  /// One byte.
  public var byte: UInt8
  /// Eight bytes.
  public var eightBytes: UInt64?
  /// Lists in a list.
  public var table: [[Int32]]?
  /// By name.
  public var byName: [String: Double]
  /// By number.
  public var byNumber: [Int: [Part]]?
  /// A part.
  public var part: Part?
  /// A word.
  public var colour: Colour
  /// A set.
  public var set: NumberSet
  /// An address.
  public var address: PCIAddress?
  /// Only with a comment that is internal.
  var hidden: Renamed

  /// A part of it.
  public struct Part: Codable, Sendable {
    /// How large, in bytes.
    public var sizeBytes: Int
    /// The same in another unit: no key.
    public var kilobytes: Int { sizeBytes / 1000 }

    /// A part.
    public init(sizeBytes: Int) { self.sizeBytes = sizeBytes }
  }

  /// Words.
  public enum Colour: String, Codable, Sendable, CaseIterable {
    case red
    /// Called otherwise.
    case green = "dark green"
    case blue, black
  }

  /// One without anything that may be absent.
  public static let barest = ExampleDocument(
    text: "a", withoutComment: true, number: 1, wholeNumbers: [1], byte: 2, byName: ["a": 1],
    colour: .green, set: NumberSet(list: "0-3") ?? NumberSet(), hidden: Renamed(size: 1, unit: "m"))

  /// One with everything.
  public static let fullest: ExampleDocument = {
    var document = barest
    document.time = "2026-11-24T10:01:02Z"
    document.eightBytes = 3
    document.table = [[1]]
    document.byNumber = [1: [Part(sizeBytes: 4)]]
    document.part = Part(sizeBytes: 5)
    document.address = PCIAddress("0000:21:00.0")
    return document
  }()
}

/// With names of keys that are not those of the properties.
struct Renamed: Codable, Sendable {
  /// How large.
  var size: Int
  /// In which unit.
  var unit: String
  /// Not in the JSON.
  var cache = 0

  enum CodingKeys: String, CodingKey, CaseIterable {
    case size = "Size"
    case unit
  }
}
