public import Base
internal import Linux
internal import Tokens

/// `tinyboxctl token`: who may read over the network.
public struct TokenCommand: Sendable {
  /// Print JSON.
  public var json: Bool
  private let store: TokenStore
  private let needsRoot: Bool

  /// The command.
  /// - Parameter file: a file of tokens in place of that of this machine, which is root's.
  public init(json: Bool, file: String? = nil) {
    self.json = json
    store = TokenStore(path: file ?? TokenStore.path)
    needsRoot = file == nil
  }

  /// A new token, as `--json` prints it.
  struct Created: Codable {
    /// `tinybox.token/1`.
    var schema = "tinybox.token/1"
    /// What `token revoke` takes.
    var id: String
    /// The name it was given.
    var name: String
    /// When it was made: UTC, RFC 3339.
    var created: String
    /// The token itself, told this once.
    var token: String
  }

  /// All tokens, as `--json` prints them.
  struct Listed: Codable {
    /// A token without its secret.
    struct Token: Codable {
      /// What `token revoke` takes.
      var id: String
      /// The name it was given.
      var name: String
      /// When it was made: UTC, RFC 3339.
      var created: String
    }
    /// `tinybox.tokens/1`.
    var schema = "tinybox.tokens/1"
    /// The tokens, the oldest first.
    var tokens: [Token]
  }

  /// Makes a token. The text of it is in what comes back, and nowhere else.
  public func create(_ name: String) throws(Failure) -> String {
    try requireRoot("create the token")
    let (token, text) = try store.create(name: name)
    if json {
      return try JSONOutput.text(
        Created(id: token.id, name: token.name, created: token.created, token: text))
    }
    return """
      \(text)

      It reads everything that the gateway serves. It is not kept here and cannot be shown again;
      'tinyboxctl token revoke \(token.id)' takes it back.

      """
  }

  /// The tokens there are.
  public func list() throws(Failure) -> String {
    try requireRoot("list the tokens")
    let tokens = try store.list()
    if json {
      return try JSONOutput.text(
        Listed(tokens: tokens.map { .init(id: $0.id, name: $0.name, created: $0.created) }))
    }
    if tokens.isEmpty { return "there are no tokens: 'tinyboxctl token create NAME' makes one\n" }
    return tokens.map { "\($0.id)  \($0.created)  \($0.name)\n" }.joined()
  }

  /// Takes a token back.
  public func revoke(_ id: String) throws(Failure) -> String {
    try requireRoot("revoke the token '\(id)'")
    let token = try store.revoke(id: id)
    if json {
      return try JSONOutput.text(
        Listed(tokens: [.init(id: token.id, name: token.name, created: token.created)]))
    }
    return "token \(token.id) (\(token.name)) is worth nothing any more\n"
  }

  private func requireRoot(_ step: String) throws(Failure) {
    if needsRoot, !Terminal.isRoot {
      throw Failure(step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
  }
}
