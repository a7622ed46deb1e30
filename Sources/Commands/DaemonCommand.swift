internal import API
internal import Render

/// `tinyboxctl daemon`: what tinyboxd is and does.
public struct DaemonCommand: Sendable {
  /// Print JSON.
  public var json: Bool

  /// The command.
  public init(json: Bool) { self.json = json }

  /// Its state.
  public func text(_ display: Display) throws(CommandFailure) -> String {
    try show(
      try DaemonCommand.ask { try DaemonClient.document(DaemonDocument.self, "/v1/daemon") },
      display)
  }

  /// Lets it read its configuration again.
  public func reload(_ display: Display) throws(CommandFailure) -> String {
    let document = try DaemonCommand.ask {
      try DaemonClient.document(DaemonDocument.self, "/v1/daemon/reload", method: "POST")
    }
    if let problem = document.configurationProblem {
      throw CommandFailure(
        "use the configuration", cause: problem, hint: "what was in force before still is")
    }
    return try show(document, display)
  }

  private func show(_ document: DaemonDocument, _ display: Display) throws(CommandFailure) -> String
  {
    if json { return try JSONOutput.text(document) }
    return DaemonPage.render(document, display.style).joined(separator: "\n") + "\n"
  }

  /// Asks tinyboxd for what only it knows.
  static func ask<Value>(_ body: () throws -> Value) throws(CommandFailure) -> Value {
    do {
      return try body()
    } catch let absence as DaemonClient.Absence {
      throw CommandFailure(
        "ask tinyboxd", cause: absence.reason,
        hint: "'sudo systemctl enable --now tinyboxd' starts it; members of group tinybox may ask")
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure("ask tinyboxd", cause: "\(error)")
    }
  }
}
