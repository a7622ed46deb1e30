public import Base
package import Configuration

/// `tinyboxctl config show --json` and `tinyboxctl config check --json`.
public struct ConfigurationDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.configuration/1`.
  public var schema = ConfigurationDocument.currentSchema
  package static let currentSchema = "tinybox.configuration/1"
  /// The value in force of each key, in the order of the reference; empty for `check`.
  public var settings: [Value]
  /// What is wrong, in the order of files and lines; empty for `show`.
  public var problems: [Problem]

  /// The value in force of a key.
  public struct Value: Codable, Hashable, Sendable {
    /// The key, with its table: `placement.nic.interrupts`.
    public var key: String
    /// The value, as TOML writes it; absent where there is none.
    public var value: String?
    /// The file it was set in; absent for a default.
    public var file: String?
    /// The line it was set on, the first being 1.
    public var line: Int?
  }

  /// Something wrong with a file.
  public struct Problem: Codable, Hashable, Sendable {
    /// The file.
    public var file: String
    /// The line; absent when the file as a whole is meant.
    public var line: Int?
    /// The key, with its table.
    public var key: String?
    /// What is wrong, and what would be right.
    public var message: String
  }

  /// The document of settings and problems.
  package init(_ settings: [EffectiveSetting] = [], problems: [ConfigurationProblem] = []) {
    self.settings = settings.map {
      Value(key: $0.key, value: $0.value, file: $0.position?.file, line: $0.position?.line)
    }
    self.problems = problems.map {
      Problem(file: $0.file, line: $0.line, key: $0.key, message: $0.message)
    }
  }
}
