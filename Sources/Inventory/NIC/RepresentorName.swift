internal import Base

/// Names of ports as the kernel makes them (net/devlink/port.c,
/// `__devlink_port_phys_port_name_get`): `p0` and `p0s1` are ports of the adapter; `pf0`, `pf0vf3`,
/// `pf0sf88`, each with `c1` before it where it belongs to another host, stand for what is behind
/// the adapter's switch.
enum RepresentorName {
  /// Whether a port of that name is a representor.
  static func isRepresentor(_ name: String) -> Bool {
    var rest = Substring(name)
    if rest.first == "c" {
      guard takeNumber("c", &rest) else { return false }
    }
    guard takeNumber("pf", &rest) else { return false }
    if rest.isEmpty { return true }
    guard takeNumber("vf", &rest) || takeNumber("sf", &rest) else { return false }
    return rest.isEmpty
  }

  private static func takeNumber(_ word: String, _ text: inout Substring) -> Bool {
    guard text.hasPrefix(word) else { return false }
    let after = text.dropFirst(word.count)
    let digits = after.prefix { $0.isASCII && $0.isNumber }
    if digits.isEmpty { return false }
    text = after.dropFirst(digits.count)
    return true
  }
}
