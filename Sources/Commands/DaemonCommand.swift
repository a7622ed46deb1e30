internal import ArgumentParser
internal import Base
internal import Documents
internal import Render

/// `tinyboxctl daemon`: what tinyboxd is and does.
struct DaemonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon",
    abstract: "What tinyboxd is doing: mode, what it watches, suspended settings.",
    subcommands: [Show.self, Reload.self],
    defaultSubcommand: Show.self)

  struct Show: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Version, mode, what it watches and what it counted.")
    static var documents: [PrintedDocument] { [.init(DaemonDocument.self)] }

    @OptionGroup var format: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let document = try DaemonClient.required {
          try DaemonClient.document(DaemonDocument.self, "/v1/daemon")
        }
        try DaemonCommand.show(document, format, display)
      }
    }
  }

  struct Reload: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "reload",
      abstract: "Make tinyboxd read /etc/tinybox again. Root and group tinybox-admin only.")
    static var documents: [PrintedDocument] { [.init(DaemonDocument.self)] }

    @OptionGroup var format: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let document = try DaemonClient.required {
          try DaemonClient.document(DaemonDocument.self, "/v1/daemon/reload", method: "POST")
        }
        if let problem = document.configurationProblem {
          throw Failure(
            "use the configuration", because: problem, hint: "the previous settings stay active")
        }
        try DaemonCommand.show(document, format, display)
      }
    }
  }

  private static func show(
    _ document: DaemonDocument, _ format: JSONOptions, _ display: DisplayOptions
  ) throws(Failure) {
    try Output.write(
      try Session(json: format.json).text(document) {
        DaemonPage.render(document, display.display.style)
      })
  }
}
