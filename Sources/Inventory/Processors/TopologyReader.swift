internal import Base
internal import KernelTree

/// Sockets and cores, from `cpuN/topology`.
///
/// The list is whole or absent: a socket that lacks one core because a file could not be read
/// would be a wrong number, not a missing one.
struct TopologyReader {
  static let base = "/sys/devices/system/cpu/cpu"

  let tree: KernelTree
  /// CPUs to look at: those online, or every folder where `online` is not known.
  let candidates: NumberSet
  /// Whether the candidates are known to be online. One without a topology folder then lacks
  /// something; an offline CPU's folder may be empty.
  let areOnline: Bool

  private var failures = GroupedFailures(prefix: TopologyReader.base)
  private var detailFailures = GroupedFailures(prefix: TopologyReader.base)
  private(set) var cores: [Processors.Core] = []
  private(set) var packages: [Processors.Package] = []

  init(_ tree: KernelTree, candidates: NumberSet, areOnline: Bool) {
    self.tree = tree
    self.candidates = candidates
    self.areOnline = areOnline
  }

  /// Reads the sibling list of a thread of each core, then socket, die and core number of one.
  mutating func read(_ reader: inout FactReader) {
    var covered: Set<Int> = []
    for cpu in candidates.numbers where !covered.contains(cpu) {
      guard let siblings = siblings(of: cpu) else { continue }
      let fresh = siblings.numbers.filter { covered.insert($0).inserted }
      if fresh.count != siblings.count {
        failures.add(cpu, "topology/thread_siblings_list", "overlaps the list of another core")
      }
      guard let package = package(of: fresh) else { continue }
      cores.append(
        Processors.Core(
          package: package, die: optional("topology/die_id", of: cpu),
          id: optional("topology/core_id", of: cpu), cpus: NumberSet(fresh)))
    }
    if failures.isEmpty {
      packages = TopologyReader.packages(of: cores)
    } else {
      cores = []
    }
    failures.note("packages", in: &reader)
    if !cores.isEmpty { detailFailures.note("cores", in: &reader) }
  }

  /// The sockets that a complete list of cores makes up.
  static func packages(of cores: [Processors.Core]) -> [Processors.Package] {
    var cpus: [Int: [Int]] = [:]
    var counts: [Int: Int] = [:]
    for core in cores {
      cpus[core.package, default: []] += core.cpus.numbers
      counts[core.package, default: 0] += 1
    }
    return cpus.keys.sorted().map { id in
      Processors.Package(
        id: id, cpus: NumberSet(cpus[id] ?? []), coreCount: counts[id] ?? 0)
    }
  }

  /// The candidates that share a core with `cpu`, itself among them; nil when it has no topology
  /// or a failure was noted.
  private mutating func siblings(of cpu: Int) -> NumberSet? {
    let folder = "\(TopologyReader.base)\(cpu)/topology"
    // The first name is on every kernel and called deprecated since 5.8; the mask is the oldest.
    for name in ["thread_siblings_list", "core_cpus_list", "thread_siblings"] {
      let reading = tree.attribute("\(folder)/\(name)") { text in
        name == "thread_siblings" ? NumberSet(mask: text) : NumberSet(list: text)
      }
      switch reading {
      case .missing: continue
      case .failed(let reason):
        failures.add(cpu, "topology/\(name)", reason)
        return nil
      case .value(let set):
        if set.contains(cpu) { return set.intersection(candidates) }
        failures.add(cpu, "topology/\(name)", "does not name the CPU itself")
        return nil
      }
    }
    if areOnline || tree.exists(folder) {
      failures.add(cpu, "topology/thread_siblings_list", "no such file")
    }
    return nil
  }

  /// The socket of a core, from the first of its threads that has it.
  private mutating func package(of threads: [Int]) -> Int? {
    let file = "topology/physical_package_id"
    var reason = "no such file"
    for cpu in threads {
      switch tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", ASCII.decimal) {
      case .missing: continue
      case .failed(let why): reason = why
      case .value(let id):
        if id >= 0 { return id }
        reason = "\(id): the firmware does not report the socket"
      }
    }
    if let cpu = threads.first { failures.add(cpu, file, reason) }
    return nil
  }

  /// A number that not every kernel and processor has; -1 is "none".
  private mutating func optional(_ file: String, of cpu: Int) -> Int? {
    let reading = tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", ASCII.decimal)
    let value = detailFailures.value(of: reading, cpu, file)
    return value.flatMap { $0 < 0 ? nil : $0 }
  }
}
