internal import Base
internal import KernelTree

/// The KFD topology: AMD's own list of CPUs and GPUs and the links between them.
struct KFDTopology {
  static let base = "/sys/class/kfd/kfd/topology"

  /// A GPU node. A card that is split into partitions has several.
  struct GPUNode {
    var node: KFDNode
    var domain: Int
    /// Bus, device and function; with partitions, the lowest bits are the partition.
    var location: Int
    var renderMinor: Int?
    /// Why its links could not all be read, or that this kernel lists none; nil when they could.
    var linkGap: String?
  }

  /// Nodes that are GPUs, by number.
  var gpus: [GPUNode] = []
  /// What could not be determined, for the collector's report.
  var notes: [String] = []

  /// Reads the topology, again when it changed meanwhile. Nil where there is no KFD.
  static func read(_ tree: KernelTree) -> KFDTopology? {
    guard tree.exists(base + "/nodes") else { return nil }
    var topology = KFDTopology()
    for _ in 0..<3 {
      let before = tree.textIfPresent(base + "/generation_id")
      topology = walk(tree)
      if tree.textIfPresent(base + "/generation_id") == before { return topology }
    }
    topology.notes.append("the KFD topology changed at every reading")
    return topology
  }

  private static func walk(_ tree: KernelTree) -> KFDTopology {
    var topology = KFDTopology()
    let names: [String]
    do throws(ReadFailure) {
      names = try tree.names(base + "/nodes")
    } catch {
      topology.notes.append(error.description)
      return topology
    }
    for name in names {
      guard let number = Int(name) else { continue }
      do throws(ReadFailure) {
        if let node = try gpuNode(tree, number) { topology.gpus.append(node) }
      } catch {
        // A device control group may hide a GPU from this process: EPERM.
        topology.notes.append("KFD node \(number): \(error.reason)")
      }
    }
    return topology
  }

  private static func gpuNode(_ tree: KernelTree, _ number: Int) throws(ReadFailure) -> GPUNode? {
    let path = base + "/nodes/\(number)"
    let id = ASCII.decimal(try tree.bytes(path + "/gpu_id")[...])
    // A CPU has id 0.
    if id == 0 { return nil }
    let properties = numbers(try tree.bytes(path + "/properties"))
    guard properties["simd_count"] != 0, let location = properties["location_id"] else {
      return nil
    }
    var node = KFDNode(node: number)
    node.gpuID = id
    node.target = properties["gfx_target_version"].flatMap(targetName)
    if let units = properties["simd_count"], let each = properties["simd_per_cu"], each > 0 {
      node.computeUnits = units / each
    }
    for bank in tree.namesIfPresent(path + "/mem_banks") {
      guard let content = try? tree.bytes(path + "/mem_banks/\(bank)/properties") else { continue }
      let bank = numbers(content)
      guard let size = bank["size_in_bytes"], size > 0 else { continue }
      switch bank["heap_type"] {
      case 1: node.publicMemoryBytes = sum(node.publicMemoryBytes, size)
      case 2: node.privateMemoryBytes = sum(node.privateMemoryBytes, size)
      default: break
      }
    }
    var gap: String?
    for (folder, list) in [("io_links", "io"), ("p2p_links", "p2p")] {
      do throws(ReadFailure) {
        for name in try tree.names(path + "/" + folder) {
          let link = numbers(try tree.bytes(path + "/\(folder)/\(name)/properties"))
          guard let target = link["node_to"], let type = link["type"] else {
            gap = "cannot understand \(folder)/\(name)"
            continue
          }
          if link["flags"] == nil { gap = "\(folder)/\(name) has no flags" }
          node.links.append(
            KFDNode.Link(
              list: list, toNode: target, type: type, weight: link["weight"], flags: link["flags"]))
        }
      } catch {
        gap = "\(folder): \(error.reason)"
      }
    }
    return GPUNode(
      node: node, domain: properties["domain"] ?? 0, location: location,
      renderMinor: properties["drm_render_minor"].flatMap { $0 > 0 ? $0 : nil }, linkGap: gap)
  }

  /// `name value` lines; what is no number that fits is left out.
  static func numbers(_ text: [UInt8]) -> [String: Int] {
    var pairs: [String: Int] = [:]
    for line in ASCII.lines(text) {
      let line = ASCII.trimmed(line)
      guard let blank = line.lastIndex(where: ASCII.isBlank),
        let value = ASCII.decimal(line[blank...])
      else { continue }
      pairs[String(decoding: ASCII.trimmed(line[..<blank]), as: UTF8.self)] = value
    }
    return pairs
  }

  /// The target of a `gfx_target_version`: major, minor and stepping, two decimal digits each
  /// for the last two, which a name writes as one hexadecimal digit each. 90010 is `gfx90a`.
  static func targetName(_ version: Int) -> String? {
    let major = version / 10000
    let minor = version / 100 % 100
    let step = version % 100
    guard version > 0, major > 0, major < 100, minor < 16, step < 16 else { return nil }
    return "gfx\(major)" + String(minor, radix: 16) + String(step, radix: 16)
  }

  private static func sum(_ a: Int?, _ b: Int) -> Int? {
    let (sum, overflow) = (a ?? 0).addingReportingOverflow(b)
    return overflow ? nil : sum
  }

  /// The PCI function of a node among some GPUs, as an index.
  ///
  /// With partitions the function number is the partition's: where no GPU has the full address,
  /// function 0 is meant. The render node, where the card has it, leaves no doubt.
  static func match(
    _ node: GPUNode, addresses: [PCIAddress: Int], renderNodes: [String: Int]
  ) -> Int? {
    if let minor = node.renderMinor, let index = renderNodes["renderD\(minor)"] { return index }
    return match(domain: node.domain, location: node.location, addresses: addresses)
  }

  /// As above, by the location alone.
  static func match(domain: Int, location: Int, addresses: [PCIAddress: Int]) -> Int? {
    guard let full = address(domain: domain, location: location) else { return nil }
    if let index = addresses[full] { return index }
    var first = full
    first.function = 0
    return addresses[first]
  }

  /// The address that a `location_id` stands for.
  static func address(domain: Int, location: Int) -> PCIAddress? {
    guard let domain = UInt32(exactly: domain), location >= 0, location <= 0xffff else {
      return nil
    }
    return PCIAddress(
      domain: domain, bus: UInt8(location >> 8), device: UInt8(location >> 3 & 0x1f),
      function: UInt8(location & 7))
  }
}
