public import Base

/// One PCI function, from `/sys/bus/pci/devices/ADDRESS` and its configuration space.
public struct PCIFunction: Codable, Hashable, Sendable {
  /// Its address.
  public var address: PCIAddress
  /// The bridge above it; absent on a root bus.
  public var parent: PCIAddress?
  /// The host bridge it is below, such as `pci0000:20`, from the device's real path.
  public var rootBus: String?
  /// What it is.
  public var identity = PCIIdentity()
  /// Bound driver; absent when none is.
  public var driver: String?
  /// The only driver allowed to bind, `driver_override`.
  public var driverOverride: String?
  /// Slot label, from `/sys/bus/pci/slots` or the device's `label`.
  public var slot: String?
  /// Where it sits.
  public var locality = PCILocality()
  /// IOMMU group; absent when the IOMMU does not handle it.
  public var iommuGroup: Int?
  /// How the IOMMU treats that group: `identity`, `DMA`, `DMA-FQ`, ...
  /// (`/sys/kernel/iommu_groups/N/type`).
  public var iommuGroupType: String?
  /// Address bits the driver lets the function use for DMA (`dma_mask_bits`); absent while no
  /// driver is bound, when the kernel's 32 means nothing.
  public var dmaMaskBits: Int?
  /// `D0` to `D3cold`, `unknown` or `error`, from `power_state`; on a kernel without that file
  /// `suspended`, from `power/runtime_status`.
  public var powerState: String?
  /// Whether config space answers all ones: it fell off the bus, or is powered down.
  public var isDead: Bool?
  /// Base address registers in use, by index.
  public var bars: [PCIBar] = []
  /// Interrupt vectors.
  public var vectors: PCIVectors?
  /// The PCI Express capability, from configuration space.
  public var express: PCIeCapability?
  /// What sysfs reports about its own end of the link above it.
  public var link: PCIeLinkState?
  /// Power states that the kernel lets the link above it enter by itself, from `link/l1_aspm` and its
  /// siblings; absent where the kernel has no such files for the function.
  public var aspm: [String]?
  /// Every link from here to the root port. Only for endpoints.
  public var path: PCIePath?
  /// Access Control Services; absent when it has no such capability.
  public var acs: PCIeACS?
  /// Whether it has that capability. No, when configuration space was read far enough to know.
  public var hasACS: Bool?
  /// Error counters of this function; absent when the kernel keeps none for it.
  public var aer: PCIeErrors?
  /// SR-IOV virtual functions it can have.
  public var virtualFunctionsPossible: Int?
  /// SR-IOV virtual functions it has.
  public var virtualFunctionsEnabled: Int?
  /// The function it is a virtual function of.
  public var physicalFunction: PCIAddress?
  /// Bytes of configuration space that could be read: 64 without privileges.
  public var configBytes: Int?
  /// Memory it offers to peers (`p2pmem/size`), bytes.
  public var peerMemoryBytes: Int?
  /// Whether its driver lets other drivers use that memory (`p2pmem/published`).
  public var peerMemoryPublished: Bool?
  /// What the kernel's log says went wrong with it, the last lines; looked for only where a device
  /// that should have a driver has none.
  public var kernelMessages: [String]?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// A function without facts.
  package init(address: PCIAddress) { self.address = address }

  /// Whether it is a PCI-to-PCI bridge: a root port, a switch port.
  public var isBridge: Bool { identity.classCode.map { $0 >> 8 == 0x0604 } ?? false }
}

/// Numbers and names of a function.
public struct PCIIdentity: Codable, Hashable, Sendable {
  /// Vendor id.
  public var vendorID: UInt16?
  /// Device id.
  public var deviceID: UInt16?
  /// Subsystem vendor id.
  public var subsystemVendorID: UInt16?
  /// Subsystem id.
  public var subsystemID: UInt16?
  /// Revision.
  public var revision: UInt8?
  /// Class, subclass and programming interface: 24 bits.
  public var classCode: UInt32?
  /// Vendor name from pci.ids.
  public var vendorName: String?
  /// Device name from pci.ids.
  public var deviceName: String?
  /// Subsystem name from pci.ids.
  public var subsystemName: String?
  /// Name of the subsystem vendor, the maker of the board, from pci.ids.
  public var subsystemVendorName: String?
  /// Class name from pci.ids: that of the subclass, where the file knows it.
  public var className: String?
  /// Name of the programming interface from pci.ids, such as `NVM Express`.
  public var programmingInterfaceName: String?

  /// An identity without facts.
  package init() {}
}

/// Where a function sits.
public struct PCILocality: Codable, Hashable, Sendable {
  /// What shows the NUMA node.
  public enum Evidence: String, Codable, Hashable, Sendable {
    /// The function's own `numa_node`.
    case own
    /// The `numa_node` of the nearest bridge above it that has one.
    case parentBridge
    /// `local_cpulist`, when it is exactly one node's CPUs on a machine with several.
    case localCPUs
    /// The machine has one node only.
    case singleNode
    /// Nothing shows it.
    case unknown
  }
  /// NUMA node; absent when it is not known.
  public var numaNode: Int?
  /// What shows it.
  public var evidence: Evidence = .unknown
  /// The bridge that shows it, with `parentBridge`.
  public var toldBy: PCIAddress?
  /// `local_cpulist`: all online CPUs when the node is not known, and no evidence then.
  public var localCPUs: NumberSet?

  /// Nothing known.
  package init() {}
}

/// A base address register.
public struct PCIBar: Codable, Hashable, Sendable {
  /// 0 to 5; 6 is the expansion ROM.
  public var index: Int
  /// Size in bytes.
  public var sizeBytes: UInt64
  /// `memory` or `io`.
  public var kind: Kind
  /// Whether reads have no side effects.
  public var isPrefetchable: Bool
  /// Whether it takes a 64-bit address.
  public var is64Bit: Bool
  /// Whether firmware and kernel gave it an address. Without one it cannot be used.
  public var isAssigned: Bool
  /// That address, as the CPU sees it; absent without one.
  public var address: UInt64?
  /// Sizes it could be set to, bytes, for a resizable BAR.
  public var possibleSizesBytes: [UInt64]?
  /// Size the resizable BAR capability is set to, bytes.
  public var setSizeBytes: UInt64?

  /// Address space of a BAR.
  public enum Kind: String, Codable, Hashable, Sendable { case memory, io }

  /// A register with its size.
  package init(
    index: Int, sizeBytes: UInt64, kind: Kind, isPrefetchable: Bool, is64Bit: Bool,
    isAssigned: Bool, address: UInt64? = nil
  ) {
    self.index = index
    self.sizeBytes = sizeBytes
    self.kind = kind
    self.isPrefetchable = isPrefetchable
    self.is64Bit = is64Bit
    self.isAssigned = isAssigned
    self.address = address
  }
}

/// Interrupt vectors of a function.
public struct PCIVectors: Codable, Hashable, Sendable {
  /// `msi`, `msix`, or absent for the legacy pin.
  public var kind: String?
  /// Interrupt numbers allocated (`msi_irqs`); not each has a handler.
  public var allocated: NumberSet
  /// Vectors the MSI or MSI-X capability offers.
  public var possible: Int?

  /// Vectors in use and possible.
  package init(kind: String?, allocated: NumberSet, possible: Int? = nil) {
    self.kind = kind
    self.allocated = allocated
    self.possible = possible
  }
}
