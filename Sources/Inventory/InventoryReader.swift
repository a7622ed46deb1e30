public import Base
package import KernelTree

/// What to collect and how.
public struct CollectionOptions: Sendable {
  /// Also read serial numbers, UUIDs and hardware addresses.
  public var includeSerials: Bool
  /// Also record the path each fact came from.
  public var recordSources: Bool
  /// Names of PCI ids; nil collects without names.
  public var pciNames: PCINames?
  /// Which parts to collect. A part that needs another one has it collected.
  public var parts: Parts
  /// Also ask NVML and the HSA runtime, where their kernel driver drives a GPU. Both take from tens
  /// of milliseconds to seconds to start. Without them NVIDIA GPUs have few facts.
  public var useVendorLibraries: Bool

  /// Options; the default collects everything but serial numbers.
  package init(
    includeSerials: Bool = false, recordSources: Bool = false, pciNames: PCINames? = nil,
    parts: Parts = .all, useVendorLibraries: Bool = true
  ) {
    self.includeSerials = includeSerials
    self.recordSources = recordSources
    self.pciNames = pciNames
    self.parts = parts
    self.useVendorLibraries = useVendorLibraries
  }

  /// Parts of the inventory.
  public struct Parts: OptionSet, Sendable {
    /// One bit a part.
    public var rawValue: Int
    /// Parts from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Board, firmware, kernel, IOMMU.
    public static let machine = Parts(rawValue: 1)
    /// CPUs.
    public static let processors = Parts(rawValue: 2)
    /// Memory and NUMA nodes.
    public static let memory = Parts(rawValue: 4)
    /// PCI functions from sysfs: identity, locality, links.
    public static let pci = Parts(rawValue: 8)
    /// Configuration space, BARs, AER and the rest of what a PCI function has.
    public static let pciDetail = Parts(rawValue: 16)
    /// GPUs and other accelerators.
    public static let gpus = Parts(rawValue: 32)
    /// Network interfaces.
    public static let nics = Parts(rawValue: 64)
    /// NVMe controllers.
    public static let nvme = Parts(rawValue: 128)
    /// Interrupts and their counts, from `/proc/interrupts`.
    public static let interrupts = Parts(rawValue: 256)
    /// Affinities of interrupts and whether they can be moved, from `/proc/irq`.
    public static let interruptDetail = Parts(rawValue: 1024)
    /// Containers and slices.
    public static let workloads = Parts(rawValue: 512)
    /// Slot labels of PCI functions, and which kind of port each bridge is.
    public static let slots = Parts(rawValue: 2048)
    /// File systems, arrays, clock, units.
    public static let system = Parts(rawValue: 4096)
    /// Runtimes of models.
    public static let runtimes = Parts(rawValue: 8192)
    /// Everything.
    public static let all = Parts(rawValue: 16383)
  }
}

/// Runs the collectors over a tree.
public enum InventoryReader {
  /// The inventory of a tree. Never fails: what could not be read is unknown in the result.
  /// - Parameter finished: called after each collector with its name, to measure them.
  package static func read(
    _ tree: KernelTree, options: CollectionOptions, finished: (String) -> Void = { _ in }
  ) -> Inventory {
    var inventory = Inventory(origin: tree.source.origin.label)
    var context = CollectionContext(tree: tree, options: options)
    func collect(
      _ name: String, _ part: CollectionOptions.Parts = [],
      _ body: (inout Inventory, inout CollectionContext) -> Void
    ) {
      guard options.parts.isSuperset(of: part) else { return }
      body(&inventory, &context)
      finished(name)
    }
    collect("Machine", .machine) { MachineCollector.collect(into: &$0, &$1) }
    // Nodes first: everything that has a node needs them.
    collect("Memory") { MemoryCollector.collect(into: &$0, &$1) }
    collect("Processors") { ProcessorCollector.collect(into: &$0, &$1) }
    collect("PCI") { PCICollector.collect(into: &$0, &$1) }
    collect("GPU", .gpus) {
      GPUCollector.collect(into: &$0, &$1)
      AcceleratorCollector.collect(into: &$0, &$1)
    }
    collect("NVMe", .nvme) { NVMeCollector.collect(into: &$0, &$1) }
    collect("NIC", .nics) { NICCollector.collect(into: &$0, &$1) }
    collect("Interrupts", .interrupts) { InterruptCollector.collect(into: &$0, &$1) }
    collect("Containers", .workloads) { WorkloadCollector.collect(into: &$0, &$1) }
    collect("System", .system) { SystemCollector.collect(into: &$0, &$1) }
    collect("Runtimes", .runtimes) { RuntimesCollector.collect(into: &$0, &$1) }
    inventory.numberGPUs()
    return inventory
  }
}

/// What collectors share during one run.
public struct CollectionContext {
  /// The tree read from.
  package let tree: KernelTree
  /// What to collect.
  public let options: CollectionOptions
  /// PCI functions by address, index into `Inventory.pci`; filled by the PCI collector.
  public var functionIndex: [PCIAddress: Int] = [:]
  /// `/proc/cpuinfo`, once the first collector asked for it: the kernel may have to wake every
  /// CPU to write it, so it is read once. See `cpuInfo()`.
  var cpuInfoReading: Result<CPUInfo, ReadFailure>?
  /// Types of IOMMU groups, each read once.
  var iommuGroupTypes = IOMMUGroupTypes()
  /// Which processes hold which device nodes; see `deviceHolders(force:)`.
  var knownDeviceHolders: DeviceHolders?
  /// The GPUs behind each device node (`/dev/dri/renderD128`); filled by the GPU collector.
  var gpuDeviceNodes: [String: [PCIAddress]] = [:]

  /// The context of one run.
  package init(tree: KernelTree, options: CollectionOptions) {
    self.tree = tree
    self.options = options
  }

  /// A reader of the object at `base`.
  package func reader(_ base: String) -> FactReader {
    FactReader(tree, base: base, recordSources: options.recordSources)
  }
}
