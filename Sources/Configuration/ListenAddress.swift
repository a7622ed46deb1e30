internal import Base

/// An address and a port of TCP.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 or IPv6 address, without brackets.
  public var host: String
  /// The port.
  public var port: Int

  /// An address with its port.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// From `127.0.0.1:8686` or `[::1]:8686`; nil for anything else. Names are refused: what they
  /// stand for is decided elsewhere, and may change.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      port > 0
    else { return nil }
    let digits = text[text.index(after: colon)...]
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.contains(":"), host.utf8.allSatisfy({ ListenAddress.isIPv6($0) }) else {
        return nil
      }
    } else {
      let parts = host.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4, parts.allSatisfy({ UInt8($0) != nil && !$0.hasPrefix("+") }) else {
        return nil
      }
    }
    if digits.hasPrefix("+") { return nil }
    self.init(host: String(host), port: Int(port))
  }

  private static func isIPv6(_ byte: UInt8) -> Bool {
    ASCII.hexDigit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
  }

  /// Whether only this machine reaches it: `127.0.0.0/8` or `::1`.
  public var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

  /// As it is written in the configuration.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
