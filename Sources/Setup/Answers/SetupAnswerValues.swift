internal import Base
internal import Configuration
internal import Runtimes

extension ValueType<String> {
  /// The longest name of a host, bytes (HOST_NAME_MAX of Linux).
  private static let longestHostName = 64

  /// A name of a host (hostname(5)): labels of letters, digits and `-`, with dots between them.
  static let hostName = ValueType("a name of a-z, 0-9, `-` and `.`") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    if text.utf8.count <= longestHostName, isDNSName(text) { return text }
    decoder.note(
      node.position, path,
      "'\(text)' is no name of a host: at most \(longestHostName) of a-z, 0-9, '-' and '.'")
    return nil
  }

  /// A name that a name server knows.
  static let dnsName = ValueType("a name such as `pypi.org`") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    if text.utf8.count <= 253, isDNSName(text) { return text }
    decoder.note(node.position, path, "'\(text)' is no name such as pypi.org")
    return nil
  }

  /// Labels of 1 to 63 letters, digits and `-`, which do not begin or end with `-` (RFC 1123, 2.1). Capital
  /// letters are refused: a name of a host is written in one way.
  private static func isDNSName(_ text: String) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.utf8.first != 0x2d && label.utf8.last != 0x2d
        && label.utf8.allSatisfy {
          (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
        }
    }
  }

  /// A line of authorized_keys (sshd(8)) without options.
  static let publicKey = ValueType("a public key such as `\"ssh-ed25519 AAAA... name\"`") {
    decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    guard let problem = SetupKeys.problem(text) else { return text }
    decoder.note(node.position, path, problem)
    return nil
  }

  /// A serial number or WWID of a drive.
  static let serial = ValueType("a serial number or WWID") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    // A serial number of NVMe has 20 bytes, a WWID of Linux at most 128 ("nvme.", hexadecimal).
    if (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
      if text.hasPrefix("/dev/") {
        decoder.note(
          node.position, path,
          "'\(text)' is a name of this boot: a drive is named by its serial number")
        return nil
      }
      return text
    }
    decoder.note(node.position, path, "'\(text)' is no serial number or WWID")
    return nil
  }

  /// Where a model comes from.
  static let modelSource = ValueType("a file, an https address, or `hf:OWNER/REPO/FILE`") {
    decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    do throws(Failure) {
      let source = try ModelSource(text)
      // Set-up runs in no folder of the owner's.
      if case .file(let file) = source, !file.hasPrefix("/") {
        decoder.note(node.position, path, "'\(text)' is no absolute path")
        return nil
      }
      return text
    } catch {
      decoder.note(node.position, path, error.reason)
      return nil
    }
  }

  /// A SHA-256.
  static let sha256 = ValueType("64 hexadecimal digits") { decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    if text.utf8.count == 64, text.utf8.allSatisfy({ ASCII.hexDigit($0) != nil }) {
      return text.lowercased()
    }
    decoder.note(node.position, path, "takes 64 hexadecimal digits")
    return nil
  }
}

extension SetupAnswers.Model {
  /// The name of the model: the one given, or that of its file; nil without a model.
  package var modelName: String? {
    if let name { return name.value }
    guard let source, let parsed = try? ModelSource(source.value) else { return nil }
    return parsed.modelName
  }

  /// The name of the runtime that answers for it.
  package var runtimeName: String { runtime?.value ?? "model" }

  /// The host that it is fetched from; nil for a file of this machine.
  package var host: String? {
    guard let source, let parsed = try? ModelSource(source.value) else { return nil }
    return parsed.host
  }
}
