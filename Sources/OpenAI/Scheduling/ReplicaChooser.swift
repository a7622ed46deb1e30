/// Chooses among runtimes that serve one model: the least busy, of equally busy ones the one that read the
/// longest part of the prompt last, since it still has its keys and values (the KV cache).
package struct ReplicaChooser: Sendable {
  private struct Replica {
    var running = 0
    var slots = 1
    var prefixes: [PromptPrefix] = []
    var lastUsed = 0
  }

  private var replicas: [String: Replica] = [:]
  private var turn = 0

  /// No runtimes yet.
  package init() {}

  /// Makes a runtime known, or changes its slots: requests that it answers at once.
  package mutating func set(_ name: String, slots: Int) {
    replicas[name, default: Replica()].slots = max(1, slots)
  }

  /// Forgets those that are not among these and answer nothing.
  package mutating func keep(_ names: Set<String>) {
    replicas = replicas.filter { names.contains($0.key) || $0.value.running > 0 }
  }

  /// Requests that a runtime answers now.
  package func running(_ name: String) -> Int { replicas[name]?.running ?? 0 }

  /// Whether a runtime has a free slot.
  package func isFree(_ name: String) -> Bool {
    replicas[name].map { $0.running < $0.slots } ?? false
  }

  /// Takes a slot of the best of some runtimes.
  /// - Returns: its name; nil when none is free.
  package mutating func take(among names: [String], for prefix: PromptPrefix) -> String? {
    let free = names.filter(isFree).compactMap { name in replicas[name].map { (name, $0) } }
    let best = free.min { one, other in
      let (busy, busier) = (
        one.1.running * other.1.slots, other.1.running * one.1.slots
      )
      if busy != busier { return busy < busier }
      let (shared, others) = (
        ReplicaChooser.shared(one.1, prefix), ReplicaChooser.shared(other.1, prefix)
      )
      if shared != others { return shared > others }
      return (one.1.lastUsed, one.0) < (other.1.lastUsed, other.0)
    }
    guard let name = best?.0 else { return nil }
    turn += 1
    if var replica = replicas[name] {
      replica.running += 1
      replica.lastUsed = turn
      // A runtime keeps one prompt a slot.
      replica.prefixes = Array(([prefix] + replica.prefixes).prefix(replica.slots))
      replicas[name] = replica
    }
    return name
  }

  /// Gives a slot back.
  package mutating func give(_ name: String) {
    guard let running = replicas[name]?.running, running > 0 else { return }
    replicas[name]?.running = running - 1
  }

  private static func shared(_ replica: Replica, _ prefix: PromptPrefix) -> Int {
    replica.prefixes.map { $0.shared(with: prefix) }.max() ?? 0
  }
}
