internal import Apply
internal import ArgumentParser
internal import Base
internal import Inventory
internal import Operations
internal import Runtimes

/// `tinyboxctl model add`.
struct ModelAddCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a model from a file, an address or a repository. Root only.",
    discussion: """
      SOURCE is a file of this machine, an address that begins with https://, or hf:OWNER/REPO/FILE for a file of \
      huggingface.co. Of a model in several files it is the first one, NAME-00001-of-00003.gguf. \
      A download that was interrupted goes on where it ended when the command is given again.

      tinyboxctl model add hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf
      """)
  static var documents: [PrintedDocument] { [.init(ModelDocument.self)] }

  @Argument(
    help: ArgumentHelp("A file, an https address, or hf:OWNER/REPO/FILE.", valueName: "source"))
  var source: String
  @Option(help: "Its name; without it the name of the file.")
  var name: String?
  @Option(
    help: ArgumentHelp("The SHA-256 that the file must have.", valueName: "hexadecimal"))
  var sha256: String?
  @OptionGroup var fit: ModelFitOptions
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: ModelPlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    let backend = try fit.chosen()
    let request = ModelOperations.Request(
      try ModelSource(source), name: name, sha256: sha256, backend: backend)
    let line = ModelProgressLine()
    let record = try place.models(for: "add a model").add(request, progress: line.show)
    let document = try ModelDocument(record, fit)
    if format.json { return try JSON.text(document) }
    return "added \(record.name)\n" + document.lines
  }
}

/// `tinyboxctl model show`.
struct ModelShowCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "What a model is, and whether it fits in the memory of each GPU.")
  static var documents: [PrintedDocument] { [.init(ModelDocument.self)] }

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var fit: ModelFitOptions
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: ModelPlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    var document = try ModelDocument(try place.models.store.record(name), fit)
    document.damage = place.models.damage(document.model)
    return format.json ? try JSON.text(document) : document.lines
  }
}

/// `tinyboxctl model remove`.
struct ModelRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove a model, or what an interrupted 'add' has left of one. Root only.")

  @Argument(help: "Its name.")
  var name: String
  @Flag(help: "Also one that a runtime names.")
  var force = false
  @OptionGroup var place: ModelPlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    try place.models(for: "remove the model '\(name)'").remove(name, isForced: force)
    return "removed \(name)\n"
  }
}
