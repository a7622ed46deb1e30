/// Profiles that come with this program.
public enum ShippedProfiles {
  /// All of them, by name.
  public static let all: [Profile] = []
  /// The profile of a name.
  public static func named(_ name: String) -> Profile? { all.first { $0.name == name } }
}
