public import Base

/// What two profiles expect differently: `profile diff`.
public struct ProfileDifferences: Encodable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.profile-diff/1`.
  public static let currentSchema = "tinybox.profile-diff/1"
  /// The schema.
  public var schema = ProfileDifferences.currentSchema
  /// Name of the first profile.
  public var before: String
  /// Name of the second one, or that of what the box has now.
  public var after: String
  /// Every difference, GPUs first; of devices that only one has, every fact.
  public var differences: [Difference]

  /// One difference.
  public struct Difference: Encodable, Hashable, Sendable {
    /// What it is about: `GPU 1002:744c`, `memory`, `place 0000:21:00.0`.
    public var subject: String
    /// The key in the profile's JSON.
    public var key: String
    /// What the first profile says; absent where it says nothing.
    public var before: ProfileValue?
    /// What the second one says; absent where it says nothing.
    public var after: ProfileValue?
  }

  /// The differences of two profiles.
  package init(_ first: Profile, _ second: Profile) {
    before = first.name
    after = second.name
    struct Key: Hashable {
      var subject: String
      var key: String
    }
    func values(_ profile: Profile) -> [(key: Key, value: ProfileValue)] {
      profile.facts.map { (Key(subject: $0.subject, key: $0.key), $0.value) }
    }
    let (old, new) = (values(first), values(second))
    let olds = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
    let news = Dictionary(new.map { ($0.key, $0.value) }) { first, _ in first }
    let gone = old.map(\.key).filter { news[$0] == nil }
    differences = (new.map(\.key) + gone).filter { olds[$0] != news[$0] }.map { key in
      Difference(subject: key.subject, key: key.key, before: olds[key], after: news[key])
    }
    differences = ProfileDifferences.subjects.flatMap { start in
      differences.filter { $0.subject.hasPrefix(start) }
    }
  }

  /// Beginnings of subjects, what costs most when it is missing first.
  private static let subjects = ["GPU", "drives", "interfaces", "processors", "memory", "place"]
}
