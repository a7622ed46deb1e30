internal import ArgumentParser
internal import Base
internal import Configuration
internal import Documents
internal import Operations
internal import Render

/// `tinyboxctl config`: the files in /etc/tinybox.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "What the files in /etc/tinybox set, and whether they are right.",
    discussion: """
      /etc/tinybox/tinybox.toml, then the files of /etc/tinybox/tinybox.toml.d in the order of \
      their names; later files win, key by key. Every key is in docs/configuration.md.
      """,
    subcommands: [Show.self, Check.self],
    defaultSubcommand: Show.self)

  struct Show: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "The value in force of each key, and the file and line it is set in.")
    static var documents: [PrintedDocument] { [.init(ConfigurationDocument.self)] }

    @OptionGroup var source: SourceOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let document = ConfigurationDocument(
          try ConfigurationOperations.effective(source.reader, file: source.file))
        try Output.write(
          try source.session.text(document) {
            ConfigurationTable.render(document, display.display.style)
          })
      }
    }
  }

  struct Check: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "What is wrong in the files, and what does not fit this machine.",
      discussion: """
        Every wrong key is reported; in a file that is not valid TOML, the first mistake. Nothing \
        is changed: tinyboxd keeps its settings until 'tinyboxctl daemon reload'. Exit status: 0 \
        all right, 1 something is wrong.
        """)
    static var documents: [PrintedDocument] { [.init(ConfigurationDocument.self)] }

    @OptionGroup var source: SourceOptions

    func run() throws {
      try perform { () throws(Failure) in
        let problems = try ConfigurationOperations.problems(source.reader, file: source.file)
        let document = ConfigurationDocument(problems: problems)
        try Output.write(
          try source.session.text(document) {
            problems.isEmpty
              ? ["nothing is wrong"] : problems.map { DisplayText.clean($0.description) }
          })
        if !problems.isEmpty {
          throw Failure(
            "use the configuration",
            because: problems.count == 1 ? "it has a mistake" : "it has \(problems.count) mistakes",
            hint: "every key is in docs/configuration.md", code: .failed)
        }
      }
    }
  }

  struct SourceOptions: ParsableArguments {
    @Argument(
      help: ArgumentHelp("One file in place of those in /etc/tinybox.", valueName: "file"),
      completion: .file(extensions: ["toml"]))
    var file: String?

    @Option(
      name: .long,
      help: ArgumentHelp("Replay a recording in place of this machine.", valueName: "dir|archive"),
      completion: .file())
    var sysroot: String?

    @OptionGroup var format: JSONOptions

    var reader: MachineReader { MachineReader(sysroot: sysroot) }
    var session: Session { Session(reader: reader, json: format.json) }
  }
}
