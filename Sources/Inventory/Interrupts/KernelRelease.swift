/// Comparing kernel releases.
enum KernelRelease {
  /// Whether a release such as `6.12.48+deb13-amd64` is at least `major.minor`. False when it is
  /// not known: a kernel is not trusted to be new.
  static func `is`(_ release: String?, atLeast major: Int, _ minor: Int) -> Bool {
    guard let release else { return false }
    let parts = release.split(separator: ".", maxSplits: 2)
    guard parts.count >= 2, let first = Int(parts[0]),
      let second = Int(parts[1].prefix { $0.isASCII && $0.isNumber })
    else { return false }
    return (first, second) >= (major, minor)
  }
}
