internal import FoundationEssentials

extension Profile {
  /// The profiles that come with this program: the published figures of the boxes that were sold,
  /// by name.
  public static let shipped: [Profile] = files.compactMap { file in
    try? JSONDecoder().decode(Profile.self, from: Data(file))
  }.sorted { $0.name < $1.name }

  /// How many files come with this program: each is a profile, or the build is broken.
  static var fileCount: Int { files.count }

  private static let files: [[UInt8]] = [
    PackageResources.tinybox_green_1_json, PackageResources.tinybox_green_2_json,
    PackageResources.tinybox_green_2_blackwell_json, PackageResources.tinybox_pro_1_json,
    PackageResources.tinybox_pro_2_json, PackageResources.tinybox_red_1_json,
    PackageResources.tinybox_red_2_json,
  ]

  /// A shipped profile by its name, or as people say it: `red`, `red-2`, `tinybox green v2`. A
  /// colour alone is the first version.
  package static func shipped(named text: String) -> Profile? {
    var words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if words.first == "tinybox" { words.removeFirst() }
    words = words.map { $0.hasPrefix("v") && Int($0.dropFirst()) != nil ? "\($0.dropFirst())" : $0 }
    // `red2` and `redv2`.
    if words.count == 1, let last = words[0].last, last.isNumber {
      let colour = words[0].dropLast()
      words = [String(colour.hasSuffix("v") ? colour.dropLast() : colour), String(last)]
    }
    if words.count == 1 { words.append("1") }
    let name = "tinybox-" + words.joined(separator: "-")
    return shipped.first { $0.name == name }
  }
}
