package import Base

/// Something to accept connections on.
package enum Listener: Hashable, Sendable {
  /// A socket that listens already, made by systemd (sd_listen_fds(3)): Unix or TCP.
  case inherited(descriptor: Int32, tls: TLSFiles? = nil)
  /// A Unix socket at a path, with permission bits; one that is left there is replaced, one
  /// that a program listens on is not.
  case unixSocket(path: String, mode: UInt32)
  /// A port of an address, encrypted when there are TLS files. Port 0 takes any.
  case tcp(host: String, port: Int, tls: TLSFiles?)

  var tls: TLSFiles? {
    switch self {
    case .inherited(_, let files), .tcp(_, _, let files): files
    case .unixSocket: nil
    }
  }

  var isInherited: Bool { if case .inherited = self { true } else { false } }

  /// Its name in messages.
  var name: String {
    switch self {
    case .inherited(let descriptor, _): "descriptor \(descriptor)"
    case .unixSocket(let path, _): path
    case .tcp(let host, let port, _): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }
}

/// PEM files for TLS.
package struct TLSFiles: Hashable, Sendable {
  /// The certificate, and those that vouch for it after it.
  package var certificate: String
  /// Its private key.
  package var key: String

  /// A certificate and its key.
  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// What a server accepts connections on.
package struct BoundListener: Hashable, Sendable, CustomStringConvertible {
  /// The address or path.
  package var address: String
  /// The port; nil for a Unix socket.
  package var port: Int?
  /// Whether only this machine reaches it.
  package var isLoopback: Bool
  /// Whether this machine did not have the address when it was bound: nothing arrives until it does.
  package var isAwaited = false

  /// `127.0.0.1:8686`, `[::1]:8686`, or the path.
  package var description: String {
    guard let port else { return address }
    return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}

/// An error after which a server does not listen where it did before: another program took a port in
/// the moment between.
package struct LostListeners: ReasonedError {
  /// What kept the server from listening as it was asked to.
  package var cause: any Error
  /// Where it listened before and does not any more.
  package var names: [String]

  /// Why, in words.
  package var reason: String { Failure("", cause).reason }
}

extension Failure {
  /// Where a server listened before and does not any more.
  package var lostListeners: [String] { (cause as? LostListeners)?.names ?? [] }
}
