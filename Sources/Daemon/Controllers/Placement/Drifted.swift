internal import Events
internal import Placement

/// A placed setting that something changed.
struct Drifted {
  /// How it was placed.
  var entry: Ledger.Entry
  /// What it holds.
  var actual: String
  /// Who likely changed it.
  var cause: String?

  var identity: String { entry.knob.identity }

  /// The change that puts it back.
  var change: Change {
    Change(
      entry.knob, subject: entry.subject, device: entry.device, old: actual, new: entry.applied,
      why: "it was placed there")
  }

  /// What happened, in the past tense.
  var was: String {
    let value = actual.isEmpty ? "nothing" : actual
    return "\(Drifted.name([entry.knob])) was set to \(value)"
  }

  /// Settings by name: an interrupt by number and handler.
  static func name(_ knobs: [Knob]) -> String {
    let names = knobs.prefix(3).map { knob in
      guard let number = knob.interrupt else { return knob.label }
      return "interrupt \(number)" + (knob.action.map { " (\($0))" } ?? "")
    }
    return names.joined(separator: ", ")
      + (knobs.count > 3 ? " and \(knobs.count - 3) others" : "")
  }

  /// One event for all that one cause did.
  static func events(
    _ drifted: [Drifted], _ kind: EventKind, _ text: (Drifted) -> String
  ) -> [EventDraft] {
    let groups = Dictionary(grouping: drifted) { $0.cause ?? "" }
    return groups.sorted { $0.key < $1.key }.map { cause, group in
      let subjects = Set(group.map(\.entry.subject))
      let others = group.count == 1 ? "" : "; and \(group.count - 1) other settings"
      return EventDraft(
        kind, subject: subjects.count == 1 ? group[0].entry.subject : nil,
        address: Set(group.map(\.entry.device)).count == 1 ? group[0].entry.device : nil,
        text(group[0]) + others + (cause.isEmpty ? "" : "; by \(cause)"),
        cause: cause.isEmpty ? nil : cause, count: group.count == 1 ? nil : group.count)
    }
  }
}
