internal import Base
internal import KernelTree

/// Last-level caches, from `cpuN/cache`. Whole or absent, as the topology: a missing L3 domain
/// would change what the nodes are taken for.
struct CacheReader {
  private let tree: KernelTree
  private let candidates: NumberSet
  private let packages: [Processors.Package]
  private var failures = GroupedFailures(prefix: TopologyReader.base)
  private var sizeFailures = GroupedFailures(prefix: TopologyReader.base)

  /// - Parameter packages: the sockets of the candidates; none when they are not known.
  init(_ tree: KernelTree, candidates: NumberSet, packages: [Processors.Package]) {
    self.tree = tree
    self.candidates = candidates
    self.packages = packages
  }

  /// A cache as the list of one CPU has it.
  private struct Listed {
    var cache: Processors.Cache
    /// The CPU whose list it is, and the folder of the cache there, such as `index3`.
    var cpu: Int
    var name: String
  }

  /// The last-level caches of all candidates: the lists of one CPU of each group are looked at, and
  /// the number of the cache of each CPU.
  mutating func read(_ reader: inout FactReader) -> [Processors.Cache] {
    var listed: [Listed] = []
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
      covered.formUnion(cache.cache.cpus.numbers)
      listed.append(cache)
    }
    let caches = joined(listed)
    // A virtual machine may show no caches at all; the caches of some CPUs alone are no whole
    // answer.
    if !listed.isEmpty { for cpu in without { failures.add(cpu, "cache", "no such file") } }
    failures.note("lastLevelCaches", in: &reader)
    guard failures.isEmpty else { return [] }
    sizeFailures.note("lastLevelCaches", in: &reader)
    return caches
  }

  // MARK: Numbers

  /// A cache as its number names it (kernel: Documentation/ABI/testing/sysfs-devices-system-cpu,
  /// cache/index*/id). The sockets are named, too: not every firmware counts over all of them.
  private struct Key: Hashable {
    var level: Int
    var package: Int?
    var id: Int
  }

  /// The caches, with those joined that have one number. Linux makes the lists of AMD's caches of as
  /// many APIC ids in a row as threads share one; where cores are switched off the ids have gaps,
  /// and a list is cut in two (kernel: arch/x86/kernel/cpu/cacheinfo.c, __cache_amd_cpumap_setup).
  private mutating func joined(_ listed: [Listed]) -> [Processors.Cache] {
    var caches: [Processors.Cache] = []
    var known: [Key: Int] = [:]
    for entry in listed {
      let file = "cache/\(entry.name)/shared_cpu_list"
      var position: Int?
      if let key = key(of: entry) {
        position = known[key]
        if position == nil { known[key] = caches.count }
        if position != nil, key.package == nil {
          failures.add(entry.cpu, file, "two caches of one id, and the sockets are not known")
        }
      }
      guard let position else {
        caches.append(entry.cache)
        continue
      }
      if let size = caches[position].sizeBytes, let other = entry.cache.sizeBytes, size != other {
        failures.add(entry.cpu, file, "another size than the rest of the cache with its id")
      }
      caches[position].cpus.formUnion(entry.cache.cpus)
    }
    var seen = NumberSet()
    for cache in caches {
      if !seen.intersection(cache.cpus).isEmpty, let cpu = cache.cpus.first {
        failures.add(cpu, "cache", "shared_cpu_list overlaps the one of another cache")
      }
      seen.formUnion(cache.cpus)
    }
    return caches
  }

  /// The number that the CPUs of a list have for their cache; nil where they have none, as before
  /// Linux 4.10 and on some platforms.
  private mutating func key(of entry: Listed) -> Key? {
    let file = "cache/\(entry.name)/id"
    var ids: Set<Int> = []
    for cpu in entry.cache.cpus.numbers {
      switch tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", AttributeText.count) {
      case .value(let id): ids.insert(id)
      case .missing: continue
      case .failed(let reason): failures.add(cpu, file, reason)
      }
    }
    if ids.count > 1 {
      failures.add(entry.cpu, file, "shared_cpu_list names CPUs whose cache has another id")
    }
    guard ids.count == 1, let id = ids.first else { return nil }
    let package = packages.first { $0.cpus.contains(entry.cpu) }
    return Key(level: entry.cache.level, package: package?.id, id: id)
  }

  // MARK: Lists

  /// The cache of the highest level of one CPU.
  private mutating func lastLevel(of cpu: Int, _ names: [String]) -> Listed? {
    var last: (level: Int, name: String)?
    for name in names {
      let file = "cache/\(name)/level"
      switch tree.attribute("\(TopologyReader.base)\(cpu)/\(file)", CacheReader.level) {
      case .value(let level): if level > last?.level ?? 0 { last = (level, name) }
      // Without every level it is not known which is the last.
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
    return Listed(
      cache: Processors.Cache(level: last.level, sizeBytes: size, cpus: cpus), cpu: cpu,
      name: last.name)
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
