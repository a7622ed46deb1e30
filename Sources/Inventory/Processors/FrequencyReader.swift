internal import Base
internal import KernelTree

/// Frequency scaling, from `cpufreq/policyN` or, on older kernels, `cpuN/cpufreq`.
struct FrequencyReader {
  private static let base = "/sys/devices/system/cpu"

  private let tree: KernelTree
  private var result = Processors.Frequency()
  private var drivers: [String: [Int]] = [:]
  private var governors: [String: [Int]] = [:]
  private var preferences: [String: [Int]] = [:]
  private var minimum: [Int] = []
  private var maximum: [Int] = []
  /// Policies with CPUs that are online, where that is known.
  private var policies = 0

  init(_ tree: KernelTree) { self.tree = tree }

  /// The facts; nil where the kernel scales no frequency, as in most virtual machines.
  static func read(
    _ tree: KernelTree, candidates: NumberSet, _ reader: inout FactReader
  ) -> Processors.Frequency? {
    var frequency = FrequencyReader(tree)
    let numbers = policyNumbers(tree, &reader)
    if numbers.isEmpty {
      frequency.readFolders(of: candidates, &reader)
    } else {
      frequency.readPolicies(numbers, &reader)
    }
    frequency.finish(&reader)
    if frequency.result.boost == false { frequency.readGain(of: candidates, &reader) }
    return frequency.result == Processors.Frequency() ? nil : frequency.result
  }

  private static func policyNumbers(_ tree: KernelTree, _ reader: inout FactReader) -> [Int] {
    do throws(ReadFailure) {
      return try tree.names(base + "/cpufreq").compactMap { name in
        name.hasPrefix("policy") ? Int(name.dropFirst(6)) : nil
      }
    } catch {
      reader.note("frequency", error)
      return []
    }
  }

  private mutating func readPolicies(_ numbers: [Int], _ reader: inout FactReader) {
    var failures = Failures(prefix: FrequencyReader.base + "/cpufreq/policy")
    for number in numbers {
      readPolicy(number, folder: "", &failures) { tree, path in
        FrequencyReader.affected(tree, path)
      }
    }
    failures.note(in: &reader)
  }

  private mutating func readFolders(of candidates: NumberSet, _ reader: inout FactReader) {
    var failures = Failures(prefix: TopologyReader.base)
    var covered: Set<Int> = []
    for cpu in candidates.numbers where !covered.contains(cpu) {
      guard tree.exists("\(TopologyReader.base)\(cpu)/cpufreq") else { continue }
      let cpus = readPolicy(cpu, folder: "cpufreq/", &failures) { tree, path in
        // Recordings of old kernels may lack the list: the folder is this CPU's all the same.
        switch FrequencyReader.affected(tree, path) {
        case .missing: .value(NumberSet([cpu]))
        case let reading: reading
        }
      }
      covered.formUnion(cpus.numbers)
      covered.insert(cpu)
    }
    failures.note(in: &reader)
  }

  /// One policy. Returns its CPUs; none for a policy whose CPUs are all offline.
  @discardableResult private mutating func readPolicy(
    _ number: Int, folder: String, _ failures: inout Failures,
    affected: (KernelTree, String) -> AttributeReading<NumberSet>
  ) -> NumberSet {
    let path = "\(failures.cpus.prefix)\(number)/\(folder)"
    let reading = affected(tree, path + "affected_cpus")
    if let cpus = reading.value, cpus.isEmpty { return cpus }
    policies += 1
    guard let cpus = failures.cpus.value(of: reading, number, folder + "affected_cpus") else {
      if case .missing = reading {
        failures.cpus.add(number, folder + "affected_cpus", "no such file")
      }
      return NumberSet()
    }
    func word(_ file: String, _ failures: inout GroupedFailures) -> String? {
      failures.value(of: tree.attribute(path + file, AttributeText.word), number, folder + file)
    }
    if let name = word("scaling_driver", &failures.drivers) {
      drivers[name, default: []] += cpus.numbers
    }
    if let name = word("scaling_governor", &failures.governors) {
      governors[name, default: []] += cpus.numbers
    }
    if let name = word("energy_performance_preference", &failures.preferences) {
      preferences[name, default: []] += cpus.numbers
    }
    // kHz.
    let low = tree.reading(.processorClock, path + "cpuinfo_min_freq", times: 1000)
    let high = tree.reading(.processorClock, path + "cpuinfo_max_freq", times: 1000)
    if let hertz = failures.minimum.value(of: low, number, folder + "cpuinfo_min_freq") {
      minimum.append(hertz)
    }
    if let hertz = failures.maximum.value(of: high, number, folder + "cpuinfo_max_freq") {
      maximum.append(hertz)
    }
    return cpus
  }

