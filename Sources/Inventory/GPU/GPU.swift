public import Base

/// A GPU: one PCI function that computes, with its siblings (audio, USB) left to the PCI list.
public struct GPU: Codable, Hashable, Sendable {
  /// Who made it.
  public enum Vendor: String, Codable, Hashable, Sendable { case amd, nvidia, intel, other }
  /// PCI address.
  public var address: PCIAddress
  /// Its number among the GPUs of this box, for people only: `GPU0`. Not that of a driver or library.
  public var number: Int?
  /// Who made it.
  public var vendor: Vendor
  /// Marketing name: the driver's or pci.ids'.
  public var name: String?
  /// Whether it is part of the processor or the chipset, not a card; absent when its ids are not
  /// known or do not show it.
  public var isBuiltIn: Bool?
  /// Bound kernel driver; absent when none is. `vfio-pci` means a guest or a userspace driver.
  public var driver: String?
  /// Version of a driver that has one of its own (DKMS amdgpu, NVIDIA).
  public var driverVersion: String?
  /// Video memory, bytes.
  public var memoryTotalBytes: Int?
  /// Video memory in use, bytes.
  public var memoryUsedBytes: Int?
  /// Video memory the host can see through the BAR, bytes.
  public var memoryVisibleBytes: Int?
  /// The BAR through which the host sees video memory, bytes.
  public var memoryBarBytes: UInt64?
  /// Whether the BAR covers all video memory; absent when either size is unknown.
  public var largeBar: Bool?
  /// DRM card, `card0`: a name of this boot, not an identity.
  public var drmCard: String?
  /// DRM render node, `renderD128`.
  public var renderNode: String?
  /// KFD facts; absent when KFD does not drive it.
  public var kfd: KFDNode?
  /// Instruction set, `gfx1100`, from KFD; or compute capability, `sm_89`, from NVML.
  public var target: String?
  /// Power drawn, watts.
  public var powerWatts: Double?
  /// Power cap, watts, with its bounds.
  public var powerCap: PowerCap?
  /// Whether NVIDIA's driver keeps it initialised while nobody uses it (persistence mode); absent for GPUs of other
  /// makers, and when NVML was not asked.
  public var isPersistent: Bool?
  /// Temperatures by label, degrees Celsius.
  public var temperatures: [Temperature] = []
  /// Fan speed, revolutions a minute.
  public var fanRPM: Int?
  /// Shader (compute) clock now, Hz.
  public var coreClockHertz: Int?
  /// Memory clock now, Hz.
  public var memoryClockHertz: Int?
  /// Share of time the GPU was busy, 0 to 1.
  public var busyShare: Double?
  /// Share of time the memory interface was busy, 0 to 1.
  public var memoryBusyShare: Double?
  /// Firmware version of the card.
  public var vbios: String?
  /// Identity of the ASIC or board, only when serials were asked for.
  public var uniqueID: String?
  /// PCIe replays (NAKs sent and received) since the driver was loaded.
  public var pcieReplays: Int?
  /// Errors corrected and not, by block, where the card has ECC.
  public var ecc: [String: ECCCount]?
  /// Reasons the driver gives for running below its clocks (NVML).
  public var throttleReasons: [String]?
  /// Processes that hold it.
  public var processes: [GPUProcess] = []
  /// What the HSA runtime reports about it; absent without the runtime.
  public var hsa: HSAAgent?
  /// Partitions of one physical card, when there are several.
  public var partitions: Int?
  /// Its NVLinks by number, as NVML reports them; empty for a card without, absent when NVML was
  /// not asked for them.
  public var nvLinks: [NVLink]?
  /// What drivers and libraries report about its access to other GPUs' memory, by peer, then
  /// source.
  public var peerAnswers: [PeerAnswer] = []
  /// Whether NVML lists the GPU that its driver holds; absent when it was not asked, or may hide
  /// the GPU from the caller.
  public var isListedByNVML: Bool?
  /// Its number in NVML and `nvidia-smi`, as NVML counts; absent when NVML was not asked or does
  /// not list it.
  public var nvmlIndex: Int?
  /// Multi-Instance GPU: the parts that an NVIDIA GPU is split into. Absent where it cannot be.
  public var mig: MIG?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// A GPU without facts.
  package init(address: PCIAddress, vendor: Vendor) {
    self.address = address
    self.vendor = vendor
  }

