extension Ledger {
  /// A trial of a device's placement that has begun and not ended. It is written before the trial's first
  /// change: whoever finds it without the program that makes it puts back what was found.
  public struct Trial: Codable, Hashable, Sendable {
    /// The device, for people: `eth0`.
    public var subject: String
    /// The settings that it switches; `original` is what each held when the trial began, byte for byte.
    public var found: [Entry] = []
    /// Identities of those settings that the ledger had no entry of before.
    public var added: [String] = []

    /// A trial that has switched nothing yet.
    package init(subject: String) { self.subject = subject }
  }

  /// The entries without those that a trial has added: what is placed, whatever the trial does.
  package var lastingEntries: [Entry] {
    guard let trial else { return entries }
    let added = Set(trial.added)
    return entries.filter { !added.contains($0.knob.identity) }
  }
}
