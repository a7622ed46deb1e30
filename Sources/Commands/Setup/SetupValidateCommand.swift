internal import ArgumentParser
internal import Base
internal import Configuration
internal import Operations
internal import Render
internal import Setup

/// `tinyboxctl setup validate`.
struct SetupValidateCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "What is wrong in a file of answers.",
    discussion: """
      Every wrong key and value is reported with its line, and with the key that may have been meant; in a file \
      that is not valid TOML, the first mistake. The machine is not looked at: a file may be made for another one. \
      Exit status: 0 all right, 1 something is wrong, 64 the file cannot be read.
      """)
  static var documents: [PrintedDocument] { [.init(SetupAnswersDocument.self)] }

  @Argument(
    help: ArgumentHelp("The file of answers.", valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var file: String
  @OptionGroup var format: JSONOptions

  func run() throws {
    try perform { () throws(Failure) in
      let document = SetupAnswersDocument(try SetupAnswerOperations.read(file), file: file)
      try Output.write(try Session(json: format.json).text(document) { document.lines })
      if !document.problems.isEmpty {
        let count = document.problems.count
        throw Failure(
          "use the answers",
          because: count == 1 ? "there is a mistake" : "there are \(count) mistakes",
          hint: "every key is in docs/configuration.md")
      }
    }
  }
}

/// A file of answers, as `tinyboxctl setup validate --json` prints it.
struct SetupAnswersDocument: VersionedDocument {
  /// `tinybox.setup-answers/1`.
  var schema = SetupAnswersDocument.currentSchema
  static let currentSchema = "tinybox.setup-answers/1"
  /// The file.
  var file: String
  /// Serial numbers of the boxes that have a section of their own; empty where all boxes have the same answers, and where something is wrong.
  var boxes: [String]
  /// What is wrong, in the order of lines.
  var problems: [Problem]

  /// Something wrong with a file of answers.
  struct Problem: Encodable {
    /// The line, the first being 1; absent when the file as a whole is meant.
    var line: Int?
    /// The key, with its table.
    var key: String?
    /// What is wrong, and what would be right.
    var message: String
  }

  init(_ result: Result<SetupFile, ConfigurationFailure>, file: String) {
    self.file = file
    switch result {
    case .success(let answers):
      boxes = answers.boxes.map(\.serial)
      problems = []
    case .failure(let failure):
      boxes = []
      problems = failure.problems.map {
        Problem(line: $0.line, key: $0.key, message: $0.message)
      }
    }
  }

  /// For a person.
  var lines: [String] {
    if problems.isEmpty {
      return [
        boxes.isEmpty
          ? "nothing is wrong"
          : "nothing is wrong; boxes: " + DisplayText.clean(boxes.joined(separator: ", "))
      ]
    }
    return problems.map { problem in
      let place = file + (problem.line.map { ":\($0)" } ?? "") + ": "
      return DisplayText.clean(place + (problem.key.map { "\($0): " } ?? "") + problem.message)
    }
  }
}
