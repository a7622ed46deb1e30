internal import ArgumentParser
internal import Base
internal import Linux
internal import Tokens

/// `tinyboxctl token`: who may read, and use models, over the network.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Tokens for access to the gateway over the network.",
    discussion: """
      A request to tinybox-gateway needs a token on every address that is not a loopback address. \
      A token is shown once, when it is created; only a hash of it is kept, in \
      /etc/tinybox/gateway.tokens. A revoked token is refused at once. A token reads, or uses models with \
      '--for models': nothing on the network changes the machine.
      """,
    subcommands: [Create.self, List.self, Revoke.self],
    defaultSubcommand: List.self)

  struct Create: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Create a token and print it once.")
    static var documents: [PrintedDocument] { [.init(Created.self)] }

    @Argument(help: ArgumentHelp("The user or program it is for.", valueName: "name"))
    var name: String
    @Option(
      name: .customLong("for"),
      help: ArgumentHelp(
        "What it is for: 'read' for what the gateway serves of the machine, 'models' for hosted models. "
          + "May be given twice.", valueName: "scope"))
    var scopes: [TokenScope] = [.read]
    @OptionGroup var format: JSONOptions
    @OptionGroup var file: FileOption

    func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

    func text() throws(Failure) -> String {
      let wanted = TokenScope.allCases.filter(scopes.contains)
      let (token, text) = try file.store(for: "create the token").create(name: name, for: wanted)
      if format.json {
        return try JSON.text(
          Created(
            id: token.id, name: token.name, created: token.created,
            scopes: wanted.map(\.rawValue), token: text))
      }
      let use = [
        wanted.contains(.read) ? "reads everything that the gateway serves of the machine" : nil,
        wanted.contains(.models) ? "uses its models" : nil,
      ].compactMap { $0 }.joined(separator: " and ")
      return """
        \(text)

        It \(use). It is not kept here and cannot be shown again;
        'tinyboxctl token revoke \(token.id)' revokes it.

        """
    }
  }

  struct List: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the tokens: id, time and name.")
    static var documents: [PrintedDocument] { [.init(Listed.self)] }

    @OptionGroup var format: JSONOptions
    @OptionGroup var file: FileOption

    func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

    func text() throws(Failure) -> String {
      let tokens = try file.store(for: "list the tokens").list()
      if format.json { return try JSON.text(Listed(tokens: tokens.map(Listed.Entry.init))) }
      if tokens.isEmpty {
        return "there are no tokens: 'tinyboxctl token create NAME' makes one\n"
      }
      return tokens.map { token in
        let use =
          Listed.Entry.scopes(token) == ["read"]
          ? "" : "  (\(Listed.Entry.scopes(token).joined(separator: ", ")))"
        return "\(token.id)  \(token.created)  \(token.name)\(use)\n"
      }.joined()
    }
  }

  struct Revoke: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "revoke",
      abstract: "Revoke a token, and end the browser sessions that began with it.")
    static var documents: [PrintedDocument] {
      [.init(Listed.self, remark: "the revoked token")]
    }

    @Argument(help: ArgumentHelp("Its id, as 'list' shows it.", valueName: "id"))
    var id: String
    @OptionGroup var format: JSONOptions
    @OptionGroup var file: FileOption

    func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

    func text() throws(Failure) -> String {
      let token = try file.store(for: "revoke the token '\(id)'").revoke(id: id)
      if format.json { return try JSON.text(Listed(tokens: [Listed.Entry(token)])) }
      return "token \(token.id) (\(token.name)) is revoked\n"
    }
  }

  /// For tests: a machine has one file.
  struct FileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The file of tokens.", visibility: .hidden))
    var tokens: String?

    /// The tokens of this machine, which are root's, or of the file.
    fileprivate func store(for step: String) throws(Failure) -> TokenStore {
      if tokens == nil, !CallingUser.isRoot {
        throw Failure(
          step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
      }
      return TokenStore(path: tokens ?? TokenStore.path)
    }
  }

  // MARK: JSON

  /// A new token.
  struct Created: VersionedDocument {
    /// `tinybox.token/1`.
    var schema = Created.currentSchema
    static let currentSchema = "tinybox.token/1"
    /// What `token revoke` takes.
    var id: String
    /// The name it was given.
    var name: String
    /// When it was made: UTC, RFC 3339.
    var created: String
    /// What it is for: `read`, `models`.
    var scopes: [String]
    /// The token itself, shown this once.
    var token: String
  }

  /// All tokens.
  struct Listed: VersionedDocument {
    /// A token without its secret.
    struct Entry: Encodable {
      /// What `token revoke` takes.
      var id: String
      /// The name it was given.
      var name: String
      /// When it was made: UTC, RFC 3339.
      var created: String
      /// What it is for: `read`, `models`.
      var scopes: [String]

      init(_ token: Token) {
        id = token.id
        name = token.name
        created = token.created
        scopes = Entry.scopes(token)
      }

      static func scopes(_ token: Token) -> [String] {
        token.scopes ?? [TokenScope.read.rawValue]
      }
    }
    /// `tinybox.tokens/1`.
    var schema = Listed.currentSchema
    static let currentSchema = "tinybox.tokens/1"
    /// The tokens, the oldest first.
    var tokens: [Entry]
  }
}

extension TokenScope: ExpressibleByArgument {}
