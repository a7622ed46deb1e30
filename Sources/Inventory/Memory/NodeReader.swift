internal import Base
internal import KernelTree

/// NUMA nodes, from `/sys/devices/system/node`. Ids may have gaps; a kernel without NUMA has no
/// folder and no nodes.
struct NodeReader {
  private static let base = "/sys/devices/system/node"

  private let tree: KernelTree
  private let recordSources: Bool
  /// Also read the pools of huge pages.
  private let includesHugePages: Bool

  init(_ tree: KernelTree, recordSources: Bool, includesHugePages: Bool) {
    self.tree = tree
    self.recordSources = recordSources
    self.includesHugePages = includesHugePages
  }

  /// The nodes in order of their ids.
  func read(_ reader: inout FactReader) -> [NUMANode] {
    let folders: NumberSet
    do throws(ReadFailure) {
      let numbers = try tree.source.entries(NodeReader.base).compactMap(NodeReader.number)
      folders = NumberSet(numbers)
    } catch {
      reader.note("nodes", error)
      return []
    }
    let online = reader.numberSet(
      "nodes", NodeReader.base + "/online", mayBeEmpty: false)
    // Without the list the folders are it: the kernel makes one for each node that is online.
    let columns = online ?? folders
    let missing = columns.subtracting(folders)
    if !missing.isEmpty {
      let name = missing.count == 1 ? "\(missing)" : "{\(missing)}"
      reader.note("nodes", path: "\(NodeReader.base)/node\(name)", unknown: "online, but no folder")
    }
    return columns.intersection(folders).numbers.map { id in
      readNode(id, columns: columns, &reader)
    }
  }

  /// The number of `node12`.
  private static func number(_ name: String) -> Int? {
    guard name.hasPrefix("node") else { return nil }
    let number = AttributeText.count(Array(name.utf8.dropFirst(4))[...])
    return number.flatMap { $0 <= NumberSet.highest ? $0 : nil }
  }

  private func readNode(
    _ id: Int, columns: NumberSet, _ memory: inout FactReader
  ) -> NUMANode {
    var node = NUMANode(id: id)
    let folder = "\(NodeReader.base)/node\(id)"
    var reader = FactReader(tree, base: folder, recordSources: recordSources)
    node.cpus = cpus(&reader)
    if let text = reader.bytes("totalBytes", "meminfo") {
      let info = MemoryInfo(text, wanted: ["MemTotal", "MemFree"], node: id)
      reader.forget("totalBytes")
      let path = reader.path("meminfo")
      node.totalBytes = info.size(
        "MemTotal", as: "totalBytes", path: path, required: true, &reader)
      node.freeBytes = info.part(
        "MemFree", of: "MemTotal", as: "freeBytes", path: path, required: true, &reader)
    }
    node.kind = NodeReader.kind(cpus: node.cpus, totalBytes: node.totalBytes)
    node.distances =
      reader.parsed("distances", "distance") { NodeReader.distances($0, columns: columns) } ?? []
    if includesHugePages { node.hugePages = hugePages(&reader) }
    node.unknown = reader.unknown
    memory.adoptSources(of: reader, as: "nodes.\(id)")
    return node
  }

  /// What a node has; nil unless both CPUs and memory are known.
  static func kind(cpus: NumberSet?, totalBytes: Int?) -> NUMANode.Kind? {
    guard let cpus, let totalBytes else { return nil }
    switch (cpus.isEmpty, totalBytes == 0) {
    case (false, false): return .regular
    case (false, true): return .memoryless
    case (true, false): return .cpuless
    case (true, true): return .empty
    }
  }

  /// Takes CPUs that do not run out of the nodes: some kernels (POWER) list every CPU that could
  /// ever be in the node.
  static func keep(_ online: NumberSet, in nodes: inout [NUMANode]) {
    for index in nodes.indices {
      guard let cpus = nodes[index].cpus, !cpus.isSubset(of: online) else { continue }
      let running = cpus.intersection(online)
      nodes[index].cpus = running
      nodes[index].kind = kind(cpus: running, totalBytes: nodes[index].totalBytes)
    }
  }

  private func cpus(_ reader: inout FactReader) -> NumberSet? {
    if let set = reader.numberSet("cpus", "cpulist", mayBeEmpty: true) { return set }
    // The mask is older than the list and says the same; recordings may hold it alone.
    if reader.unknown.isEmpty {
      return reader.parsed("cpus", "cpumap") { NumberSet(mask: $0) }
    }
    return nil
  }

  /// The distances in a line such as ` 10 21 21`: its columns are the online nodes in order of
  /// their ids. Nil when their number or a value is wrong (ACPI SLIT: a byte, 255 unreachable).
  static func distances(
    _ text: ArraySlice<UInt8>, columns: NumberSet
  ) -> [NUMANode.Distance]? {
    let fields = ASCII.fields(text)
    guard fields.count == columns.count else { return nil }
    var distances: [NUMANode.Distance] = []
    for (node, field) in zip(columns.numbers, fields) {
      guard let value = ASCII.decimal(field), value > 0, value <= 255 else { return nil }
      distances.append(NUMANode.Distance(node: node, value: value))
    }
    return distances
  }

  private func hugePages(_ reader: inout FactReader) -> [NUMANode.HugePagePool] {
    let names: [String]
    do throws(ReadFailure) {
      names = try tree.names(reader.path("hugepages"))
    } catch {
      reader.note("hugePages", error)
      return []
    }
    return names.compactMap { name in
      guard let size = NodeReader.pageBytes(name),
        let total = reader.count("hugePages", "hugepages/\(name)/nr_hugepages"),
        let free = reader.count("hugePages", "hugepages/\(name)/free_hugepages")
      else { return nil }
      return NUMANode.HugePagePool(pageBytes: size, total: total, free: free)
    }
  }

  /// The page size in `hugepages-2048kB`.
  static func pageBytes(_ name: String) -> Int? {
    guard name.hasPrefix("hugepages-"), name.hasSuffix("kB") else { return nil }
    let number = Array(name.utf8.dropFirst(10).dropLast(2))
    return AttributeText.count(number[...], times: 1024).flatMap { $0 > 0 ? $0 : nil }
  }
}
