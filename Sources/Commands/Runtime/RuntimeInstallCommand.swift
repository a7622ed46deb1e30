internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import RuntimeCatalog

/// `tinyboxctl runtime install`.
struct RuntimeInstallCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Install the runtime that models get without a command of their own. Root only.",
    discussion: """
      Makes a private Python environment in /var/lib/tinybox/runtime with one package, whose version and hash are \
      part of tinybox: \(Backend.all[0].title). It comes from PyPI, or from a folder of wheels where there is no \
      network. The environment that was used before is kept, and --rollback uses it again.
      """)
  static var documents: [PrintedDocument] { [.init(RuntimeInstallDocument.self)] }

  @Option(
    help: ArgumentHelp("Take the wheel from this folder in place of PyPI.", valueName: "folder"),
    completion: .directory)
  var wheels: String?
  @Flag(help: "Use the environment that was used before.")
  var rollback = false
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: RuntimePlaceOptions

  func validate() throws {
    if rollback, wheels != nil {
      throw ValidationError("--rollback and --wheels exclude each other")
    }
  }

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    if place.root == nil, !CallingUser.isRoot {
      throw Failure(
        "install a runtime", because: "only root may", hint: "run it with sudo", code: .notPermitted
      )
    }
    let installation = RuntimeInstallation(root: place.root ?? "")
    defer { Output.endProgress() }
    let state =
      rollback
      ? try installation.rollBack()
      : try installation.install(Backend.all[0], wheels: wheels) { Output.progress($0) }
    if format.json {
      return try JSON.text(
        RuntimeInstallDocument(
          current: state.current, previous: state.previous, folder: state.folder))
    }
    return "in use: \(state.current ?? "none")\n"
      + (state.previous.map { "kept: \($0)\n" } ?? "")
  }
}

/// The environments of runtimes.
struct RuntimeInstallDocument: VersionedDocument {
  /// `tinybox.runtime-install/1`.
  var schema = RuntimeInstallDocument.currentSchema
  static let currentSchema = "tinybox.runtime-install/1"
  /// The environment in use; absent for none.
  var current: String?
  /// The one before, for `--rollback`; absent for none.
  var previous: String?
  /// The folder of all.
  var folder: String
}
