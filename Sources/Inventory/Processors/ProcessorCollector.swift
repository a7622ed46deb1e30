internal import Base
internal import KernelTree

/// The CPUs: model, sets, sockets and cores, caches, power management, temperatures.
enum ProcessorCollector {
  private static let base = "/sys/devices/system/cpu"

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var reader = context.reader(base)
    var processors = Processors()
    readSets(&processors, context.tree, &reader)
    if let online = processors.online { NodeReader.keep(online, in: &inventory.memory.nodes) }
    if context.options.parts.contains(.processors) {
      let folders = folders(context.tree, &reader)
      let candidates = processors.online ?? folders
      let listed = candidates.intersection(folders)
      readIdentity(&processors, context.cpuInfo(), &reader)
      readTopology(&processors, context.tree, candidates, listed, &reader)
      var caches = CacheReader(
        context.tree, candidates: listed, packages: processors.packages)
      processors.lastLevelCaches = caches.read(&reader)
      processors.frequency = FrequencyReader.read(context.tree, candidates: listed, &reader)
      processors.idle = IdleReader.read(
        context.tree, candidates: listed, states: context.options.parts.contains(.pciDetail),
        &reader)
      processors.temperatures = TemperatureReader.read(context.tree, &reader)
      processors.busyShare = busyShare(&reader)
      processors.nodesPerSocket = nodesPerSocket(
        processors, inventory, context.cpuInfo(),
        doubt: reader.unknown.first { $0.fact == "offline" }?.reason)
    }
    processors.unknown = reader.unknown
    processors.sources = reader.sources
    inventory.processors = processors
    inventory.collectors.append(report(processors))
  }

  // MARK: - Sets

  private static func readSets(
    _ processors: inout Processors, _ tree: KernelTree, _ reader: inout FactReader
  ) {
    processors.possible = reader.numberSet("possible", "possible", mayBeEmpty: false)
    processors.present = reader.numberSet("present", "present", mayBeEmpty: false)
    processors.online = reader.numberSet("online", "online", mayBeEmpty: false)
    processors.offline = offline(processors, tree, &reader)
    processors.isolated = reader.numberSet("isolated", "isolated", mayBeEmpty: true)
    processors.nohzFull = reader.numberSet("nohzFull", "nohz_full", mayBeEmpty: true)
    processors.smtActive = reader.parsed("smtActive", "smt/active", AttributeText.bit)
    processors.smtControl = reader.parsed("smtControl", "smt/control", smtControl)
  }

  /// CPUs that are there and do not run; unknown where the kernel's own list says otherwise. LXCFS
  /// makes up `online` alone (lxcfs: src/sysfs_fuse.c), and a CPU that its container may not use is
  /// not offline.
  private static func offline(
    _ processors: Processors, _ tree: KernelTree, _ reader: inout FactReader
  ) -> NumberSet? {
    guard let present = processors.present, let online = processors.online else { return nil }
    let offline = present.subtracting(online)
    let path = reader.path("offline")
    let told: NumberSet?
    switch kernelsOffline(tree, path) {
    case .value(let set): told = set
    case .missing: told = nil
    case .failed(let reason):
      reader.note("offline", path: path, unknown: reason)
      return nil
    }
    // The kernel's own also names CPUs that could be there and are not (kernel: drivers/base/cpu.c,
    // print_cpus_offline).
    let agrees = told.map { $0.intersection(present) == offline } ?? true
    guard agrees, online.isSubset(of: present) else {
      reader.note(
        "offline", path: path, unknown: "online, offline and present contradict each other")
      return nil
    }
    reader.note("offline", source: reader.path("present"))
    return offline
  }

  /// The kernel's list of CPUs offline; missing where the file is empty: many recordings are
  /// without it, or have the file without the line that the kernel writes.
  private static func kernelsOffline(
    _ tree: KernelTree, _ path: String
  ) -> AttributeReading<NumberSet> {
    do throws(ReadFailure) {
      let content = try tree.bytes(path)
      if content.isEmpty { return .missing }
      let text = ASCII.trimmed(content[...])
      if let set = NumberSet(list: text) { return .value(set) }
      return .failed("cannot understand '\(String(decoding: text.prefix(40), as: UTF8.self))'")
    } catch {
      let isMissing = error.cause == .notFound || error.cause == .notRecorded
      return isMissing ? .missing : .failed(error.reason)
    }
  }

  /// A state of the SMT switch; newer kernels of some processors say the threads per core.
  static func smtControl(_ text: ArraySlice<UInt8>) -> String? {
    let word = String(decoding: text, as: UTF8.self)
    let states = ["on", "off", "forceoff", "notsupported", "notimplemented"]
    if states.contains(word) { return word }
    return AttributeText.count(text).map { "\($0)" }
  }

  /// CPUs that have a folder.
  private static func folders(_ tree: KernelTree, _ reader: inout FactReader) -> NumberSet {
    do throws(ReadFailure) {
      let names = try tree.source.entries(base)
      return NumberSet(
        names.compactMap { name in
          guard name.hasPrefix("cpu") else { return nil }
          let number = AttributeText.count(Array(name.utf8.dropFirst(3))[...])
          return number.flatMap { $0 <= NumberSet.highest ? $0 : nil }
        })
    } catch {
      reader.note("packages", error)
      return NumberSet()
    }
  }

  private static func readTopology(
    _ processors: inout Processors, _ tree: KernelTree, _ candidates: NumberSet,
    _ listed: NumberSet, _ reader: inout FactReader
  ) {
    // A recording may hold the lists alone: a CPU without a folder is reported once, not tried.
    let missing = candidates.subtracting(listed)
    if !missing.isEmpty {
      reader.note(
        "packages", path: "\(TopologyReader.base){\(missing)}", unknown: "online, but no folder")
      return
    }
    var topology = TopologyReader(
      tree, candidates: listed, areOnline: processors.online != nil)
    topology.read(&reader)
    processors.cores = topology.cores
    processors.packages = topology.packages
    if !topology.cores.isEmpty {
      reader.note("packages", source: "\(TopologyReader.base)*/topology")
      reader.note("cores", source: "\(TopologyReader.base)*/topology")
    }
  }

  // MARK: - Identity

  private static func readIdentity(
    _ processors: inout Processors, _ reading: Result<CPUInfo, ReadFailure>,
    _ reader: inout FactReader
  ) {
    let path = CollectionContext.cpuInfoPath
    let info: CPUInfo
    switch reading {
    case .failure(let failure):
      reader.note("model", failure)
      return
    case .success(let success): info = success
    }
    if info.first.isEmpty {
      reader.note("model", path: path, unknown: "names no processor")
      return
    }
    func field<Value>(_ fact: String, _ key: String, _ parse: (String) -> Value?) -> Value? {
      guard let text = info.first[key] else { return nil }
      if let values = info.differing[key] {
        reader.note(fact, path: path, unknown: "CPUs differ: " + values.joined(separator: ", "))
        return nil
      }
      if let value = parse(text) {
        reader.note(fact, source: path)
        return value
      }
      reader.note(fact, path: path, unknown: "cannot understand '\(text.prefix(40))'")
      return nil
    }
    processors.vendor = field("vendor", "vendor_id") { $0 }
    // `model` is a number on x86 alone, where there is a vendor, too.
    if info.isX86 {
      processors.family = field("family", "cpu family", number)
      processors.modelNumber = field("modelNumber", "model", number)
      processors.stepping = field("stepping", "stepping", number)
      processors.microcode = field("microcode", "microcode") { text in
        ASCII.hexadecimal(Array(text.utf8)[...]) == nil ? nil : text
      }
    }
    for key in ["model name", "cpu", "Processor", "cpu model"] {
      guard let name = info.first[key] else { continue }
      processors.model = info.differing[key]?.joined(separator: " + ") ?? name
      reader.note("model", source: path)
      break
    }
    if processors.model == nil, let name = ARMNames.model(info) {
      processors.model = name
      reader.note("model", source: path)
    }
  }

  private static func number(_ text: String) -> Int? {
    AttributeText.count(Array(text.utf8)[...])
  }

  // MARK: - Busy share

  private static func busyShare(_ reader: inout FactReader) -> Double? {
    // One line for each CPU and one with a number for each interrupt.
    guard let text = reader.bytes("busyShare", "/proc/stat", limit: 16 << 20) else { return nil }
    let line = text[..<(text.firstIndex(of: 0x0a) ?? text.endIndex)]
    if let share = ProcessorTimes(line: line)?.busyShare { return share }
    reader.forget("busyShare")
    reader.note("busyShare", path: "/proc/stat", unknown: "cannot understand the first line")
    return nil
  }

  // MARK: - Nodes per socket

  private static func nodesPerSocket(
    _ processors: Processors, _ inventory: Inventory, _ reading: Result<CPUInfo, ReadFailure>,
    doubt: String?
  ) -> Processors.NodesPerSocket? {
    var inference = NodesPerSocketInference()
    inference.onlineDoubt = doubt
    inference.vendor = processors.vendor
    inference.family = processors.family
    inference.modelNumber = processors.modelNumber
    inference.model = processors.model
    if case .success(let info) = reading, info.hasFlags {
      inference.isGuest = info.hasHypervisorFlag
    }
    inference.commandLine = inventory.machine.kernel.commandLine
    inference.hasOfflineCPUs = processors.offline.map { !$0.isEmpty }
    for package in processors.packages { inference.packages[package.id] = package.cpus }
    for node in inventory.memory.nodes { inference.nodes.updateValue(node.cpus, forKey: node.id) }
    inference.levelThreeDomains = processors.lastLevelCaches.filter { $0.level == 3 }.map(\.cpus)
    return inference.infer()
  }

  private static func report(_ processors: Processors) -> CollectorReport {
    let name = "Processors"
    if processors.online != nil || processors.model != nil || !processors.cores.isEmpty {
      return CollectorReport(name: name, outcome: .found)
    }
    return CollectorReport(
      name: name, outcome: processors.unknown.isEmpty ? .nothing : .failed,
      note: processors.unknown.first.map { "\($0.path): \($0.reason)" })
  }
}
