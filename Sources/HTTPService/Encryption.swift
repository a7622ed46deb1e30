package import Base
package import NIOCore
internal import Synchronization

/// Encrypts connections. Module `TLS` does; a server without it listens in clear only, and a program
/// that needs no encryption holds none.
package protocol Encryption: Sendable {
  /// Reads certificate and key, and checks that they belong together.
  /// - Throws: `Failure` that names the file.
  func session(_ files: TLSFiles) throws(Failure) -> any EncryptedSession
}

/// A certificate with its key, ready for connections.
package protocol EncryptedSession: Sendable {
  /// What encrypts one connection.
  func makeHandler() -> any ChannelHandler
}

/// What a listener encrypts with, replaceable while it serves.
final class ListenerEncryption: Sendable {
  private let current: Mutex<(any EncryptedSession)?>

  /// - Parameter session: nil for a listener that does not encrypt.
  init(_ session: (any EncryptedSession)?) { current = Mutex(session) }

  /// What the next connection uses; nil when it is not encrypted.
  var session: (any EncryptedSession)? { current.withLock { $0 } }

  /// Changes what connections use from now on.
  func use(_ session: (any EncryptedSession)?) { current.withLock { $0 = session } }
}
