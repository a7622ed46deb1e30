package import Base
internal import FoundationEssentials
internal import Linux
internal import Synchronization

/// The file of tokens: one a line, as JSON.
package final class TokenStore: Sendable {
  /// Where it is.
  package static let path = "/etc/tinybox/gateway.tokens"
  /// Who may read it besides root.
  package static let group = "tinybox-gateway"
  /// Tokens in it at most.
  package static let capacity = 1000

  /// The file this store is about.
  package let path: String
  private let cache = Mutex(Cache())

  private struct Cache {
    var stamp: FileStamp?
    var tokens: [Token] = []
  }

  /// A store; the file need not be there.
  package init(path: String = TokenStore.path) { self.path = path }

  // MARK: For the owner

  /// Makes a token.
  /// - Parameter scopes: what it is for.
  /// - Returns: what is remembered, and the text, which cannot be had again.
  /// - Throws: `Failure` with a `TokenError`, or what kept the file from being read or written.
  package func create(
    name: String, for scopes: [TokenScope] = [.read]
  ) throws(Failure) -> (token: Token, text: String) {
    try doing("create the token") { () throws(Failure) in
      guard Token.isName(name) else { throw TokenStore.failure(.badName, code: .usage) }
      let lock = try lock()
      defer { withExtendedLifetime(lock) {} }
      var tokens = try read()?.tokens ?? []
      guard !tokens.contains(where: { $0.name == name }) else {
        throw TokenStore.failure(.nameTaken(name))
      }
      guard tokens.count < TokenStore.capacity else {
        throw TokenStore.failure(.full(tokens.count))
      }
      let text = try newText(besides: tokens)
      // Left out for reading, so that an older program takes the file.
      let token = Token(
        id: text.id, name: name, created: Clock.utc(), sha256: text.hash,
        scopes: scopes == [.read] ? nil : scopes.map(\.rawValue))
      tokens.append(token)
      try write(tokens)
      return (token, text.text)
    }
  }

  private func newText(besides tokens: [Token]) throws(Failure) -> TokenText {
    while true {
      let text = try TokenText()
      if !tokens.contains(where: { $0.id == text.id }) { return text }
    }
  }

  /// All tokens, in the order they were made; none when there is no file.
  package func list() throws(Failure) -> [Token] {
    try doing("list the tokens") { () throws(Failure) in try read()?.tokens ?? [] }
  }

  /// Revokes a token at once.
  @discardableResult
  package func revoke(id: String) throws(Failure) -> Token {
    try doing("revoke the token '\(id)'") { () throws(Failure) in
      let lock = try lock()
      defer { withExtendedLifetime(lock) {} }
      var tokens = try read()?.tokens ?? []
      guard let index = tokens.firstIndex(where: { $0.id == id }) else {
        throw TokenStore.failure(.noSuchToken(id))
      }
      let token = tokens.remove(at: index)
      try write(tokens)
      return token
    }
  }

  /// A failure without a step: it takes that of the whole.
  private static func failure(_ error: TokenError, code: Failure.Code = .failed) -> Failure {
    Failure("", error, hint: error.hint, code: code)
  }

  /// Puts the step of the whole before what failed in it.
  private func doing<Value>(
    _ step: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      if error.step.isEmpty {
        throw Failure(step, error.cause, hint: error.hint, code: error.code)
      }
      throw Failure(step, error, code: error.code)
    }
  }

  // MARK: For the gateway

  /// The token whose text this is; nil when it is none, was taken back, or the file cannot be read.
  package func check(_ text: String) -> Token? {
    guard let shown = TokenText(text) else { return nil }
    let hash = Array(shown.hash.utf8)
    // Every token is compared whole, so that the time does not depend on any.
    var found: Token?
    for token in current() {
      let isSame =
        TokenStore.isSame(Array(token.sha256.utf8), hash)
        && TokenStore.isSame(Array(token.id.utf8), Array(shown.id.utf8))
      if isSame { found = token }
    }
    return found
  }

  /// Whether a token is still valid.
  package func isValid(_ token: Token) -> Bool { current().contains(token) }

  /// The tokens of the file as it is now, from memory while it has not changed.
  private func current() -> [Token] {
    cache.withLock { cache in
      let stamp = try? StampedFile.stamp(path)
      if let stamp, stamp == cache.stamp { return cache.tokens }
      // A file that cannot be read lets nobody in, and neither does one with a malformed line.
      guard stamp != nil, let read = try? read() else {
        cache = Cache()
        return []
      }
      cache = Cache(stamp: read.stamp, tokens: read.tokens)
      return cache.tokens
    }
  }

  private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  // MARK: The file

  private func read() throws(Failure) -> (tokens: [Token], stamp: FileStamp)? {
    let file: StampedFile
    do throws(Errno) {
      file = try StampedFile.read(path, limit: 1 << 20)
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(path)", error)
    }
    var tokens: [Token] = []
    let lines = file.bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      guard let token = try? JSONDecoder().decode(Token.self, from: Data(line)) else {
        let error = TokenError.malformed(line: number + 1)
        throw Failure("read \(path)", error, hint: error.hint)
      }
      tokens.append(token)
    }
    return (tokens, file.stamp)
  }

  private func write(_ tokens: [Token]) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes: [UInt8] = []
    for token in tokens {
      guard let line = try? encoder.encode(token) else {
        throw Failure("write \(path)", because: "a token is no JSON")
      }
      bytes += line + [0x0a]
    }
    do throws(Failure) {
      try DurableFile.write(
        bytes, to: path,
        access: DurableFile.Access(
          mode: 0o640, group: UserDatabase.groupID(named: TokenStore.group)))
    } catch {
      throw Failure("write \(path)", error)
    }
  }

  private func lock() throws(Failure) -> FileLock {
    do throws(Errno) {
      return try FileLock(path + ".lock")
    } catch {
      guard error == .EAGAIN else { throw Failure("write \(path)", error) }
      throw Failure("lock \(path)", TokenError.busy, hint: TokenError.busy.hint, code: .busy)
    }
  }
}
