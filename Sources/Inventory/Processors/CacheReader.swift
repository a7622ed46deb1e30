internal import Base
internal import KernelTree

/// Last-level caches, from `cpuN/cache`. Whole or absent, as the topology: a missing L3 domain
/// would change what the nodes are taken for.
struct CacheReader {
  private let tree: KernelTree
  private let candidates: NumberSet
  private var failures = GroupedFailures(prefix: TopologyReader.base)
  private var sizeFailures = GroupedFailures(prefix: TopologyReader.base)

  init(_ tree: KernelTree, candidates: NumberSet) {
    self.tree = tree
    self.candidates = candidates
  }

  /// The last-level caches of all candidates: the caches of one CPU of each group are looked at.
  mutating func read(_ reader: inout FactReader) -> [Processors.Cache] {
    var caches: [Processors.Cache] = []
    var covered: Set<Int> = []
    var without: [Int] = []
    for cpu in candidates.numbers where !covered.contains(cpu) {
      let folder = "\(TopologyReader.base)\(cpu)/cache"
      let names: [String]
      do throws(ReadFailure) {
        names = try tree.names(folder).filter { $0.hasPrefix("index") }
      } catch {
        if error.cause == .notFound {
          without.append(cpu)
        } else {
          failures.add(cpu, "cache", error.reason)
        }
        continue
      }
      if names.isEmpty { without.append(cpu) }
      guard let cache = lastLevel(of: cpu, names) else { continue }
      covered.formUnion(cache.cpus.numbers)
      caches.append(cache)
    }
    // A virtual machine tells of no caches at all; some CPUs only is not a whole answer.
    if !caches.isEmpty { for cpu in without { failures.add(cpu, "cache", "no such file") } }
    failures.note("lastLevelCaches", in: &reader)
    guard failures.isEmpty else { return [] }
    sizeFailures.note("lastLevelCaches", in: &reader)
    return caches
  }

  /// The cache of the highest level of one CPU.
  private mutating func lastLevel(of cpu: Int, _ names: [String]) -> Processors.Cache? {
    var last: (level: Int, name: String)?
    for name in names {
      let file = "cache/\(name)/level"
      switch tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", CacheReader.level) {
      case .value(let level): if level > last?.level ?? 0 { last = (level, name) }
      // Without every level there is no telling which is the last.
      case .missing:
        failures.add(cpu, file, "no such file")
        return nil
      case .failed(let reason):
        failures.add(cpu, file, reason)
        return nil
      }
    }
    guard let last, let cpus = sharers(of: cpu, "cache/\(last.name)") else { return nil }
    let file = "cache/\(last.name)/size"
    let reading = tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", CacheReader.size)
    let size = sizeFailures.value(of: reading, cpu, file)
    return Processors.Cache(level: last.level, sizeBytes: size, cpus: cpus)
  }

  private mutating func sharers(of cpu: Int, _ folder: String) -> NumberSet? {
    // Older recordings hold the mask only.
    for name in ["shared_cpu_list", "shared_cpu_map"] {
      let file = "\(folder)/\(name)"
      let reading = tree.attribute("\(TopologyReader.base)\(cpu)/\(file)") { text in
        name == "shared_cpu_map" ? NumberSet(mask: text) : NumberSet(list: text)
      }
      switch reading {
      case .missing: continue
      case .value(let set) where set.contains(cpu): return set.intersection(candidates)
      case .value: failures.add(cpu, file, "does not name the CPU itself")
      case .failed(let reason): failures.add(cpu, file, reason)
      }
      return nil
    }
    failures.add(cpu, "\(folder)/shared_cpu_list", "no such file")
    return nil
  }

  /// `1` to `10`; no machine has more levels.
  static func level(_ text: ArraySlice<UInt8>) -> Int? {
    ASCII.decimal(text).flatMap { (1...10).contains($0) ? $0 : nil }
  }

  /// `32768K`, in bytes.
  static func size(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.last == 0x4b else { return nil }
    return AttributeText.count(text.dropLast(), times: 1024).flatMap { $0 > 0 ? $0 : nil }
  }
}
