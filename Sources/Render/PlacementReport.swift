internal import Base
package import Placement

/// The results of an apply or a rollback, and the state of the placement.
package enum PlacementReport {
  /// The results of an apply: what did not simply work, then counts.
  package static func render(_ results: [ApplyResult], _ style: Style) -> [String] {
    var lines: [Line] = []
    for result in results {
      let tone: Tone
      switch result.outcome {
      case .done where result.reason == nil: continue
      case .unchanged: continue
      case .done, .pending, .notAllowed: tone = .plain
      case .gone, .differs: tone = .warning
      case .refused: tone = .bad
      }
      var line = Line("\(result.change.subject) \(name(result.change.knob)): ")
      line.add(words(result.outcome), tone)
      if let reason = result.reason { line.add(": " + reason) }
      if let actual = result.actual { line.add("; it has \(actual.isEmpty ? "none" : actual)") }
      lines += line.wrapped(to: style.columns, indent: 2)
    }
    if !lines.isEmpty { lines.append(Line()) }
    let order: [ApplyResult.Outcome] = [
      .done, .pending, .unchanged, .notAllowed, .gone, .differs, .refused,
    ]
    let counts = order.compactMap { outcome -> String? in
      let count = results.filter { $0.outcome == outcome }.count
      return count == 0 ? nil : "\(Units.count(count)) \(words(outcome))"
    }
    let text = counts.isEmpty ? "nothing to change" : counts.joined(separator: ", ")
    lines += Line(text).wrapped(to: style.columns)
    return lines.texts(style)
  }

  /// The results of a rollback.
  package static func render(_ report: RollbackReport, _ style: Style) -> [String] {
    switch report {
    case .nothing: return [Line("nothing to roll back").text(style)]
    case .otherBoot:
      return Line(
        "nothing to roll back: the last reboot undid what was set"
      )
      .wrapped(to: style.columns).texts(style)
    case .results(let results):
      var lines: [Line] = []
      for result in results where result.outcome == .refused || result.reason != nil {
        var line = Line("\(result.subject) \(name(result.knob)): ")
        line.add(result.outcome.rawValue, result.outcome == .refused ? .bad : .plain)
        if let reason = result.reason { line.add(": " + reason) }
        lines += line.wrapped(to: style.columns, indent: 2)
      }
      if !lines.isEmpty { lines.append(Line()) }
      let order: [RollbackResult.Outcome] = [.restored, .unchanged, .gone, .refused]
      let counts = order.compactMap { outcome -> String? in
        let count = results.filter { $0.outcome == outcome }.count
        return count == 0 ? nil : "\(Units.count(count)) \(outcome.rawValue)"
      }
      lines += Line(counts.joined(separator: ", ")).wrapped(to: style.columns)
      return lines.texts(style)
    }
  }

  /// The state of the placement.
  package static func render(_ status: PlacementStatus, _ style: Style) -> [String] {
    var lines: [Line] = []
    switch status.ledger {
    case .none: lines.append("nothing is placed")
    case .otherBoot:
      lines.append("nothing is placed: the last reboot undid what was placed")
    case .thisBoot:
      lines.append(
        Line(
          "\(Units.count(status.held, "setting")) as placed, \(status.drifted.count) drifted, "
            + "\(status.gone.count) gone"))
      if status.isComplete == false {
        lines.append(
          Line("the last apply was interrupted: apply again, or roll back", .warning))
      }
    }
    if let trial = status.trial {
      lines.append(Line("the placement of \(trial) is being tried", .warning))
    }
    lines += list("drifted", status.drifted, style)
    for suspect in status.suspects {
      lines += Line("  " + suspect, .warning).wrapped(to: style.columns, indent: 4)
    }
    lines += list("gone", status.gone, style)
    lines += shares(status, style)
    lines += ProofLines.lines(status.proofs, style)
    let waiting = status.plan.changes.filter { !$0.isAllowed }.count
    let open = status.plan.changes.count - waiting
    let isBlind = !status.plan.unreadable.isEmpty
    var summary = Line(
      open > 0
        ? "\(Units.count(open, "change")) to make: see 'tinyboxctl placement plan'"
        : isBlind
          ? "nothing to change in what could be read" : "everything is as the policy sets it")
    summary.add(PlacementPlan.unreadable(status.plan), .warning)
    lines += summary.wrapped(to: style.columns, indent: 2)
    if waiting > 0 { lines.append(Line("\(Units.count(waiting, "change")) waiting for consent")) }
    return lines.texts(style)
  }

  /// Where the interrupts of devices were handled.
  package static func render(
    _ shares: [DeviceShare], title: String, _ style: Style
  ) -> [String] {
    shares.isEmpty
      ? [Line("no \(title)").text(style)] : table(title, shares).render(style)
  }

  private static func table(_ title: String, _ shares: [DeviceShare]) -> Table {
    var table = Table([
      .init(title, minimum: 12), .init("address"), .init("node", .right),
      .init("handled", .right), .init("on own node", .right),
    ])
    for share in shares {
      let part = Double(share.onNode) / Double(share.handled)
      table.add([
        Line(share.name ?? "-", .strong), Line(share.device.short), Line("\(share.numaNode)"),
        Line(Units.count(share.handled)),
        Line(Units.percent(part), share.onNode == share.handled ? .plain : .warning),
      ])
    }
    return table
  }

  /// Interrupts since the last apply, and memory of containers, on their own node.
  private static func shares(_ status: PlacementStatus, _ style: Style) -> [Line] {
    var lines: [Line] = []
    if let handled = status.handled, !handled.isEmpty {
      lines += [Line()] + table("interrupts since apply", handled).lines(style) + [Line()]
    }
    if !status.containers.isEmpty {
      var table = Table([
        .init("container", minimum: 12), .init("node", .right), .init("memory", .right),
        .init("on own node", .right),
      ])
      for share in status.containers where share.bytes > 0 {
        let part = Double(share.localBytes) / Double(share.bytes)
        table.add([
          Line(share.name, .strong), Line("\(share.numaNode)"), Line(Units.capacity(share.bytes)),
          Line(Units.percent(part), share.localBytes == share.bytes ? .plain : .warning),
        ])
      }
      lines += table.lines(style) + [Line()]
    }
    return lines
  }

  private static func list(
    _ title: String, _ drifts: [PlacementStatus.Drift], _ style: Style
  ) -> [Line] {
    if drifts.isEmpty { return [] }
    var lines = [Line(title, .strong)]
    for drift in drifts {
      var text = "  \(drift.subject) \(name(drift.knob)): \(shown(drift.desired)) asked for, "
      text += drift.actual.map { "\(shown($0)) now" } ?? drift.reason ?? "unknown now"
      lines += Line(text).wrapped(to: style.columns, indent: 4)
    }
    return lines
  }

  private static func shown(_ value: String) -> String { value.isEmpty ? "none" : value }

  private static func name(_ knob: Knob) -> String { PlacementPlan.name(knob) }

  private static func words(_ outcome: ApplyResult.Outcome) -> String {
    switch outcome {
    case .done: "in effect"
    case .pending: "set, moves at its next interrupt"
    case .unchanged: "already in place"
    case .notAllowed: "not done"
    case .refused: "refused"
    case .gone: "gone"
    case .differs: "not in effect"
    }
  }
}
