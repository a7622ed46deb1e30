internal import ArgumentParser
internal import Base
internal import Configuration
internal import Linux
internal import Operations
internal import Render
internal import Setup

/// `tinyboxctl setup ask`.
struct SetupAskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Ask for the answers, and write them to a file.",
    discussion: """
      It asks for what matters: name of the host, keys of SSH, number of GPUs, model. Each answer is checked at once, \
      as by 'tinyboxctl setup validate'. An empty line takes what is in brackets. Before anything is written the whole \
      file is shown. Ctrl-C and the end of input write nothing. It changes nothing but the file: 'tinyboxctl setup \
      run' uses it. Exit status: 0 written, 1 not written, 64 not on a terminal.
      """)

  @Option(
    help: ArgumentHelp("Where the answers are written.", valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var file: String?
  @OptionGroup var place: SetupPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      guard Terminal.isTerminal(0), Terminal.isTerminal(2) else {
        throw Failure(
          "ask for the answers", because: "input and errors are no terminal",
          hint:
            "docs/setup.md has an example of the file, to be written by hand",
          code: .usage)
      }
      let path = file ?? (place.root ?? "") + SetupFile.main
      if file == nil, place.root == nil, !CallingUser.isRoot {
        throw Failure(
          "write \(path)", because: "only root may", hint: "run it with sudo, or name a --file",
          code: .notPermitted)
      }
      Output.progress("looking at the machine")
      let facts = SetupAskOperations(root: place.root ?? "").facts()
      Output.endProgress()
      let talk = SetupTalk(read: { readLine() }, show: { try? Terminal.write($0, to: 2) })
      let text = try talk.ask(
        SetupInterview(
          facts, problems: SetupAnswerOperations.problems, file: SetupAskOperations.text),
        path: path, exists: SetupAskOperations.exists(path))
      try SetupAskOperations.write(text, to: path)
      talk.show(
        "written to \(DisplayText.clean(path)); 'sudo tinyboxctl setup run\(answersOption)' uses it\n"
      )
    }
  }

  /// A file elsewhere has to be named.
  private var answersOption: String { file.map { " --answers \(DisplayText.clean($0))" } ?? "" }
}

/// The talk with a person: lines in, lines out.
struct SetupTalk {
  /// The next line; nil at the end of input.
  let read: () -> String?
  let show: (String) -> Void

  /// Asks until all is answered and the file is agreed to.
  /// - Returns: the text of the file.
  /// - Throws: `Failure` where input ends, or the person does not agree.
  func ask(
    _ interview: SetupInterview, path: String, exists: Bool
  ) throws(Failure) -> String {
    var interview = interview
    show("An empty line takes what is in brackets. Ctrl-C ends it, and nothing is written.\n")
    while interview.question != nil {
      let proposal = interview.proposal.map { "[\($0)] " } ?? ""
      let lines = interview.lines.map { DisplayText.clean($0) + "\n" }.joined()
      show("\n" + lines + DisplayText.clean(proposal) + "> ")
      for problem in interview.answer(try line()) { show(DisplayText.clean(problem) + "\n") }
    }
    show(
      "\n"
        + interview.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
          line.isEmpty ? "\n" : "  \(DisplayText.clean(String(line)))\n"
        }.joined())
    let question = exists ? "Replace \(path) by it" : "Write it to \(path)"
    while true {
      show("\(DisplayText.clean(question)) (yes or no)? ")
      switch SetupInterview.yesOrNo(try line()) {
      case true: return interview.text
      case false:
        throw Failure("write \(path)", because: "it was not agreed to; nothing is written")
      default: continue
      }
    }
  }

  private func line() throws(Failure) -> String {
    guard let line = read() else {
      show("\n")
      throw Failure("ask for the answers", because: "input ended; nothing is written")
    }
    return line
  }
}
