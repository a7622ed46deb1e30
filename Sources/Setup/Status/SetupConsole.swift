/// The line on the console before somebody logs in (agetty(8), `/run/issue.d`).
package enum SetupConsole {
  /// The file that agetty shows.
  package static let path = "/run/issue.d/50-tinybox-setup.issue"
  /// The longest line, characters: a console has 80 columns.
  private static let width = 79

  /// What the file says.
  package static func text(_ status: SetupStatus) -> String {
    lines(status).map { line in
      // agetty replaces what follows a backslash, and control characters would control the terminal.
      String(line.prefix(width)).replacingControls() + "\n"
    }.joined()
  }

  /// Why a stick is not used.
  package static func text(ofStick problem: String) -> String {
    let lines = problem.split(separator: "\n").prefix(mostStickLines).map { "  \($0)" }
    return (["tinybox: the stick for set-up is not used"] + lines).map { line in
      String(line.prefix(width)).replacingControls() + "\n"
    }.joined()
  }

  /// Lines of a stick's mistakes: those of a whole file would fill the screen.
  private static let mostStickLines = 6

  /// The same in a line, for systemd.
  package static func line(_ status: SetupStatus) -> String { lines(status)[0] }

  private static func lines(_ status: SetupStatus) -> [String] {
    switch status.state {
    case .notStarted: return ["tinybox: set-up has not begun"]
    case .ready: return ["tinybox: ready"]
    case .running:
      let current = status.stages.firstIndex { $0.state == .running || $0.state == .undoing }
      guard let current else { return ["tinybox: setting up"] }
      let stage = status.stages[current]
      let step = stage.steps.first.map { ": \($0)" } ?? ""
      return [
        "tinybox: setting up, \(current + 1) of \(status.stages.count), \(stage.stage.rawValue)\(step)"
      ]
    case .failed:
      guard let failed = status.stages.first(where: { $0.state == .failed }) else { return [""] }
      let reason = failed.reason?.split(separator: "\n").first.map { ": \($0)" } ?? ""
      return [
        "tinybox: set-up stopped at \(failed.stage.rawValue)\(reason)",
        "  'sudo tinyboxctl setup' shows what to do",
      ]
    }
  }
}

extension String {
  fileprivate func replacingControls() -> String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          scalar == "\\" || scalar.properties.generalCategory == .control ? " " : scalar
        }))
  }
}
