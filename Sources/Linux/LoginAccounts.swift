package import Base

/// The accounts of people on this machine.
package enum LoginAccounts {
  /// Numbers of the users that people are: UID_MIN of login.defs(5), and the last before those of
  /// systemd-homed (systemd.io/UIDS-GIDS).
  private static let people: ClosedRange<UInt32> = 1000...59_999
  /// Shells that end at once.
  private static let noLogin = ["nologin", "false", "true", "sync"]
  /// Bytes of the file: 100,000 users.
  private static let longest = 16 << 20

  /// The names of the users in `/etc/passwd` that a person can log in as, as that file has them; users of a
  /// directory on the network are not among them.
  /// - Parameter root: the folder that stands for `/`, without a slash at its end.
  package static func names(root: String = "") throws(Errno) -> [String] {
    let file = try StampedFile.read("\(root)/etc/passwd", limit: longest)
    return names(String(decoding: file.bytes, as: UTF8.self))
  }

  /// The same of the text of the file (passwd(5)).
  static func names(_ text: String) -> [String] {
    var names: [String] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count == 7, let id = UInt32(fields[2]), people.contains(id),
        // An empty shell is /bin/sh.
        !noLogin.contains(fields[6].split(separator: "/").last.map(String.init) ?? "")
      else { continue }
      names.append(String(fields[0]))
    }
    return names
  }
}
