internal import Crypto
internal import FoundationEssentials
internal import Synchronization
internal import Vendor

/// The file of tokens: one a line, as JSON.
public final class TokenStore: Sendable {
  /// Where it is.
  public static let path = "/etc/tinybox/gateway.tokens"
  /// Who may read it besides root.
  public static let group = "tinybox-gateway"
  /// Tokens in it at most.
  public static let capacity = 1000

  /// The file this store is about.
  public let path: String
  private let cache = Mutex(Cache())

  private struct Cache {
    var stamp: FileStamp?
    var tokens: [Token] = []
  }

  /// What went wrong.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, cause: String)
    /// A line of it is no token.
    case malformed(path: String, line: Int)
    /// It cannot be written.
    case unwritable(path: String, cause: String)
    /// Another program changes it.
    case busy(path: String)
    /// The kernel gives no random numbers.
    case noRandomness(String)
    /// No such name is allowed.
    case badName(String)
    /// There is a token of this name.
    case nameTaken(String)
    /// There is no token of this id.
    case noSuchToken(String)
    /// There are as many as there may be.
    case full(Int)

    /// In words.
    public var description: String {
      switch self {
      case .unreadable(let path, let cause): "read \(path): \(cause)"
      case .malformed(let path, let line): "read \(path): line \(line) is no token"
      case .unwritable(let path, let cause): "write \(path): \(cause)"
      case .busy(let path): "lock \(path): another program changes it"
      case .noRandomness(let cause): cause
      case .badName: "a name has 1 to 64 printable characters"
      case .nameTaken(let name): "there is a token named \(name)"
      case .noSuchToken(let id): "there is no token \(id)"
      case .full(let count): "there are \(count) tokens already"
      }
    }
  }

  /// A store; the file need not be there.
  public init(path: String = TokenStore.path) { self.path = path }

  // MARK: For the owner

  /// Makes a token.
  /// - Returns: what is remembered, and the text, which cannot be had again.
  public func create(name: String) throws(Failure) -> (token: Token, text: String) {
    guard Token.isName(name) else { throw .badName(name) }
    let lock = try lock()
    defer { withExtendedLifetime(lock) {} }
    var tokens = try list()
    guard !tokens.contains(where: { $0.name == name }) else { throw .nameTaken(name) }
    guard tokens.count < TokenStore.capacity else { throw .full(tokens.count) }
    let text = try newText(besides: tokens)
    let token = Token(id: text.id, name: name, created: Clock.utc(), sha256: text.hash)
    tokens.append(token)
    try write(tokens)
    return (token, text.text)
  }

  private func newText(besides tokens: [Token]) throws(Failure) -> TokenText {
    do throws(SystemError) {
      while true {
        let text = try TokenText()
        if !tokens.contains(where: { $0.id == text.id }) { return text }
      }
    } catch {
      throw .noRandomness(error.description)
    }
  }

  /// All tokens, in the order they were made; none when there is no file.
  public func list() throws(Failure) -> [Token] {
    try read()?.tokens ?? []
  }

  /// Takes a token back; it is worth nothing from now on.
  @discardableResult
  public func revoke(id: String) throws(Failure) -> Token {
    let lock = try lock()
    defer { withExtendedLifetime(lock) {} }
    var tokens = try list()
    guard let index = tokens.firstIndex(where: { $0.id == id }) else { throw .noSuchToken(id) }
    let token = tokens.remove(at: index)
    try write(tokens)
    return token
  }

  // MARK: For the gateway

  /// The token whose text this is; nil when it is none, was taken back, or the file cannot be read.
  public func check(_ text: String) -> Token? {
    guard let shown = TokenText(text) else { return nil }
    let hash = Array(shown.hash.utf8)
    // Every token is looked at whole, so that the time tells nothing of any.
    var found: Token?
    for token in current() {
      let isSame =
        TokenStore.isSame(Array(token.sha256.utf8), hash)
        && TokenStore.isSame(Array(token.id.utf8), Array(shown.id.utf8))
      if isSame { found = token }
    }
    return found
  }

  /// Whether a token still is worth something.
  public func isValid(_ token: Token) -> Bool { current().contains(token) }

  /// The tokens of the file as it is now, from memory while it has not changed.
  private func current() -> [Token] {
    cache.withLock { cache in
      let stamp = try? StampedFile.stamp(path)
      if let stamp, stamp == cache.stamp { return cache.tokens }
      // Not to be read is nobody gets in, and so is a line that is none.
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
    do throws(CallFailure) {
      file = try StampedFile.read(path, limit: 1 << 20)
    } catch {
      if error.isNotFound { return nil }
      throw .unreadable(path: path, cause: error.meaning)
    }
    var tokens: [Token] = []
    let lines = file.bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      guard let token = try? JSONDecoder().decode(Token.self, from: Data(line)) else {
        throw .malformed(path: path, line: number + 1)
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
        throw .unwritable(path: path, cause: "a token is no JSON")
      }
      bytes += line + [0x0a]
    }
    do throws(SystemError) {
      try DurableFile.write(
        bytes, to: path,
        access: DurableFile.Access(
          mode: 0o640, group: UserDatabase.groupID(named: TokenStore.group)))
    } catch {
      throw .unwritable(path: path, cause: error.description)
    }
  }

  private func lock() throws(Failure) -> FileLock {
    do throws(CallFailure) {
      return try FileLock(path + ".lock")
    } catch {
      throw error.isWouldBlock
        ? .busy(path: path) : .unwritable(path: path, cause: error.meaning)
    }
  }
}
