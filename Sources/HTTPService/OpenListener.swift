internal import Linux
internal import NIOCore

/// A listener that is open.
struct OpenListener {
  /// As it was asked for.
  var listener: Listener
  let channel: any Channel
  let security: ListenerEncryption
  /// The file of a Unix socket: another server may have put its own there since.
  let file: FileStamp?
  let bound: BoundListener

  /// The listener that opens the same place again: the port it got, where any was asked for.
  var again: Listener {
    guard case .tcp(let host, _, let files) = listener else { return listener }
    return .tcp(host: host, port: bound.port ?? 0, tls: files)
  }

  /// Whether it has to go before the other can be opened. The kernel gives a port to one socket, and
  /// every address is each of them.
  func blocks(_ other: Listener) -> Bool {
    switch (listener, other) {
    case (.unixSocket(let path, _), .unixSocket(let wanted, _)): return path == wanted
    case (.tcp, .tcp(let host, let port, _)):
      guard port != 0, port == bound.port else { return false }
      let wanted = Listener.numeric(host)
      // Those of IPv6 leave IPv4 alone.
      guard bound.address.contains(":") == wanted.contains(":") else { return false }
      return bound.address == wanted
        || [bound.address, wanted].contains { $0 == "0.0.0.0" || $0 == "::" }
    // What was inherited could not be opened again.
    default: return false
    }
  }
}

extension Listener {
  /// Whether it is where the other is, with whatever certificates.
  func isAtPlace(of other: Listener) -> Bool {
    switch (self, other) {
    case (.inherited(let one, _), .inherited(let two, _)): one == two
    case (.tcp(let one, let port, _), .tcp(let two, let wanted, _)):
      port == wanted && Listener.numeric(one) == Listener.numeric(two)
    case (.unixSocket, .unixSocket): self == other
    default: false
    }
  }

  /// An address as the kernel writes it: `::1` for `0:0:0:0:0:0:0:1`.
  static func numeric(_ host: String) -> String {
    (try? SocketAddress(ipAddress: host, port: 0))?.ipAddress ?? host
  }
}
