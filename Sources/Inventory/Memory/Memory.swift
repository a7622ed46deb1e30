public import Base

/// Memory and its NUMA nodes.
public struct Memory: Codable, Hashable, Sendable {
  /// `MemTotal` of `/proc/meminfo`, bytes.
  public var totalBytes: Int?
  /// `MemAvailable` of `/proc/meminfo`, bytes.
  public var availableBytes: Int?
  /// `SwapTotal`, bytes.
  public var swapTotalBytes: Int?
  /// `SwapFree`, bytes.
  public var swapFreeBytes: Int?
  /// NUMA nodes that are online, by id; ids may have gaps. A kernel without NUMA has none.
  public var nodes: [NUMANode] = []
  /// Ids that could ever come online, `/sys/devices/system/node/possible`.
  public var possibleNodes: NumberSet?
  /// Nodes whose memory this process may use (its cpuset), as the NUMA library reports live. Absent
  /// in a recording without that answer: it would be about another process.
  public var allowedNodes: NumberSet?
  /// `always`, `madvise` or `never`.
  public var transparentHugePages: String?
  /// `/sys/kernel/mm/transparent_hugepage/defrag`.
  public var transparentHugePageDefrag: String?
  /// Huge pages of each size that programs were promised and have not touched yet; the kernel does
  /// not report on which node. Empty where it has no such file.
  public var hugePagePromises: [HugePagePromise] = []
  /// `/proc/sys/kernel/numa_balancing`: bit 0 balancing, bit 1 tiering.
  public var numaBalancing: Int?
  /// `/proc/sys/vm/zone_reclaim_mode`.
  public var zoneReclaimMode: Int?
  /// Memory controllers with error counters. None means that ECC reporting is not available,
  /// not that there were no errors.
  public var controllers: [MemoryController] = []
  /// Memory modules in the firmware's tables (DMI type 17), populated or not.
  public var modules: [MemoryModule] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// Memory without facts.
  package init() {}

  /// The online CPUs of each node whose CPUs could be read, by node id.
  public var cpusByNode: [Int: NumberSet] {
    Dictionary(
      nodes.compactMap { node in node.cpus.map { (node.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}

/// Huge pages of one size that are free and yet reserved, because a program mapped them.
public struct HugePagePromise: Codable, Hashable, Sendable {
  /// Page size in bytes.
  public var pageBytes: Int
  /// Pages promised (`resv_hugepages`).
  public var pages: Int

  /// Pages promised of one size.
  package init(pageBytes: Int, pages: Int) {
    self.pageBytes = pageBytes
    self.pages = pages
  }
}

/// A NUMA node.
public struct NUMANode: Codable, Hashable, Sendable {
  /// What the node has.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// CPUs and memory.
    case regular
    /// CPUs, no memory.
    case memoryless
    /// Memory, no CPUs: HBM, CXL or a GPU's memory.
    case cpuless
    /// Neither.
    case empty
  }
  /// The id, as in `nodeN`.
  public var id: Int
  /// What it has; absent when CPUs or memory could not be read.
  public var kind: Kind?
  /// Online CPUs.
  public var cpus: NumberSet?
  /// `MemTotal` of the node's `meminfo`, bytes.
  public var totalBytes: Int?
  /// `MemFree` of the node's `meminfo`, bytes.
  public var freeBytes: Int?
  /// Pools of huge pages, by page size.
  public var hugePages: [HugePagePool] = []
  /// Distance to each online node, 10 being itself.
  public var distances: [Distance] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// A node without facts.
  package init(id: Int) { self.id = id }

  /// The firmware's relative cost of reaching a node.
  public struct Distance: Codable, Hashable, Sendable {
    /// The other node.
    public var node: Int
    /// The cost, 10 being local.
    public var value: Int

    /// The distance to a node.
    package init(node: Int, value: Int) {
      self.node = node
      self.value = value
    }
  }

  /// A pool of huge pages of one size.
  public struct HugePagePool: Codable, Hashable, Sendable {
    /// Page size in bytes.
    public var pageBytes: Int
    /// Pages in the pool.
    public var total: Int
    /// Pages not in use.
    public var free: Int

    /// A pool of one page size.
    package init(pageBytes: Int, total: Int, free: Int) {
      self.pageBytes = pageBytes
      self.total = total
      self.free = free
    }
  }
}

/// A memory controller with error counters (EDAC), counted since its driver was loaded.
public struct MemoryController: Codable, Hashable, Sendable {
  /// `mc0`.
  public var name: String
  /// Kind of controller, `mc_name`.
  public var model: String?
  /// Capacity in bytes, `size_mb`.
  public var sizeBytes: Int?
  /// Errors corrected.
  public var correctedErrors: Int?
  /// Errors not corrected.
  public var uncorrectedErrors: Int?
  /// Seconds the counters have run.
  public var secondsSinceReset: Int?
  /// Modules with their own counters.
  public var modules: [Module] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// A controller without facts.
  package init(name: String) { self.name = name }

  /// A module of a controller.
  public struct Module: Codable, Hashable, Sendable {
    /// `dimm0` or `rank0`.
    public var name: String
    /// The board's label, `dimm_label`.
    public var label: String?
    /// Capacity in bytes, `size`.
    public var sizeBytes: Int?
    /// Errors corrected.
    public var correctedErrors: Int?
    /// Errors not corrected.
    public var uncorrectedErrors: Int?

    /// A module without facts.
    package init(name: String) { self.name = name }
  }
}

extension MemoryModule {
  /// Whether what it holds is main memory. Type 1fh, a logical non-volatile device, is persistent
  /// memory (Optane and others): storage, or the large side of a cache, and the kernel counts
  /// it, if at all, elsewhere.
  public var isMainMemory: Bool { type != "Logical non-volatile device" }
}

extension Memory {
  /// The modules that are there and are main memory.
  public var mainModules: [MemoryModule] { modules.filter { $0.isPopulated && $0.isMainMemory } }
}

/// A memory module as the firmware describes it (SMBIOS type 17).
public struct MemoryModule: Codable, Hashable, Sendable {
  /// Socket label (`DIMM A1`).
  public var locator: String?
  /// Bank label (`P0 CHANNEL A`).
  public var bank: String?
  /// Capacity in bytes; absent when the socket is empty or the firmware does not know.
  public var sizeBytes: Int?
  /// Whether a module is installed.
  public var isPopulated: Bool
  /// `DDR4`, `DDR5`, ...
  public var type: String?
  /// Highest speed of the module, mega-transfers a second.
  public var ratedMegatransfersPerSecond: Int?
  /// Speed it runs at, mega-transfers a second.
  public var configuredMegatransfersPerSecond: Int?
  /// Manufacturer as the firmware writes it.
  public var manufacturer: String?
  /// Part number.
  public var partNumber: String?
  /// Serial number, only when serials were asked for.
  public var serial: String?

  /// A module, or an empty socket.
  package init(isPopulated: Bool) { self.isPopulated = isPopulated }
}
