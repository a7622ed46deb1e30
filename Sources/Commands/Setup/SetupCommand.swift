internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import Setup

/// `tinyboxctl setup`: the first boot.
struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup", abstract: "Set the machine up from a file of answers.",
    discussion: """
      The answers are the credential tinybox.setup, or else /etc/tinybox/setup.toml: every key is in \
      docs/configuration.md, and docs/setup.md has an example. 'ask' asks for them, and 'stick' copies them from a USB \
      stick, as a boot does before set-up was complete. Answers for single boxes stand in [box."SERIAL"], so \
      that one file serves many. tinybox-setup.service runs it at every boot until all is done; without \
      answers it does not start, and nothing is changed.
      """,
    subcommands: [
      SetupStatusCommand.self, SetupValidateCommand.self, SetupRunCommand.self,
      SetupRetryCommand.self, SetupStickCommand.self, SetupAskCommand.self,
    ],
    defaultSubcommand: SetupStatusCommand.self)
}

/// Where set-up writes; a machine has one place.
struct SetupPlaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Below another root folder.", visibility: .hidden))
  var root: String?

  /// Set-up for who changes the machine.
  func setup(answers: String?, for step: String) throws(Failure) -> SetupOperations {
    if root == nil, !CallingUser.isRoot {
      throw Failure(step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
    return SetupOperations(root: root ?? "", file: answers)
  }

  /// The machine, with a line of progress.
  var machine: LiveSetupMachine { LiveSetupMachine(root: root ?? "") { Output.progress($0) } }
}

/// The file of answers.
struct SetupAnswersOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Answers in place of the credential tinybox.setup and /etc/tinybox/setup.toml.",
      valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var answers: String?
}

/// `tinyboxctl setup status`.
struct SetupStatusCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How far it is, and what to do where it stopped. Root only.",
    discussion: "Exit status: 0 ready, running or not begun; 1 a stage failed.")
  static var documents: [PrintedDocument] { [.init(SetupStatus.self)] }

  @OptionGroup var format: JSONOptions
  @OptionGroup var place: SetupPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      let status = try SetupOperations(root: place.root ?? "").status()
      try Output.write(
        try Session(json: format.json).text(status) { SetupText.lines(status) })
      if status.state == .failed { throw SetupText.failure(status) }
    }
  }
}

/// `tinyboxctl setup run`.
struct SetupRunCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the stages that are not done. Root only.",
    discussion: """
      What a stage is about to do is on the disk before it does it: what was interrupted, by a power cut too, is \
      finished by the next run. A stage that fails says why and what to do; those that do not need it go on. With \
      other answers every stage is looked at anew, and what is right already stays as it is. \
      Exit status: 0 ready, 1 a stage failed or the answers are wrong.
      """)
  static var documents: [PrintedDocument] {
    [
      .init(SetupStatus.self), .init(SetupPlanDocument.self, arguments: "--dry-run"),
    ]
  }

  @Flag(name: .customLong("dry-run"), help: "Show what each stage would do, and change nothing.")
  var dryRun = false
  @Flag(
    help: ArgumentHelp("Succeed where there are no answers, as at boot.", visibility: .hidden))
  var boot = false
  @OptionGroup var answers: SetupAnswersOptions
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: SetupPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      let setup = try place.setup(answers: answers.answers, for: "set the box up")
      guard let answers = try setup.answers() else {
        if boot { return Output.note("there are no answers: nothing is changed") }
        throw SetupText.noAnswers
      }
      if dryRun {
        let document = SetupPlanDocument(try setup.plan(answers, place.machine))
        Output.endProgress()
        return try Output.write(
          try Session(json: format.json).text(document) { document.lines })
      }
      try SetupText.run(setup, answers, place, format, retrying: nil)
    }
  }
}

/// `tinyboxctl setup retry`.
struct SetupRetryCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Begin a stage anew, then run the others. Root only.",
    discussion: """
      What a stage began that is not done is taken back first; a stage that is done is done once more. \
      Stages: \(SetupStage.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  static var documents: [PrintedDocument] { [.init(SetupStatus.self)] }

  @Argument(
    help: "The stage.", completion: .list(SetupStage.allCases.map(\.rawValue)))
  var stage: String
  @OptionGroup var answers: SetupAnswersOptions
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: SetupPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      let stages = SetupStage.allCases.map(\.rawValue)
      guard let stage = SetupStage(rawValue: stage) else {
        let nearest = NearestWord.find(stage, in: stages).map { "did you mean '\($0)'?" }
        throw Failure(
          "retry '\(stage)'", because: "there is no such stage",
          hint: nearest ?? "there are \(stages.joined(separator: ", "))", code: .usage)
      }
      let setup = try place.setup(answers: answers.answers, for: "set the box up")
      guard let answers = try setup.answers() else { throw SetupText.noAnswers }
      try SetupText.run(setup, answers, place, format, retrying: stage)
    }
  }
}
