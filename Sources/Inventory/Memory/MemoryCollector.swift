internal import Base
internal import KernelTree

/// Memory: NUMA nodes for everyone; totals, huge pages, settings, error counters and modules when
/// memory was asked for.
enum MemoryCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let isAsked = context.options.parts.contains(.memory)
    var memory = Memory()
    var reader = context.reader("")
    memory.nodes = NodeReader(
      context.tree, recordSources: context.options.recordSources, includesHugePages: isAsked
    ).read(&reader)
    if isAsked {
      readTotals(&memory, &reader)
      readSettings(&memory, &reader)
      memory.controllers = MemoryControllerReader.read(context.tree, &reader)
      memory.modules = MemoryModuleReader.read(
        context.tree, includeSerials: context.options.includeSerials, &reader)
      if !memory.nodes.isEmpty { askLibrary(&memory, context.tree, &reader) }
    }
    memory.unknown = reader.unknown
    memory.sources = reader.sources
    inventory.memory = memory
    inventory.collectors.append(report(memory))
  }

  private static func readTotals(_ memory: inout Memory, _ reader: inout FactReader) {
    let path = "/proc/meminfo"
    guard let text = reader.bytes("totalBytes", path) else { return }
    reader.forget("totalBytes")
    let info = MemoryInfo(text, wanted: ["MemTotal", "MemAvailable", "SwapTotal", "SwapFree"])
    memory.totalBytes = info.size(
      "MemTotal", as: "totalBytes", path: path, required: true, &reader)
    // Since 3.14.
    memory.availableBytes = info.part(
      "MemAvailable", of: "MemTotal", as: "availableBytes", path: path, &reader)
    memory.swapTotalBytes = info.size(
      "SwapTotal", as: "swapTotalBytes", path: path, required: false, &reader)
    memory.swapFreeBytes = info.part(
      "SwapFree", of: "SwapTotal", as: "swapFreeBytes", path: path, &reader)
  }

  private static func readSettings(_ memory: inout Memory, _ reader: inout FactReader) {
    memory.possibleNodes = reader.numberSet(
      "possibleNodes", "/sys/devices/system/node/possible", mayBeEmpty: false)
    let thp = "/sys/kernel/mm/transparent_hugepage"
    memory.transparentHugePages = reader.parsed(
      "transparentHugePages", thp + "/enabled", AttributeText.choice)
    memory.transparentHugePageDefrag = reader.parsed(
      "transparentHugePageDefrag", thp + "/defrag", AttributeText.choice)
    memory.hugePagePromises = promises(&reader)
    memory.numaBalancing = reader.count("numaBalancing", "/proc/sys/kernel/numa_balancing")
    memory.zoneReclaimMode = reader.count("zoneReclaimMode", "/proc/sys/vm/zone_reclaim_mode")
  }

  /// Pages that a program mapped and has not touched are counted as free in each node's pool, and
  /// as promised for the machine only (kernel: mm/hugetlb_sysfs.c, `per_node_hstate_attrs` has no
  /// `resv_hugepages`).
  private static func promises(_ reader: inout FactReader) -> [HugePagePromise] {
    let fact = "hugePagePromises"
    let folder = "/sys/kernel/mm/hugepages"
    let names: [String]
    do throws(ReadFailure) { names = try reader.tree.names(folder) } catch {
      reader.note(fact, error)
      return []
    }
    return names.compactMap { name in
      guard let size = NodeReader.pageBytes(name),
        let pages = reader.count("\(fact).\(size)", "\(folder)/\(name)/resv_hugepages")
      else { return nil }
      return HugePagePromise(pageBytes: size, pages: pages)
    }
  }

  private static func askLibrary(
    _ memory: inout Memory, _ tree: KernelTree, _ reader: inout FactReader
  ) {
    let probe = NUMALibraryAnswer.probe
    let ids = NumberSet(memory.nodes.map(\.id))
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try tree.probe(probe) { () throws(ReadFailure) in NUMALibraryAnswer.ask(nodes: ids) }
    } catch {
      // For another machine sysfs has all that matters.
      if error.cause != .notRecorded { reader.note("allowedNodes", error) }
      return
    }
    let answer = NUMALibraryAnswer(text)
    if answer.isAvailable == true, let allowed = answer.allowedNodes, !allowed.isEmpty {
      memory.allowedNodes = allowed
      reader.note("allowedNodes", source: "libnuma")
    } else if answer.isAvailable == false {
      reader.note(
        "allowedNodes", path: "libnuma",
        unknown: "the kernel has no memory policies, or does not let this process ask")
    } else {
      reader.note("allowedNodes", path: "libnuma", unknown: "the answer makes no sense")
    }
    let contradictions = answer.contradictions(to: memory.nodes)
    if let first = contradictions.first {
      let more = contradictions.count > 1 ? " (and \(contradictions.count - 1) more)" : ""
      reader.note("nodes.distances", path: "libnuma", unknown: first + more)
    }
  }

  private static func report(_ memory: Memory) -> CollectorReport {
    let name = "Memory"
    if !memory.nodes.isEmpty || memory.totalBytes != nil {
      return CollectorReport(name: name, outcome: .found)
    }
    return CollectorReport(
      name: name, outcome: memory.unknown.isEmpty ? .nothing : .failed,
      note: memory.unknown.first.map { "\($0.path): \($0.reason)" })
  }
}
