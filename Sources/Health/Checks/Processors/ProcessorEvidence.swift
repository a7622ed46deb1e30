internal import Base
internal import Inventory

extension Check {
  /// A fact of the processors that is missing.
  static func missingProcessor(_ box: Box, _ key: String, _ path: String) -> Evidence {
    Evidence(
      missing: "processors." + key, key: key, in: box.inventory.processors.unknown, path: path)
  }

  /// The CPUs that run, as evidence; nil when not known.
  static func onlineEvidence(_ box: Box) -> Evidence? {
    box.inventory.processors.online.map {
      Evidence("processors.online", "\($0)", path: "/sys/devices/system/cpu/online")
    }
  }

  /// Why frequency scaling cannot be judged when no driver scales frequencies.
  static func noFrequency(_ box: Box) -> Finding {
    unknown(
      "no frequency scaling seen",
      evidence: [missingProcessor(box, "frequency", "/sys/devices/system/cpu/cpufreq")])
  }
}

/// CPUs grouped by a word, such as their governor, in the order of the words.
struct CPUGroups {
  /// The words and their CPUs.
  let groups: [(name: String, cpus: NumberSet)]

  init(_ sets: [String: NumberSet]) {
    groups = sets.sorted { $0.key < $1.key }.map { (name: $0.key, cpus: $0.value) }
  }

  /// `performance`, or `performance (0-31), powersave (32-63)`.
  var description: String {
    groups.count == 1
      ? groups[0].name : groups.map { "\($0.name) (\($0.cpus))" }.joined(separator: ", ")
  }

  /// The CPUs of all groups.
  var cpus: NumberSet { groups.reduce(NumberSet()) { $0.union($1.cpus) } }
}
