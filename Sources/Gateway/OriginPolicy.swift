internal import HTTPService

/// Which pages of a browser may ask. Bytes alone decide: names are never looked up.
enum OriginPolicy {
  /// Whether a Host means this machine itself: `localhost`, `127.x.x.x` or `[::1]`, any port. On a
  /// loopback address any other name got here through a name server that lies (DNS rebinding).
  static func isLocal(host: String?) -> Bool {
    guard let host else { return false }
    let name: Substring
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]"), isPort(host[host.index(after: end)...]) else {
        return false
      }
      return host[...end] == "[::1]"
    }
    let colon = host.firstIndex(of: ":") ?? host.endIndex
    name = host[..<colon]
    guard isPort(host[colon...]) else { return false }
    if name.lowercased() == "localhost" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { 48...57 ~= $0 } && UInt8(part) != nil
      }
  }

  /// Nothing, or a colon and digits.
  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || (text.first == ":" && text.dropFirst().utf8.allSatisfy { 48...57 ~= $0 })
  }

  /// Whether a request comes from a page of this gateway, or from no page. Browsers send Origin
  /// with everything that one page does to another.
  static func isOurs(_ request: HTTPRequest, isEncrypted: Bool) -> Bool {
    let origins = request.headers.values("Origin")
    if origins.isEmpty { return true }
    guard origins.count == 1, let host = request.headers["Host"] else { return false }
    return origins[0].lowercased() == "\(isEncrypted ? "https" : "http")://\(host.lowercased())"
  }

  /// The origin of another site that the owner allows; nil for any other.
  static func allowed(_ request: HTTPRequest, _ origins: Set<String>) -> String? {
    let shown = request.headers.values("Origin")
    guard shown.count == 1, origins.contains(shown[0].lowercased()) else { return nil }
    return shown[0]
  }
}
