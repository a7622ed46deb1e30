internal import CVersion

/// The version of all programs of tinybox. This line is the only place that has it.
package enum Version {
  /// `major.minor.patch` (https://semver.org), as recordings and metrics carry it.
  package static let number = "0.1.0"

  /// The commit the programs were built from, shortened, with `+` where files differed from it; nil
  /// where the source was no Git checkout.
  package static var commit: String? {
    let text = unsafe String(cString: tinybox_commit)
    return text.isEmpty ? nil : text
  }

  /// What `--version` of a program prints: `tinyboxd 0.1.0 (5d0f3a9c1b22)`.
  package static func line(of program: String) -> String {
    "\(program) \(number)" + (commit.map { " (\($0))" } ?? "")
  }
}
