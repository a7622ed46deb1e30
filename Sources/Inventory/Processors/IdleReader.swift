internal import Base
internal import KernelTree

/// Idle states, from `cpuidle` and `cpuN/cpuidle/stateK`.
enum IdleReader {
  private static let base = "/sys/devices/system/cpu"

  /// The facts; nil where the kernel has no idle states to choose from.
  /// - Parameter states: also read the states. Which CPUs have one disabled takes a read of each
  ///   state of each CPU.
  static func read(
    _ tree: KernelTree, candidates: NumberSet, states: Bool, _ reader: inout FactReader
  ) -> Processors.Idle? {
    var idle = Processors.Idle()
    idle.driver = reader.parsed(
      "idle.driver", base + "/cpuidle/current_driver", AttributeText.word)
    // Writable since 5.8; before, the read-only twin was all there was by default.
    idle.governor =
      reader.parsed("idle.governor", base + "/cpuidle/current_governor", AttributeText.word)
      ?? reader.parsed("idle.governor", base + "/cpuidle/current_governor_ro", AttributeText.word)
    if states, let first = candidates.first {
      idle.states = self.states(tree, of: first, candidates, &reader)
    }
    return idle == Processors.Idle() ? nil : idle
  }

  /// The states of the first CPU, each with the CPUs that have it disabled. A state is left out
  /// where that is not known for every CPU.
  private static func states(
    _ tree: KernelTree, of first: Int, _ candidates: NumberSet, _ reader: inout FactReader
  ) -> [Processors.Idle.State] {
    let folder = "\(TopologyReader.base)\(first)/cpuidle"
    let indexes = tree.namesIfPresent(folder).compactMap { name in
      name.hasPrefix("state") ? Int(name.dropFirst(5)) : nil
    }
    if let index = indexes.first, !tree.exists("\(folder)/state\(index)/disable") {
      // An old kernel, or a recording without: one reason for all states.
      reader.note(
        "idle.states", path: "\(folder)/state\(index)/disable",
        unknown: "no such file: unknown which CPUs have a state disabled")
      return []
    }
    var found: [Processors.Idle.State] = []
    for index in indexes {
      let fact = "idle.states.\(index)"
      let state = "\(folder)/state\(index)"
      guard
        let name = reader.parsed(fact, state + "/name", expected: true, AttributeText.printable),
        let disabled = disabledCPUs(tree, state: index, candidates, fact, &reader)
      else { continue }
      let latency = reader.count(fact + ".latencyMicroseconds", state + "/latency")
      found.append(
        Processors.Idle.State(
          index: index, name: name, latencyMicroseconds: latency, disabledCPUs: disabled))
    }
    return found
  }

  private static func disabledCPUs(
    _ tree: KernelTree, state index: Int, _ candidates: NumberSet, _ fact: String,
    _ reader: inout FactReader
  ) -> NumberSet? {
    var failures = GroupedFailures(prefix: TopologyReader.base)
    var disabled: [Int] = []
    for cpu in candidates.numbers {
      let file = "cpuidle/state\(index)/disable"
      switch tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", AttributeText.bit) {
      case .value(true): disabled.append(cpu)
      case .value(false): continue
      case .failed(let reason): failures.add(cpu, file, reason)
      case .missing:
        // A CPU of another kind may have fewer states; a state without the file is older than it.
        if tree.exists("\(TopologyReader.base)\(cpu)/cpuidle/state\(index)") {
          failures.add(cpu, file, "no such file")
        }
      }
    }
    failures.note(fact, in: &reader)
    return failures.isEmpty ? NumberSet(disabled) : nil
  }
}