  /// A power cap and its bounds, watts.
  public struct PowerCap: Codable, Hashable, Sendable {
    /// The cap in force.
    public var watts: Double
    /// Lowest the card accepts.
    public var minimumWatts: Double?
    /// Highest the card accepts.
    public var maximumWatts: Double?
    /// The card's own default.
    public var defaultWatts: Double?

    /// A cap with its bounds, watts.
    package init(
      watts: Double, minimumWatts: Double? = nil, maximumWatts: Double? = nil,
      defaultWatts: Double? = nil
    ) {
      self.watts = watts
      self.minimumWatts = minimumWatts
      self.maximumWatts = maximumWatts
      self.defaultWatts = defaultWatts
    }
  }

  /// Memory errors of a block.
  public struct ECCCount: Codable, Hashable, Sendable {
    /// Errors corrected.
    public var corrected: Int?
    /// Errors not corrected.
    public var uncorrected: Int?

    /// Counts of both kinds.
    package init(corrected: Int?, uncorrected: Int?) {
      self.corrected = corrected
      self.uncorrected = uncorrected
    }
  }

  /// One NVLink of a card (`nvmlDeviceGetNvLinkState`, `nvmlDeviceGetNvLinkRemotePciInfo`).
  public struct NVLink: Codable, Hashable, Sendable {
    /// Its number on the card.
    public var number: Int
    /// Whether it works.
    public var isActive: Bool
    /// What is at its other end: another GPU, or an NVSwitch; absent when not known.
    public var remote: PCIAddress?

    /// An NVLink with its state.
    package init(number: Int, isActive: Bool, remote: PCIAddress?) {
      self.number = number
      self.isActive = isActive
      self.remote = remote
    }
  }

  /// A process that holds a GPU.
  public struct GPUProcess: Codable, Hashable, Sendable {
    /// Process id.
    public var pid: Int
    /// `comm` of the process.
    public var name: String?
    /// Video memory it holds, bytes.
    public var memoryBytes: Int?
    /// What shows it: `kfd`, `nvml`, an open file such as `/dev/dri/renderD128`, or a lock file.
    public var evidence: String

    /// A process and what shows that it holds the GPU.
    package init(pid: Int, name: String?, memoryBytes: Int? = nil, evidence: String) {
      self.pid = pid
      self.name = name
      self.memoryBytes = memoryBytes
      self.evidence = evidence
    }
  }
}

/// A node of the KFD topology (`/sys/class/kfd/kfd/topology/nodes/N`).
public struct KFDNode: Codable, Hashable, Sendable {
  /// Node number.
  public var node: Int
  /// `gpu_id`.
  public var gpuID: Int?
  /// `gfx_target_version` as a target name: 110000 is `gfx1100`.
  public var target: String?
  /// Compute units: `simd_count` over `simd_per_cu`.
  public var computeUnits: Int?
  /// Memory of public (host visible) and private banks, bytes.
  public var publicMemoryBytes: Int?
  /// Private memory, bytes.
  public var privateMemoryBytes: Int?
  /// Links to other nodes, `io_links` and `p2p_links`.
  public var links: [Link] = []

  /// A node without facts.
  package init(node: Int) { self.node = node }

  /// A link of the KFD topology. Its bandwidth numbers are not facts and are left out.
  public struct Link: Codable, Hashable, Sendable {
    /// `io` or `p2p`.
    public var list: String
    /// The other node.
    public var toNode: Int
    /// `type`: 2 is PCIe, 11 XGMI.
    public var type: Int
    /// `weight`.
    public var weight: Int?
    /// `flags`: 1 enabled, 2 non-coherent, 4 and 8 no atomics, 16 no peer-to-peer DMA.
    public var flags: Int?

    /// Whether it is an XGMI link, between GPUs of one hive.
    var isXGMI: Bool { type == 11 }

