import ArgumentParser
internal import Base
import Commands

struct DaemonArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon",
    abstract: "What tinyboxd is doing: mode, sources of change, contested settings.",
    subcommands: [Show.self, Reload.self],
    defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Version, mode, what it watches and what it counted.")

    @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
    var json = false
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try DaemonCommand(json: json).text(display.display))
      }
    }
  }

  struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reload",
      abstract: "Let it read /etc/tinybox again. Root and group tinybox-admin only.")

    @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
    var json = false
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try DaemonCommand(json: json).reload(display.display))
      }
    }
  }
}
