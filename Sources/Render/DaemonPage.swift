package import Documents

/// `tinyboxctl daemon`: what the daemon is and does.
package enum DaemonPage {
  /// The lines.
  package static func render(_ daemon: DaemonDocument, _ style: Style) -> [String] {
    let column = 11
    var lines: [Line] = []
    var last = ""
    func add(_ label: String, _ text: String, _ role: Tone = .plain) {
      var line = Line(label == last ? "" : label, .dim)
      last = label
      line.pad(to: column)
      line.add(text, role)
      lines += line.wrapped(to: style.columns, indent: column)
    }
    add("tinyboxd", "\(daemon.version), process \(daemon.pid), since \(daemon.started)")
    add(
      "mode",
      daemon.mode.map {
        $0 == "enforce" ? "enforce: drift is put back" : "observe: drift is reported"
      }
        ?? "unknown")
    if daemon.isSuspended {
      add("", "suspended after a rollback, until the next apply or boot", .warning)
    }
    if let problem = daemon.configurationProblem { add("policy", problem, .bad) }
    if let problem = daemon.profileProblem { add("profile", problem, .bad) }
    if let problem = daemon.eventStoreProblem { add("events", "not stored: \(problem)", .bad) }
    let minutes = daemon.checkIntervalSeconds / 60
    add(
      "checks",
      (daemon.checked.map { "ran last \($0)" } ?? "did not run yet")
        + ", every \(minutes > 0 ? "\(minutes) min" : "\(daemon.checkIntervalSeconds) s")")
    for watch in daemon.watches {
      add(
        "watches", "\(watch.name): \(watch.isActive ? "" : "not working: ")\(watch.note)",
        watch.isActive ? .plain : .warning)
    }
    for held in daemon.contested {
      add(
        "contested",
        "\(held.setting): suspended for \(held.secondsLeft) s"
          + (held.cause.map { "; by \($0)" } ?? ""), .warning)
    }
    let counters = daemon.counters
    add(
      "counted",
      "\(counters.drifts) drifts, \(counters.corrections) put back, \(counters.conflicts) conflicts, "
        + "\(counters.checkRuns) check runs")
    add(
      "",
      "\(counters.readings) readings, \(counters.requests) requests, "
        + "\(counters.wakeups) wakeups")
    return lines.map { $0.text(style) }
  }
}
