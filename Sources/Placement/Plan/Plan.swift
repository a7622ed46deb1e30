public import Base
public import Benchmarks

/// What would be changed on a machine to make it follow the policy, in order, and what is left
/// alone and why.
///
/// A pure function of inventory, service state and policy: the same facts give the same plan, and
/// the facts after it has been applied give an empty one.
public struct Plan: Codable, VersionedDocument, Hashable, Sendable {
  /// The JSON schema of this value.
  public static let currentSchema = "tinybox.placement-plan/1"
  /// The schema of this value.
  public var schema = Plan.currentSchema
  /// `live`, or the recording the facts come from.
  public var origin: String
  /// Changes, in order.
  public var changes: [Change] = []
  /// What was looked at and is not changed.
  public var leftAlone: [Skipped] = []
  /// Parts of the machine that could not be looked at, such as `interrupts`: what they need is not known.
  public var unreadable: [String] = []
  /// What trials show of the placement of each device, as it is now. Absent for a recording, which has no history,
  /// and within a `PlacementStatus`, which has it itself.
  public var proofs: [PlacementProof]?

  /// A plan without changes.
  package init(origin: String) { self.origin = origin }
}

/// One change.
public struct Change: Codable, Hashable, Sendable {
  /// What is changed.
  public var knob: Knob
  /// What it belongs to, for people: `eth0`, `tinybox-node0.slice`, `system`.
  public var subject: String
  /// The PCI function it belongs to.
  public var device: PCIAddress?
  /// The value now, as `new` is written; absent when it is not set.
  public var old: String?
  /// The value asked for.
  public var new: String
  /// A wider value to use when the CPU has no free vector left: the CPUs of the node.
  public var fallback: String?
  /// Why.
  public var why: String
  /// Whether the old value can be put back.
  public var isRevertible = true
  /// The policy key that must allow it, `allow-link-reset`; absent when none must.
  public var consent: String?
  /// Whether that key allows it; absent when none must.
  public var hasConsent: Bool?

  /// A change of a knob.
  package init(
    _ knob: Knob, subject: String, device: PCIAddress? = nil, old: String?, new: String,
    why: String
  ) {
    self.knob = knob
    self.subject = subject
    self.device = device
    self.old = old
    self.new = new
    self.why = why
  }

  /// Whether applying the plan makes this change: it needs no consent, or has it.
  public var isAllowed: Bool { hasConsent ?? true }
}

/// A setting of the machine that can be written and read back.
public struct Knob: Codable, Hashable, Sendable {
  /// What it is.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// The affinity of an interrupt.
    case interrupt
    /// A file of `/sys` or `/proc`.
    case file
    /// The combined channels of a network interface (ethtool).
    case channels
    /// A property of a systemd unit.
    case unit
    /// The list of interrupts that irqbalance leaves alone.
    case irqbalance
    /// The power cap of a GPU in watts (hwmon `power1_cap`, NVML).
    case powerCap
    /// Whether NVIDIA's driver keeps a GPU initialised while nobody uses it (NVML): `on` or `off`.
    case persistence
  }
  /// How its values are written.
  public enum Format: String, Codable, Hashable, Sendable {
    /// A list of numbers: `0-3,8`.
    case list
    /// The same set, which the file holds as a hexadecimal mask.
    case mask
    /// A text or a number.
    case text
    /// One of the words that the file lists, the one in brackets: `always [madvise] never`.
    case choice
  }
  /// What it is.
  public var kind: Kind
  /// How its values are written.
  public var format: Format
  /// The file; absent where it is none.
  public var path: String?
  /// The device of an interrupt, with `action` its identity, or of a power cap or persistence mode; absent for other knobs.
  public var device: PCIAddress?
  /// The names of an interrupt's handlers, and `#2` for a second one of the same name: with
  /// `device` its identity, since numbers change.
  public var action: String?
  /// Number of the interrupt now.
  public var interrupt: Int?
  /// Network interface.
  public var interface: String?
  /// systemd unit.
  public var unit: String?
  /// Whether what it sets ends with a container: its scope is a unit that nothing starts again.
  public var isTransient: Bool { unit?.hasSuffix(".scope") == true }
  /// Property of the unit: `AllowedCPUs`, `AllowedMemoryNodes`.
  public var property: String?

  private init(_ kind: Kind, _ format: Format, path: String? = nil) {
    self.kind = kind
    self.format = format
    self.path = path
  }

  /// The affinity of an interrupt.
  package static func interrupt(_ number: Int, device: PCIAddress, action: String) -> Knob {
    var knob = Knob(.interrupt, .list, path: "/proc/irq/\(number)/smp_affinity_list")
    knob.device = device
    knob.action = action
    knob.interrupt = number
    return knob
  }

  package static func file(_ path: String, _ format: Format) -> Knob {
    Knob(.file, format, path: path)
  }

  /// The number of combined channels of an interface.
  package static func channels(_ interface: String) -> Knob {
    var knob = Knob(.channels, .text)
    knob.interface = interface
    return knob
  }

  package static func unit(_ unit: String, _ property: String) -> Knob {
    var knob = Knob(.unit, .list)
    knob.unit = unit
    knob.property = property
    return knob
  }

  /// The ban list of irqbalance.
  public static var irqbalance: Knob { Knob(.irqbalance, .list) }

  /// The power cap of a GPU. By its address: the number of its hwmon folder changes when the driver is loaded again.
  package static func powerCap(_ device: PCIAddress) -> Knob {
    var knob = Knob(.powerCap, .text)
    knob.device = device
    return knob
  }

  /// Whether NVIDIA's driver keeps a GPU initialised.
  package static func persistence(_ device: PCIAddress) -> Knob {
    var knob = Knob(.persistence, .text)
    knob.device = device
    return knob
  }

  /// Whether it is about the power of a GPU, and not about where things are placed.
  package var isPower: Bool { kind == .powerCap || kind == .persistence }

  /// What is set, in a few words: a path, `eth0 channels`, `NAME.slice AllowedCPUs`.
  public var label: String {
    switch kind {
    case .interrupt, .file: path ?? ""
    case .channels: "\(interface ?? "") combined channels"
    case .unit: "\(unit ?? "") \(property ?? "")"
    case .irqbalance: "irqbalance ban list"
    case .powerCap: "\(device.map(\.description) ?? "") power cap"
    case .persistence: "\(device.map(\.description) ?? "") persistence mode"
    }
  }

  /// Identifies the knob after a device has come back with another interrupt number, and in another
  /// boot.
  public var identity: String {
    switch kind {
    case .interrupt: "interrupt \(device.map(\.description) ?? "") \(action ?? "")"
    default: label
    }
  }
}

/// Something that was looked at and is not changed.
public struct Skipped: Codable, Hashable, Sendable {
  /// What it belongs to: `eth0`, `system`.
  public var subject: String
  /// The PCI function it belongs to.
  public var device: PCIAddress?
  /// Interrupts that are left alone for this reason.
  public var interrupts: NumberSet?
  /// What else is left alone.
  public var what: String?
  /// Why.
  public var reason: String

  /// Something left alone, and why.
  package init(
    subject: String, device: PCIAddress? = nil, interrupts: NumberSet? = nil,
    what: String? = nil, reason: String
  ) {
    self.subject = subject
    self.device = device
    self.interrupts = interrupts
    self.what = what
    self.reason = reason
  }
}
