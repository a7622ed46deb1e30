package import Base
internal import FoundationEssentials
internal import Linux
internal import Synchronization

/// Sessions of browsers that showed a token once, in memory: gone with the process.
package final class Sessions: Sendable {
  /// How long one holds, seconds.
  package static let seconds = 12 * 3600
  /// How many there are at most; the oldest goes.
  package static let capacity = 1000

  private struct Session {
    var token: Token
    var expires: Double
  }

  private let store: TokenStore
  private let sessions = Mutex<[[UInt8]: Session]>([:])

  /// No sessions; each holds for as long as its token is in the store.
  package init(store: TokenStore) { self.store = store }

  /// Begins a session.
  /// - Returns: its id, a secret.
  /// - Throws: `Failure` when the kernel gives no random numbers.
  package func begin(_ token: Token) throws(Failure) -> String {
    let id = Base64URL.text(try RandomBytes.make(32))
    let now = Clock.seconds()
    sessions.withLock { sessions in
      if sessions.count >= Sessions.capacity {
        sessions = sessions.filter { $0.value.expires > now }
      }
      if sessions.count >= Sessions.capacity,
        let oldest = sessions.min(by: { $0.value.expires < $1.value.expires })
      {
        sessions[oldest.key] = nil
      }
      sessions[Sessions.key(id)] = Session(token: token, expires: now + Double(Sessions.seconds))
    }
    return id
  }

  /// The token behind a session; nil when there is no such session any more.
  package func check(_ id: String) -> Token? {
    let key = Sessions.key(id)
    guard let session = sessions.withLock({ $0[key] }) else { return nil }
    guard session.expires > Clock.seconds(), store.isValid(session.token) else {
      sessions.withLock { $0[key] = nil }
      return nil
    }
    return session.token
  }

  package func end(_ id: String) { sessions.withLock { $0[Sessions.key(id)] = nil } }

  /// Looked up by its hash, so that the time of a look-up does not depend on the ids there are.
  private static func key(_ id: String) -> [UInt8] {
    SHA256.hash(id.utf8)
  }
}
