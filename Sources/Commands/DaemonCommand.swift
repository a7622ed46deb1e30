public import Base
internal import Documents
internal import Render

/// `tinyboxctl daemon`: what tinyboxd is and does.
public struct DaemonCommand: Sendable {
  /// Print JSON.
  public var json: Bool

  /// The command.
  public init(json: Bool) { self.json = json }

  /// Its state.
  public func text(_ display: Display) throws(Failure) -> String {
    try show(
      try DaemonCommand.ask { try DaemonClient.document(DaemonDocument.self, "/v1/daemon") },
      display)
  }

  /// Lets it read its configuration again.
  public func reload(_ display: Display) throws(Failure) -> String {
    let document = try DaemonCommand.ask {
      try DaemonClient.document(DaemonDocument.self, "/v1/daemon/reload", method: "POST")
    }
    if let problem = document.configurationProblem {
      throw Failure(
        "use the configuration", because: problem, hint: "what was in force before still is")
    }
    return try show(document, display)
  }

  private func show(_ document: DaemonDocument, _ display: Display) throws(Failure) -> String {
    if json { return try JSONOutput.text(document) }
    return DaemonPage.render(document, display.style).joined(separator: "\n") + "\n"
  }

  /// Asks tinyboxd for what only it knows.
  static func ask<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch let absence as DaemonClient.Absence {
      throw Failure(
        "ask tinyboxd", because: absence.reason,
        hint: "'sudo systemctl enable --now tinyboxd' starts it; members of group tinybox may ask")
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("ask tinyboxd", error)
    }
  }
}
