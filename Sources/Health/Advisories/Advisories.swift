internal import FoundationEssentials

/// Known faults of firmware: data, not code (`advisories.json`).
public struct Advisories: Codable, Hashable, Sendable {
  /// `tinybox.advisories/1`.
  public var schema: String
  /// Drives whose firmware has a known fault.
  public var nvme: [DriveFirmware]

  /// Drive firmware with a fault.
  public struct DriveFirmware: Codable, Hashable, Sendable {
    /// How the model's name starts.
    public var modelPrefix: String
    /// Firmware revisions with the fault.
    public var affected: [String]
    /// The first revision without it.
    public var fixed: String
    /// What it does.
    public var fault: String
    /// Whether data or the drive can be lost.
    public var losesData: Bool
    /// Where the fault is published.
    public var source: String
  }

  /// No advisories.
  public static let none = Advisories(schema: "tinybox.advisories/1", nvme: [])

  /// Those that come with this program.
  public static let shipped: Advisories =
    (try? JSONDecoder().decode(
      Advisories.self, from: Data(PackageResources.advisories_json))) ?? none
}