  private mutating func finish(_ reader: inout FactReader) {
    result.drivers = drivers.mapValues { NumberSet($0) }
    result.governors = governors.mapValues { NumberSet($0) }
    result.energyPreferences = preferences.mapValues { NumberSet($0) }
    // The lowest of some policies is not the lowest of all.
    if minimum.count == policies { result.minimumHertz = minimum.min() }
    if maximum.count == policies { result.maximumHertz = maximum.max() }
    let base = FrequencyReader.base
    result.amdPstateStatus = reader.parsed(
      "frequency.amdPstateStatus", base + "/amd_pstate/status", AttributeText.word)
    result.boost =
      reader.parsed("frequency.boost", base + "/cpufreq/boost", AttributeText.bit)
      ?? reader.parsed("frequency.boost", base + "/intel_pstate/no_turbo") { text in
        AttributeText.bit(text).map { !$0 }
      }
  }

  /// What each core could do above its nominal performance, by the firmware's own numbers. Asked
  /// only while boost is off: the firmware may take its time.
  private mutating func readGain(of candidates: NumberSet, _ reader: inout FactReader) {
    var failures = GroupedFailures(prefix: TopologyReader.base)
    var gains: [Double] = []
    for cpu in candidates.numbers {
      let folder = "\(TopologyReader.base)\(cpu)/acpi_cppc/"
      func number(_ file: String) -> Int? {
        failures.value(
          of: tree.attribute(folder + file, AttributeText.count), cpu, "acpi_cppc/" + file)
      }
      guard let highest = number("highest_perf"), let nominal = number("nominal_perf"),
        nominal > 0
      else { return failures.note("frequency.boostGain", in: &reader) }
      gains.append(Double(highest) / Double(nominal))
    }
    result.boostGain = gains.max()
  }

  /// The CPUs a policy governs, numbers with spaces between. Empty when all are offline.
  private static func affected(
    _ tree: KernelTree, _ path: String
  ) -> AttributeReading<NumberSet> {
    tree.attribute(path, mayBeBlank: true) { text in
      var numbers: [Int] = []
      for field in ASCII.fields(text) {
        guard let number = AttributeText.count(field), number <= NumberSet.highest
        else { return nil }
        numbers.append(number)
      }
      return NumberSet(numbers)
    }
  }

  /// Reasons for unknown facts, by fact.
  private struct Failures {
    var cpus: GroupedFailures
    var drivers: GroupedFailures
    var governors: GroupedFailures
    var preferences: GroupedFailures
    var minimum: GroupedFailures
    var maximum: GroupedFailures

    init(prefix: String) {
      let none = GroupedFailures(prefix: prefix)
      (cpus, drivers, governors) = (none, none, none)
      (preferences, minimum, maximum) = (none, none, none)
    }

    func note(in reader: inout FactReader) {
      cpus.note("frequency", in: &reader)
      drivers.note("frequency.drivers", in: &reader)
      governors.note("frequency.governors", in: &reader)
      preferences.note("frequency.energyPreferences", in: &reader)
      minimum.note("frequency.minimumHertz", in: &reader)
      maximum.note("frequency.maximumHertz", in: &reader)
    }
  }
}
