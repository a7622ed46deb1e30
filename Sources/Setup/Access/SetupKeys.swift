package import Configuration

/// Public keys in a file of their own, one a line as in authorized_keys (sshd(8)).
package enum SetupKeys {
  /// Keys of the owner beside the answers: where a stick's are copied to.
  package static let main = "/etc/tinybox/setup.keys"
  /// The credential of systemd with keys of root (systemd.system-credentials(7)).
  package static let credential = "ssh.authorized_keys.root"
  /// The longest file, bytes.
  package static let longest = 1 << 16
  /// The most keys.
  package static let most = 64

  /// The keys in the text of a file. Empty lines and those that begin with `#` are left out.
  /// - Throws: every line that is no key.
  package static func parse(
    _ text: [UInt8], path: String
  ) throws(ConfigurationFailure) -> [String] {
    var keys: [String] = []
    var problems: [ConfigurationProblem] = []
    for (number, key) in lines(text) {
      if let problem = problem(key) {
        problems.append(
          ConfigurationProblem(ConfigurationPosition(file: path, line: number), problem))
      } else if keys.count == most {
        problems.append(
          ConfigurationProblem(
            ConfigurationPosition(file: path, line: number), "more than \(most) keys"))
        break
      } else if !keys.contains(key) {
        keys.append(key)
      }
    }
    if problems.isEmpty { return keys }
    throw ConfigurationFailure(problems: problems)
  }

  /// The lines that are plain keys. Others, such as those with options, are not for set-up to judge.
  package static func plain(_ text: [UInt8]) -> [String] {
    lines(text).map(\.text).filter { problem($0) == nil }
  }

  /// Types of public keys that sshd of OpenSSH 9 takes without a change of its configuration.
  private static let types = [
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
  ]

  /// Why a text is no line of authorized_keys without options; nil where it is one. The text is never in it: it
  /// may be a private key.
  package static func problem(_ text: String) -> String? {
    let words = text.split(separator: " ")
    let isBase64 =
      words.count >= 2 && words[1].utf8.count >= 32
      && words[1].utf8.allSatisfy {
        (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2b || $0 == 0x2f
          || $0 == 0x3d
      }
    if text.utf8.count <= 16_384, isBase64, types.contains(String(words[0])),
      text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    {
      return nil
    }
    return text.contains("PRIVATE KEY")
      ? "is a private key: it takes the public one, of the file that ends in .pub"
      : "is no public key: it begins with \(types[0]) or another type, as ssh-keygen writes it"
  }

  private static func lines(_ text: [UInt8]) -> [(number: Int, text: String)] {
    String(decoding: text, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().compactMap { index, line in
        // Editors of other systems end lines with a carriage return.
        let text = line.trimming { $0 == " " || $0 == "\t" || $0 == "\r" }
        return text.isEmpty || text.hasPrefix("#") ? nil : (index + 1, text)
      }
  }
}

extension Substring {
  fileprivate func trimming(_ isSpace: (Character) -> Bool) -> String {
    var rest = self
    while let first = rest.first, isSpace(first) { rest.removeFirst() }
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return String(rest)
  }
}
