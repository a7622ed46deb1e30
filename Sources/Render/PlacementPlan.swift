internal import Base
package import Placement

/// A plan as a diff that a person can read, grouped by what it changes.
package enum PlacementPlan {
  /// Lines alike are counted from this many on.
  private static let longestList = 12

  /// Changes by device, then what is left alone and why.
  package static func render(_ plan: Plan, _ style: Style) -> [String] {
    var lines: [Line] = []
    for group in groups(plan.changes) {
      if !lines.isEmpty { lines.append(Line()) }
      lines.append(heading(group[0].subject, group[0].device))
      var rest = group[...]
      while let first = rest.first {
        let alike = rest.prefix { isAlike($0, first) }
        lines += reason(first).wrapped(to: style.columns, indent: 2)
        lines += rows(alike, style)
        rest = rest.dropFirst(alike.count)
      }
    }
    if !plan.leftAlone.isEmpty {
      if !lines.isEmpty { lines.append(Line()) }
      lines.append(Line("left alone", .strong))
      for entry in plan.leftAlone { lines += left(entry).wrapped(to: style.columns, indent: 4) }
    }
    if !lines.isEmpty { lines.append(Line()) }
    lines += ProofLines.lines(plan.proofs, style)
    lines += summary(plan).wrapped(to: style.columns, indent: 2)
    return lines.texts(style)
  }

  /// The changes of each device together, devices in the order of their first change.
  private static func groups(_ changes: [Change]) -> [[Change]] {
    struct Key: Hashable {
      var subject: String
      var device: PCIAddress?
    }
    var index: [Key: Int] = [:]
    var groups: [[Change]] = []
    for change in changes {
      let key = Key(subject: change.subject, device: change.device)
      if let known = index[key] {
        groups[known].append(change)
      } else {
        index[key] = groups.count
        groups.append([change])
      }
    }
    return groups
  }

  private static func isAlike(_ a: Change, _ b: Change) -> Bool {
    a.why == b.why && a.consent == b.consent && a.hasConsent == b.hasConsent
  }

  private static func heading(_ subject: String, _ device: PCIAddress?) -> Line {
    var line = Line(subject, .strong)
    if let device, subject != device.description { line.add("  \(device.short)") }
    return line
  }

  private static func reason(_ change: Change) -> Line {
    var line = Line("  " + change.why, .dim)
    if !change.isAllowed, let consent = change.consent {
      line.add("; not done without \(consent) = true in the policy", .warning)
    }
    return line
  }

  private static func rows(_ changes: ArraySlice<Change>, _ style: Style) -> [Line] {
    let isLong = changes.count > longestList && changes.allSatisfy { $0.knob.kind == .file }
    let shown = isLong ? changes.prefix(1) : changes
    let names = shown.map { name($0.knob) }
    let olds = shown.map { value($0.old) }
    let nameWidth = min(46, names.reduce(0) { max($0, $1.count) })
    let oldWidth = min(20, olds.reduce(0) { max($0, $1.count) })
    var lines: [Line] = []
    for (change, (name, old)) in zip(shown, zip(names, olds)) {
      var line = Line("    " + name)
      line.pad(to: max(4 + nameWidth, line.width) + 2 + max(0, oldWidth - old.count))
      line.add(old)
      line.add(" → ")
      line.add(value(change.new), .strong)
      lines += line.wrapped(to: style.columns, indent: 6)
    }
    if isLong { lines.append(Line("    and \(changes.count - 1) more of the kind", .dim)) }
    return lines
  }

  /// What is set, without what the heading says already.
  static func name(_ knob: Knob) -> String {
    switch knob.kind {
    case .interrupt:
      return "IRQ \(knob.interrupt.map(String.init) ?? "") \(knob.action ?? "")"
    case .channels: return "combined channels"
    case .irqbalance: return "banned interrupts"
    case .powerCap: return "power cap"
    case .persistence: return "persistence mode"
    case .unit: return knob.property ?? ""
    case .file:
      let path = knob.path ?? ""
      let parts = path.split(separator: "/")
      guard path.hasPrefix("/sys/class/net/"), let last = parts.last else { return path }
      return parts.dropLast().last.map { "\($0)/\(last)" } ?? path
    }
  }

  private static func value(_ text: String?) -> String {
    guard let text else { return "not set" }
    return text.isEmpty ? "none" : text
  }

  private static func left(_ entry: Skipped) -> Line {
    var line = Line("  " + entry.subject)
    if let device = entry.device { line.add(" \(device.short)") }
    if let what = entry.what { line.add(" " + what) }
    if let interrupts = entry.interrupts {
      line.add(" \(interrupts.count == 1 ? "IRQ" : "IRQs") \(interrupts)")
    }
    line.add(": " + entry.reason, .dim)
    return line
  }

  private static func summary(_ plan: Plan) -> Line {
    let waiting = plan.changes.filter { !$0.isAllowed }.count
    let count = plan.changes.count - waiting
    var text =
      count == 0
      ? plan.unreadable.isEmpty ? "nothing to change" : "nothing to change in what could be read"
      : "\(Units.count(count, "change")) to make"
    if waiting > 0 { text += ", \(Units.count(waiting)) waiting for consent" }
    var line = Line(text)
    line.add(unreadable(plan), .warning)
    return line
  }

  /// What the plan does not know, after a semicolon; empty where all was read.
  static func unreadable(_ plan: Plan) -> String {
    plan.unreadable.isEmpty
      ? "" : "; could not look at: \(plan.unreadable.joined(separator: ", "))"
  }
}
