public import Base

/// A numbered interrupt of `/proc/interrupts` and `/proc/irq`.
public struct Interrupt: Codable, Hashable, Sendable {
  /// Whether user space may set its affinity.
  public enum Mobility: String, Codable, Hashable, Sendable {
    /// It may.
    case movable
    /// It may not; `mobilityReason` says why.
    case fixed
    /// Not known: recorded without file modes, or an older kernel.
    case unknown
  }
  /// What a vector of a device serves.
  public enum Role: String, Codable, Hashable, Sendable {
    /// A queue that carries data.
    case queue
    /// The admin queue of an NVMe controller.
    case admin
    /// Link changes, mailboxes, configuration, errors, hotplug.
    case control
    /// Its name does not show it.
    case other
  }
  /// Interrupt number: of this boot and this moment, not an identity.
  public var number: Int
  /// Handlers registered (`/proc/irq/N/NAME`); empty when none is.
  public var actions: [String] = []
  /// Interrupt chip, hardware number and trigger as `/proc/interrupts` has them.
  public var chip: String?
  /// PCI function it belongs to.
  public var device: PCIAddress?
  /// The usual name of the function: `eth0`, `nvme1`, GPU address.
  public var deviceName: String?
  /// What it serves.
  public var role: Role = .other
  /// Queue number, where its name has one.
  public var queue: Int?
  /// NUMA node of the device it belongs to.
  public var numaNode: Int?
  /// CPUs asked for, `smp_affinity_list`.
  public var affinity: NumberSet?
  /// CPUs it is delivered to, `effective_affinity_list`; follows `affinity` at the next interrupt.
  public var effectiveAffinity: NumberSet?
  /// Whether it can be moved.
  public var mobility: Mobility = .unknown
  /// Why it cannot be moved, or why that is unknown.
  public var mobilityReason: String?
  /// Interrupts handled so far by each CPU; CPUs with none are left out.
  public var counts: [Int: Int] = [:]
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// An interrupt without facts.
  package init(number: Int) { self.number = number }

  /// Whether `counts` is known. A sum that leaves out one that is not looks whole and is short.
  public var isCounted: Bool { !unknown.contains { $0.fact == "counts" } }

  /// Interrupts handled so far by all CPUs.
  public var total: Int { counts.values.reduce(0, &+) }
}
