internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import Render
internal import Runtimes

/// `tinyboxctl model list`.
struct ModelListCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models: name, size, parameters, type, context.")
  static var documents: [PrintedDocument] { [.init(ModelListDocument.self)] }

  @OptionGroup var format: JSONOptions
  @OptionGroup var place: ModelPlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    var entries: [ModelListDocument.Entry] = []
    for (name, record) in try place.models.all() {
      switch record {
      case .success(let record):
        entries.append(
          .init(name: name, model: record, damage: place.models.damage(record)))
      case .failure(let failure):
        entries.append(.init(name: name, model: nil, damage: failure.reason))
      }
    }
    if format.json { return try JSON.text(ModelListDocument(models: entries)) }
    if entries.isEmpty { return "there are no models: 'tinyboxctl model add SOURCE' adds one\n" }
    return entries.map { entry in
      var words = [entry.name]
      if let model = entry.model {
        words += [
          Units.capacity(model.bytes), "\(Units.short(Double(model.facts.parameters))) parameters",
          model.facts.quantisation ?? "type unknown",
          model.facts.context.map { "context \($0)" } ?? "context unknown",
        ]
      }
      if let damage = entry.damage { words.append("damaged: \(damage)") }
      return words.map(DisplayText.clean).joined(separator: "  ") + "\n"
    }.joined()
  }
}

/// `tinyboxctl model verify`.
struct ModelVerifyCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read the files of a model and compare their hashes. Exit status 1 when one differs.")
  static var documents: [PrintedDocument] { [.init(ModelVerifyDocument.self)] }

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: ModelPlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      let document = try document()
      try Output.write(format.json ? try JSON.text(document) : document.lines)
      if document.files.contains(where: { $0.problem != nil }) {
        throw Failure(
          "verify the model '\(name)'", because: "it is not what was added",
          hint: "remove it and add it again")
      }
    }
  }

  func document() throws(Failure) -> ModelVerifyDocument {
    let line = ModelProgressLine()
    return ModelVerifyDocument(
      name: name,
      files: try place.models.verify(name, progress: line.show).map {
        .init(name: $0.file, problem: $0.problem)
      })
  }
}

/// `tinyboxctl model read-header`: the process without rights that `model add` starts.
struct ModelReadHeaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read-header",
    abstract: "Print what the header of the model file on standard input says.",
    shouldDisplay: false)

  @Option(
    help: ArgumentHelp(
      "Bytes of the whole file, of which the first are there.", valueName: "bytes",
      visibility: .hidden))
  var size: Int?

  func run() throws {
    try perform { () throws(Failure) in
      let answer = try ModelHeaderAnswer { most throws(Failure) in
        let read = try RegularFile.standardInput(most: most)
        return (read.bytes, max(read.size, size ?? 0))
      }
      try Output.write(String(decoding: try JSON.line(answer), as: UTF8.self))
    }
  }
}