    /// A link with the kernel's values.
    package init(list: String, toNode: Int, type: Int, weight: Int?, flags: Int?) {
      self.list = list
      self.toNode = toNode
      self.type = type
      self.weight = weight
      self.flags = flags
    }
  }
}

/// What the HSA runtime reports about an agent.
public struct HSAAgent: Codable, Hashable, Sendable {
  /// Agent name, `gfx1100`.
  public var name: String
  /// Product name.
  public var productName: String?
  /// Compute units.
  public var computeUnits: Int?
  /// KFD node.
  public var kfdNode: Int?
  /// Its memory pools, in the runtime's order.
  public var pools: [Pool]?
  /// Whether some CPU may access its video memory. No means a small BAR: the kernel links CPU and
  /// GPU only when the BAR covers all of it. Absent when the runtime was not asked.
  public var isVisibleToCPU: Bool?

  /// A memory pool of an agent.
  public struct Pool: Codable, Hashable, Sendable {
    /// Segment: 0 global, 1 read-only, 2 private, 3 group.
    public var segment: Int
    /// Flags of a global pool: 1 kernel arguments, 2 fine grained, 4 coarse grained.
    public var flags: Int
    /// Size in bytes.
    public var sizeBytes: Int

    /// A pool with the runtime's values.
    package init(segment: Int, flags: Int, sizeBytes: Int) {
      self.segment = segment
      self.flags = flags
      self.sizeBytes = sizeBytes
    }
  }

  /// An agent without pools.
  package init(name: String, productName: String?, computeUnits: Int?, kfdNode: Int?) {
    self.name = name
    self.productName = productName
    self.computeUnits = computeUnits
    self.kfdNode = kfdNode
  }
}

/// What a driver or a library reports about one GPU's access to another's memory.
public struct PeerAnswer: Codable, Hashable, Sendable {
  /// Who reports it.
  public enum Source: String, Codable, Hashable, Sendable {
    /// The kernel's KFD, by a link between two GPU nodes (`p2p_links`, `io_links` for XGMI).
    case kfd
    /// AMD's HSA runtime, `HSA_AMD_AGENT_MEMORY_POOL_INFO_ACCESS`. On a kernel without `p2p_links`
    /// it allows more than the kernel.
    case hsa
    /// NVML, `nvmlDeviceGetP2PStatus`.
    case nvml
  }
  /// The answer. All but `allowed` are refusals; the reasons are NVML's.
  public enum Access: String, Codable, Hashable, Sendable {
    case allowed, refused, chipsetNotSupported, gpuNotSupported, topologyNotSupported
    case disabledByRegistry, notSupported
  }
  /// A link between GPUs that is not PCIe. It bypasses BARs, IOMMU and bridges.
  public enum Link: String, Codable, Hashable, Sendable {
    /// NVIDIA's, from GPU to GPU or through switches of its own.
    case nvlink
    /// AMD's, between the GPUs of a hive.
    case xgmi

    /// Its usual name.
    public var name: String { self == .nvlink ? "NVLink" : "XGMI" }
  }
  /// The GPU whose memory it is about.
  public var peer: PCIAddress
  /// Who reports it.
  public var source: Source
  /// About reading; absent when there is no answer.
  public var read: Access?
  /// About writing; absent when there is no answer.
  public var write: Access?
  /// The direct link that the access goes over; absent when it goes over PCIe, or that is not
  /// known.
  public var link: Link?
  /// Whether that link was not reported and follows from what the driver allows. Absent when it was
  /// reported.
  public var isLinkInferred: Bool?

  /// An answer of one source about one peer.
  package init(
    peer: PCIAddress, source: Source, read: Access?, write: Access?, link: Link? = nil
  ) {
    self.peer = peer
    self.source = source
    self.read = read
    self.write = write
    self.link = link
  }

  /// Whether both reading and writing are allowed; nil when one of them is not known and the other
  /// not refused.
  public var isAllowed: Bool? {
    let both = [read, write].map { $0.map { $0 == .allowed } }
    if both.contains(false) { return false }
    return both.contains(nil) ? nil : true
  }
}
