public import Base
public import Configuration
internal import Inventory

/// What the owner wants placed where: `[placement]` of `tinybox.toml` over defaults that need no
/// file.
///
/// The defaults place the interrupts of network interfaces, NVMe controllers and GPUs on their own
/// node, make a slice for each node, and keep irqbalance off those interrupts. They leave alone
/// what authorities disagree on (NUMA balancing, zone reclaim, huge pages, governor) and what drops
/// a link (queue counts).
public struct Policy: Hashable, Sendable {
  /// Whether the daemon puts back what has drifted, `mode`.
  public var mode = Mode.observe
  /// The same for power caps and persistence modes, `power`; nil for that of `mode`.
  public var power: Setting<Mode>?
  /// CPUs kept free of interrupts and of slices, `housekeeping`.
  public var housekeeping: Setting<NumberSet>?
  /// Whether second hardware threads serve queues when all cores do, `siblings`.
  public var siblings = Siblings.last
  /// Whether each node gets a slice, `slices`.
  public var slices = Slices.nodes
  /// Whether a running irqbalance is asked to leave placed interrupts alone, `irqbalance`.
  public var irqbalance = IRQBalance.ban
  /// Rules of all devices of a class.
  public var classes: [DeviceClass: DeviceRule] = [:]
  /// Rules of single devices, in the order of their names.
  public var devices: [DeviceOverride] = []
  /// Settings of the kernel.
  public var system = SystemRule()
  /// Services and where they belong, by unit name.
  public var services: [ServiceRule] = []
  /// How containers that were started without tinybox are placed, `containers.adopt`.
  public var adoption: Set<Adoption> = [.label]

  /// The defaults.
  package init() {}

  /// What the daemon does about drift.
  public enum Mode: String, CaseIterable, Codable, Hashable, Sendable {
    /// It reports it.
    case observe
    /// It corrects and reports it.
    case enforce
  }
  /// Second and further hardware threads of a core.
  public enum Siblings: String, CaseIterable, Hashable, Sendable { case last, never }
  /// Slices.
  public enum Slices: String, CaseIterable, Hashable, Sendable { case nodes, none }
  /// Whether irqbalance is asked to leave placed interrupts alone.
  public enum IRQBalance: String, CaseIterable, Hashable, Sendable { case ban, leave }
  /// What may decide where a container belongs.
  public enum Adoption: String, CaseIterable, Hashable, Sendable { case label, gpu }

  /// Classes of devices whose interrupts are placed.
  public enum DeviceClass: String, CaseIterable, Codable, Hashable, Sendable {
    case nic, nvme, gpu
  }

  /// Where interrupts go.
  public enum Interrupts: String, CaseIterable, Hashable, Sendable {
    /// One core after the other of the device's node.
    case spread
    /// All on one core of the node.
    case oneCore = "one-core"
    /// Over the CPUs that `cpus` names.
    case reserved
    /// Untouched.
    case leave
  }

  /// How many queues a network interface has.
  public enum Queues: Hashable, Sendable {
    /// As it is.
    case keep
    /// As many as the node has cores to serve them.
    case fit
    /// So many.
    case exactly(Int)
  }

  /// Which CPU sends through which queue (XPS), and software receive steering (RPS).
  public enum Steering: String, CaseIterable, Hashable, Sendable { case match, leave }

  /// What is asked of a device, or of all of a class. Absent parts are those of the class, then
  /// the defaults.
  public struct DeviceRule: Hashable, Sendable {
    /// Where its interrupts go.
    public var interrupts: Setting<Interrupts>?
    /// The CPUs of `reserved`.
    public var cpus: Setting<NumberSet>?
    /// Queues of a network interface.
    public var queues: Setting<Queues>?
    /// Consent to the link reset that a change of the queue count causes.
    public var allowLinkReset: Setting<Bool>?
    /// XPS and RPS.
    public var steering: Setting<Steering>?
    /// The node it is on, where the firmware does not report it or is wrong. Only for one device.
    public var node: Setting<Int>?
    /// The power cap of a GPU, watts.
    public var powerCap: Setting<Int>?
    /// Whether NVIDIA's driver keeps a GPU initialised while nobody uses it.
    public var persistence: Setting<Bool>?

    /// A rule that sets nothing.
    package init() {}

    /// This rule, and what it leaves open from another.
    func over(_ other: DeviceRule) -> DeviceRule {
      var rule = self
      rule.interrupts = interrupts ?? other.interrupts
      // `cpus` belongs to the rule that reserves them.
      rule.cpus = cpus ?? (interrupts == nil ? other.cpus : nil)
      rule.queues = queues ?? other.queues
      rule.allowLinkReset = allowLinkReset ?? other.allowLinkReset
      rule.steering = steering ?? other.steering
      rule.node = node ?? other.node
      rule.powerCap = powerCap ?? other.powerCap
      rule.persistence = persistence ?? other.persistence
      return rule
    }
  }

  /// A rule of one device.
  public struct DeviceOverride: Hashable, Sendable {
    /// PCI address, or the name of an interface or controller (`eth0`, `nvme1`).
    public var selector: String
    /// Where it was set.
    public var position: ConfigurationPosition
    /// The rule.
    public var rule: DeviceRule

    /// Whether a device of this address and these names is meant.
    package func selects(_ address: PCIAddress, names: [String]) -> Bool {
      names.contains(selector) || PCIAddress(selector) == address
    }
  }

  /// Settings of the kernel; absent ones are left alone.
  public struct SystemRule: Hashable, Sendable {
    /// `/proc/sys/kernel/numa_balancing`: 0 off, 1 on, 2 tiering, 3 both.
    public var numaBalancing: Setting<Int>?
    /// `/proc/sys/vm/zone_reclaim_mode`.
    public var zoneReclaim: Setting<Int>?
    /// `/sys/kernel/mm/transparent_hugepage/enabled`.
    public var transparentHugePages: Setting<String>?
    /// `scaling_governor` of every CPU.
    public var governor: Setting<String>?

    /// A rule that sets nothing.
    package init() {}
  }

  /// Where a service belongs.
  public struct ServiceRule: Hashable, Sendable {
    /// `ollama.service`.
    public var unit: String
    /// Where it was set.
    public var position: ConfigurationPosition
    /// A node.
    public var node: Setting<Int>?
    /// The device to whose node it goes: PCI address or name.
    public var device: Setting<String>?
  }

  /// What the daemon does about drift of power caps and persistence modes.
  package var powerMode: Mode { power?.value ?? mode }

  /// The rules that select a device, the class's last.
  package func rule(_ kind: DeviceClass, _ address: PCIAddress, names: [String]) -> DeviceRule {
    var rule = DeviceRule()
    for device in devices where device.selects(address, names: names) {
      rule = rule.over(device.rule)
    }
    return rule.over(classes[kind] ?? DeviceRule())
  }
}
