package import Base

/// Where a model comes from.
package enum ModelSource: Hashable, Sendable {
  /// A file of this machine, by its path.
  case file(String)
  /// An address that is fetched.
  case url(String)
  /// A file of a repository of huggingface.co.
  case huggingFace(owner: String, repository: String, file: String)

  /// From what a person wrote.
  /// - Throws: `Failure` with what is wrong in it.
  package init(_ text: String) throws(Failure) {
    func wrong(_ reason: String, hint: String? = nil) -> Failure {
      Failure("use the model '\(text)'", because: reason, hint: hint, code: .usage)
    }
    guard !text.isEmpty, text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { throw wrong("it is empty, longer than 2048 bytes, or has control characters") }
    if text.hasPrefix("hf:") {
      let parts = text.dropFirst(3).split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count >= 3, parts.allSatisfy(ModelSource.isName) else {
        throw wrong(
          "it is no hf:OWNER/REPO/FILE", hint: "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf is one"
        )
      }
      self = .huggingFace(
        owner: String(parts[0]), repository: String(parts[1]),
        file: parts[2...].joined(separator: "/"))
    } else if text.hasPrefix("https://") || text.hasPrefix("http://") {
      guard let host = ModelSource.host(text) else {
        throw wrong("the address has no host, a name and password, a blank or a fragment")
      }
      // What comes over the network without TLS may have been changed on the way.
      if text.hasPrefix("http://"), !["127.0.0.1", "[::1]", "localhost"].contains(host) {
        throw wrong("only https is taken, but for this machine itself")
      }
      self = .url(text)
    } else if text.contains("://") {
      throw wrong("only https is taken")
    } else {
      self = .file(text)
    }
  }

  /// The address that is fetched; nil for a file of this machine.
  package var address: String? {
    switch self {
    case .file: nil
    case .url(let url): url
    case .huggingFace(let owner, let repository, let file):
      "https://huggingface.co/\(owner)/\(repository)/resolve/main/\(file)"
    }
  }

  /// The host that it is fetched from; nil for a file of this machine.
  package var host: String? { address.flatMap(ModelSource.host) }

  /// As a person writes it.
  package var text: String {
    switch self {
    case .file(let path): path
    case .url(let url): url
    case .huggingFace(let owner, let repository, let file): "hf:\(owner)/\(repository)/\(file)"
    }
  }

  /// The name of the file, without folders and what asks a server.
  package var fileName: String {
    let path = (address ?? text).prefix { $0 != "?" }
    return path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// A name for the model from that of its file; nil where nothing of it can be used.
  package var modelName: String? {
    var name = fileName.lowercased()
    if name.hasSuffix(".gguf") { name.removeLast(5) }
    // `-00001-of-00003` of a split model.
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    if parts.count > 3, parts[parts.count - 2] == "of", Int(parts[parts.count - 1]) != nil,
      Int(parts[parts.count - 3]) != nil
    {
      name = parts.dropLast(3).joined(separator: "-")
    }
    let bytes = name.utf8.map { byte -> UInt8 in
      let isGood =
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2e || byte == 0x5f
      return isGood ? byte : 0x2d
    }
    let cut = bytes.drop { $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }.prefix(63)
    return cut.isEmpty ? nil : String(decoding: cut, as: UTF8.self)
  }

  /// Whether a part of a path is a plain name.
  private static func isName(_ part: Substring) -> Bool {
    guard !part.isEmpty, part != ".", part != "..", part.utf8.count <= 255 else { return false }
    return part.utf8.allSatisfy { byte in
      (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2d
        || byte == 0x2e || byte == 0x5f
    }
  }

  /// The host of an address, without its port; nil where the address is none that is taken.
  private static func host(_ url: String) -> String? {
    if url.utf8.contains(0x20) || url.contains("#") { return nil }
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let rest = url[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    if authority.isEmpty || authority.contains("@") || rest.count == authority.count { return nil }
    if authority.hasPrefix("[") {
      return authority.firstIndex(of: "]").map { String(authority[...$0]) }
    }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }
}
