public import Base
public import Health
public import Inventory
public import Placement
public import RuntimeCatalog

/// `tinyboxctl status --json` and `GET /v1/status`: the box on one screen.
public struct StatusDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.status/1`.
  public var schema = StatusDocument.currentSchema
  package static let currentSchema = "tinybox.status/1"
  /// When the machine was read: UTC, RFC 3339; absent for a recording.
  public var time: String?
  /// Host name.
  public var hostName: String?
  /// Maker and product, or the board's.
  public var machine: String?
  /// Kernel release.
  public var kernel: String?
  /// Processor model.
  public var processor: String?
  /// Seconds since it was booted.
  public var uptimeSeconds: Double?
  /// The worst verdict of all checks.
  public var verdict: Verdict
  /// How many checks ended with each verdict.
  public var checks: [String: Int]
  /// Findings that warn or fail, by the harm they threaten, the worst first; at most 50.
  public var findings: [Problem]
  /// Share of time in which CPUs were busy, 0 to 1, since the reading before this one; since boot in
  /// the first.
  public var cpuBusyShare: Double?
  /// Memory, bytes.
  public var memoryTotalBytes: Int?
  /// Memory that programs could still get, bytes.
  public var memoryAvailableBytes: Int?
  /// NUMA nodes, by number.
  public var nodes: [Node]
  /// GPUs, by address.
  public var gpus: [GraphicsProcessor]
  /// Accelerators other than GPUs, by address.
  public var accelerators: [AcceleratorCard]
  /// NVMe drives, by address.
  public var drives: [Drive]
  /// Network interfaces, by address; virtual functions are left out.
  public var nics: [Interface]
  /// Runtimes of models, by name; absent without any.
  public var runtimes: [Runtime]?
  /// Where the interrupts of each device were handled since boot.
  public var interrupts: [DeviceInterrupts]
  /// What is placed.
  public var placement: PlacementSummary
  /// Number of the newest event, 0 when there is none; absent where tinyboxd was not asked.
  public var lastEvent: Int?

  /// A finding in short.
  public struct Problem: Codable, Hashable, Sendable {
    /// Id of the check.
    public var check: String
    /// What it is about; absent for the machine as a whole.
    public var subject: String?
    /// Its PCI address.
    public var address: PCIAddress?
    /// The verdict: `warn` or `fail`.
    public var verdict: Verdict
    /// What it threatens.
    public var harm: Harm?
    /// One line.
    public var summary: String
    /// The first thing to do, in words.
    public var advice: String?
  }

  /// A NUMA node.
  public struct Node: Codable, Hashable, Sendable {
    /// Its number.
    public var node: Int
    /// Its CPUs; empty for one without, absent when they are not known.
    public var cpus: NumberSet?
    /// Its memory, bytes.
    public var memoryTotalBytes: Int?
    /// Its memory that nothing uses, bytes.
    public var memoryFreeBytes: Int?
  }

  /// The link of a device: that of its slot, for a card with bridges of its own.
  public struct Link: Codable, Hashable, Sendable {
    /// The rate it runs at.
    public var current: Rate?
    /// The rate both ends support.
    public var possible: Rate?
    /// `full`, `unknown`, or `below` where this or another link on the path to the root runs below
    /// what both of its ends support.
    public var verdict: PCIeHop.Verdict
    /// Whether the idle GPU alone explains it: the speed is below, the width is not.
    public var isResting: Bool
    /// The link on the path that runs below; absent where none does.
    public var limiting: Limit?
  }

  /// A rate that a link runs at or supports.
  public struct Rate: Codable, Hashable, Sendable {
    /// Its usual name: `PCIe 4.0 x16`.
    public var name: String
    /// Giga-transfers a second of one lane.
    public var gigatransfersPerSecond: Double
    /// Lanes.
    public var width: Int
    /// Bytes a second one way, after line encoding.
    public var bytesPerSecond: Double
  }

  /// A link that runs below what both of its ends support.
  public struct Limit: Codable, Hashable, Sendable {
    /// The port above it.
    public var port: PCIAddress
    /// The function below it.
    public var device: PCIAddress
    /// The rate it runs at.
    public var current: Rate?
    /// The rate both ends support.
    public var possible: Rate?
  }

  /// A GPU.
  public struct GraphicsProcessor: Codable, Hashable, Sendable {
    /// Its number among the GPUs of this box, for people only: `GPU0`.
    public var number: Int?
    /// Its address.
    public var address: PCIAddress
    /// Product name.
    public var name: String?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Its link.
    public var link: Link?
    /// Its hottest sensor, degrees Celsius.
    public var temperatureCelsius: Double?
    /// Power drawn, watts.
    public var powerWatts: Double?
    /// Power cap, watts.
    public var powerCapWatts: Double?
    /// Share of time in which it was busy, 0 to 1.
    public var busyShare: Double?
    /// Whether it is idle; absent where its load is not known.
    public var isIdle: Bool?
    /// Video memory, bytes.
    public var memoryTotalBytes: Int?
    /// Video memory in use, bytes.
    public var memoryUsedBytes: Int?
    /// Multi-Instance GPU: mode and instances; absent where the card has none.
    public var mig: MIG?
  }

  /// An accelerator other than a GPU.
  public struct AcceleratorCard: Codable, Hashable, Sendable {
    /// Its address.
    public var address: PCIAddress
    /// Product name.
    public var name: String?
    /// Bound driver.
    public var driver: String?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Its link.
    public var link: Link?
  }

  /// An NVMe drive.
  public struct Drive: Codable, Hashable, Sendable {
    /// Its name in this boot.
    public var name: String
    /// Its address.
    public var address: PCIAddress?
    /// Its model.
    public var model: String?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Its link.
    public var link: Link?
    /// State of the controller: `live`.
    public var state: String?
    /// Composite temperature, degrees Celsius.
    public var temperatureCelsius: Double?
    /// Its size, bytes.
    public var capacityBytes: Int?
    /// Share of its life that is used up, 0 to 1 and above.
    public var lifeUsedShare: Double?
    /// Further paths to it (multipath): controllers of the same drive.
    public var paths: [Path]
  }

  /// A further path to a drive.
  public struct Path: Codable, Hashable, Sendable {
    /// The controller's name in this boot.
    public var name: String
    /// Its address.
    public var address: PCIAddress?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Its link.
    public var link: Link?
    /// State of the controller: `live`.
    public var state: String?
  }

  /// A network interface.
  public struct Interface: Codable, Hashable, Sendable {
    /// Its name in this boot.
    public var name: String
    /// Its address.
    public var address: PCIAddress?
    /// Its model.
    public var model: String?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Its link to the host.
    public var link: Link?
    /// Speed on the wire, bits per second.
    public var speedBitsPerSecond: Int?
    /// Whether it has a carrier.
    public var carrier: Bool?
    /// `up`, `down`, ...
    public var operationalState: String?
  }

  /// A runtime of models.
  public struct Runtime: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its model; absent for a command without a model.
    public var model: String?
    /// What it does; absent where tinyboxd says nothing of it, as of jobs.
    public var state: RuntimeInstance.State?
    /// Why, where the state is no good one.
    public var reason: String?
    /// When the state began, RFC 3339 in UTC.
    public var since: String?
    /// GPUs that its unit gives it.
    public var gpus: [PCIAddress]
    /// NUMA nodes that its memory comes from; absent where it is bound to none.
    public var memoryNodes: NumberSet?
    /// How often it was started again by itself.
    public var restarts: Int?
  }

  /// Interrupts of a device.
  public struct DeviceInterrupts: Codable, Hashable, Sendable {
    /// Its address.
    public var device: PCIAddress
    /// Its name.
    public var name: String?
    /// Its NUMA node.
    public var numaNode: Int?
    /// Interrupts handled since boot, by NUMA node of the CPU, in the order of `nodes`.
    public var handled: [Int]
  }

  /// What is placed.
  public struct PlacementSummary: Codable, Hashable, Sendable {
    /// What the daemon does about drift; absent while the policy cannot be used.
    public var mode: Policy.Mode?
    /// Whether something is placed.
    public var ledger: PlacementStatus.LedgerState?
    /// Settings that are as they were placed; absent while that is not known, as the counts below.
    public var held: Int?
    /// Settings that something has changed.
    public var drifted: [Drift]
    /// Settings whose device is gone.
    public var gone: Int?
    /// Changes that applying the policy would make now.
    public var planned: Int?
    /// Why the placement is not known; absent when it is.
    public var problem: String?

    /// A setting that drifted.
    public struct Drift: Codable, Hashable, Sendable {
      /// The setting.
      public var setting: String
      /// What it belongs to.
      public var subject: String
      /// The value that was placed.
      public var desired: String
      /// The value now.
      public var actual: String?
    }
  }
}
