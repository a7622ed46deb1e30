public import Base

/// Everything tinybox knows about one machine at one moment.
///
/// A fact that the machine does not have is absent. A fact that could not be determined is absent
/// too, and named with its path and reason in the `unknown` list of the object it belongs to.
/// Nothing is guessed and nothing missing is zero. Lists are sorted by address or number.
public struct Inventory: Codable, VersionedDocument, Hashable, Sendable {
  /// The JSON schema of this model. A change that breaks a reader raises the number.
  public static let currentSchema = "tinybox.inventory/1"

  /// The schema of this value.
  public var schema = Inventory.currentSchema
  /// Where the facts come from: `live`, or the recording that was replayed.
  public var origin: String
  /// Board, firmware, kernel, IOMMU.
  public var machine = Machine()
  /// CPUs, caches, frequency and idle states.
  public var processors = Processors()
  /// NUMA nodes, memory modules and their error counters.
  public var memory = Memory()
  /// Every PCI function, sorted by address.
  public var pci: [PCIFunction] = []
  /// GPUs, sorted by address, without the displays of management controllers.
  public var gpus: [GPU] = []
  /// Accelerators other than GPUs, sorted by address.
  public var accelerators: [Accelerator] = []
  /// Network interfaces with hardware behind them and RDMA devices without an interface, sorted by
  /// address, then port.
  public var nics: [NIC] = []
  /// NVMe controllers, sorted by address.
  public var nvme: [NVMeController] = []
  /// Numbered interrupts, sorted by number.
  public var interrupts: [Interrupt] = []
  /// Containers and the systemd slices that partition the box.
  public var workloads = Workloads()
  /// File systems, arrays, clock, units.
  public var system = SystemState()
  /// Runtimes of models, as their files and tinyboxd describe them; absent without any.
  public var runtimes: RuntimesState?
  /// The result of each collector.
  public var collectors: [CollectorReport] = []

  /// An inventory without facts.
  package init(origin: String) { self.origin = origin }
}

/// The result of a collector.
public struct CollectorReport: Codable, Hashable, Sendable {
  /// How it ended.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// It found what it looks for.
    case found
    /// The machine has no such thing.
    case nothing
    /// It could not look; `note` says why.
    case failed
  }
  /// The collector's name, as its folder is called.
  public var name: String
  /// How it ended.
  public var outcome: Outcome
  /// What a person should know about it.
  public var note: String?

  /// The result of a collector.
  package init(name: String, outcome: Outcome, note: String? = nil) {
    self.name = name
    self.outcome = outcome
    self.note = note
  }
}
