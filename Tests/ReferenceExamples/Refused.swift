/// Types that the reference cannot describe, each for a reason of its own.
public enum Refused {
  /// It encodes itself and does not say what.
  public struct Silent: Encodable, Sendable {
    /// Writes a number.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(1)
    }
  }

  /// It has a schema and does not say which.
  public struct Unversioned: Encodable, Sendable {
    /// `unversioned/1`.
    public var schema = "unversioned/1"
  }

  /// A case carries a value.
  public enum Carrying: Encodable, Sendable {
    /// One.
    case one(Int)
  }

  /// Its texts cannot be known: it does not list its cases.
  public enum Unlisted: String, Encodable, Sendable {
    /// One.
    case one = "uno"
  }

  /// A key has a type that is none of JSON's.
  public struct Odd: Encodable, Sendable {
    /// An optional within a list.
    public var list: [Int?]
  }

  /// A key has a type that the generator does not know.
  public struct Stranger: Encodable, Sendable {
    /// A set.
    public var set: Set<Int>
  }

  /// The program cannot ask for the texts of names that are private.
  public struct Hidden: Encodable, Sendable {
    /// A number.
    public var size: Int

    private enum CodingKeys: String, CodingKey { case size = "Size" }
  }

  /// The comment of a key is not in the build.
  public struct HalfSecret: Encodable, Sendable {
    private var key = 1
  }

  /// It is private.
  private struct Secret: Encodable, Sendable { var key: Int }

  /// All of them.
  public static let all: [any (Encodable & Sendable).Type] = [
    Silent.self, Unversioned.self, Carrying.self, Unlisted.self, Odd.self, Stranger.self,
    Hidden.self, HalfSecret.self, Secret.self,
  ]
}
