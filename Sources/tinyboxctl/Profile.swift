import ArgumentParser
internal import Base
import Commands

struct ProfileArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "What this box should have: learned when it was well, or declared.",
    discussion: """
      'tinyboxctl check' holds the box against its profile: devices that should be there, links \
      their slots should give, memory, cores. Without one only physics is held against it. The \
      format is in docs/profiles.md.
      """,
    subcommands: [List.self, Show.self, Learn.self, Use.self, Forget.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Profiles that come with tinybox, and which one is in force.")
    @OptionGroup var reading: ReadingOptions
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try ProfileCommand(session: reading.session).list())
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a profile as JSON; the one in force without a name.")
    @OptionGroup var reading: ReadingOptions
    @Argument(help: ArgumentHelp("A profile, or a file.", valueName: "name|file"))
    var name: String?
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try ProfileCommand(session: reading.session).show(name))
      }
    }
  }

  struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "learn",
      abstract: "Remember what the box has now, for 'tinyboxctl check' to hold it against.",
      discussion: """
        Refused while a check fails. Links are remembered as what the slot and the card can do \
        together, not what they run at now: an idle GPU lowers its link.
        """)
    @OptionGroup var reading: ReadingOptions
    @Option(help: ArgumentHelp("Name of the profile.", valueName: "name"))
    var name = "this-box"
    @Flag(help: "Replace the profile in force.")
    var replace = false
    @Option(
      help: ArgumentHelp("Write it to a file instead of putting it into force.", valueName: "file"),
      completion: .file(extensions: ["json"]))
    var output: String?
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(
          try ProfileCommand(session: reading.session)
            .learn(name: name, replace: replace, output: output))
      }
    }
  }

  struct Use: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "use", abstract: "Put a shipped profile, or one in a file, into force.")
    @Argument(help: ArgumentHelp("A profile, or a file.", valueName: "name|file"))
    var name: String
    @Flag(help: "Replace the profile in force.")
    var replace = false
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try ProfileCommand(session: Session()).use(name, replace: replace))
      }
    }
  }

  struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forget", abstract: "Remove the profile in force.")
    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try ProfileCommand(session: Session()).forget())
      }
    }
  }
}
