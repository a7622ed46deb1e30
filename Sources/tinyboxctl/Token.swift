import ArgumentParser
internal import Base
import Commands

struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Tokens with which the gateway lets readers in over the network.",
    discussion: """
      Needed on every address of tinybox-gateway that is not a loopback address. A token is shown \
      once, when it is made; only a hash of it is kept, in /etc/tinybox/gateway.tokens. A revoked \
      one is worth nothing at once. Tokens only read: nothing on the network changes the machine.
      """,
    subcommands: [Create.self, List.self, Revoke.self],
    defaultSubcommand: List.self)

  /// For tests: a machine has one file.
  struct FileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The file of tokens.", visibility: .hidden))
    var tokens: String?
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token and print it, this once.")
    @Argument(help: ArgumentHelp("What or whom it is for.", valueName: "name"))
    var name: String
    @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
    var json = false
    @OptionGroup var file: FileOption
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try TokenCommand(json: json, file: file.tokens).create(name))
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "The tokens there are: id, time and name.")
    @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
    var json = false
    @OptionGroup var file: FileOption
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try TokenCommand(json: json, file: file.tokens).list())
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke",
      abstract: "Take a token back, and the sessions of browsers that began with it.")
    @Argument(help: ArgumentHelp("Its id, as 'list' shows it.", valueName: "id"))
    var id: String
    @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
    var json = false
    @OptionGroup var file: FileOption
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try TokenCommand(json: json, file: file.tokens).revoke(id))
      }
    }
  }
}
