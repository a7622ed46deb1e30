public import Base

/// Speed and width of a PCI Express link.
public struct PCIeRate: Codable, Hashable, Sendable {
  /// Giga-transfers a second of one lane: 2.5, 5, 8, 16, 32, 64.
  public var gigatransfersPerSecond: Double
  /// Lanes.
  public var width: Int

  /// A rate of a link.
  package init(gigatransfersPerSecond: Double, width: Int) {
    self.gigatransfersPerSecond = gigatransfersPerSecond
    self.width = width
  }

  /// Bytes a second one way after line encoding and before packet headers: 8b/10b up to 5 GT/s,
  /// 128b/130b up to 32, 236 of 256 bytes of a flit at 64 (PCI Express Base Specification).
  public var bytesPerSecond: Double {
    let encoding: Double =
      gigatransfersPerSecond <= 5
      ? 0.8 : gigatransfersPerSecond < 64 ? 128.0 / 130.0 : 236.0 / 256.0
    return gigatransfersPerSecond * 1e9 * encoding * Double(width) / 8
  }

  /// `16.0 GT/s x16`.
  public var description: String {
    let whole = gigatransfersPerSecond.rounded() == gigatransfersPerSecond
    let digits = "\(gigatransfersPerSecond)"
    return (whole && digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits)
      + " GT/s x\(width)"
  }
}

/// What sysfs reports about one end of a link.
public struct PCIeLinkState: Codable, Hashable, Sendable {
  /// `current_link_speed` and `current_link_width`; absent when `Unknown` or 0.
  public var current: PCIeRate?
  /// `max_link_speed` and `max_link_width`: the capability of this end alone.
  public var maximum: PCIeRate?

  /// The state of one end.
  package init(current: PCIeRate?, maximum: PCIeRate?) {
    self.current = current
    self.maximum = maximum
  }
}

/// The PCI Express capability (id 0x10) of a function.
public struct PCIeCapability: Codable, Hashable, Sendable {
  /// Device/port type, bits 7:4 of the capability register.
  public enum PortType: String, Codable, Hashable, Sendable {
    case endpoint, legacyEndpoint, rootPort, switchUpstream, switchDownstream, pcieToPCIBridge,
      pciToPCIeBridge, rootComplexEndpoint, rootComplexEventCollector, reserved
  }
  /// What it is.
  public var portType: PortType
  /// Largest payload it can take, bytes (DevCap 2:0).
  public var maxPayloadSupportedBytes: Int
  /// Largest payload it may send, bytes: MPS (DevCtl 7:5).
  public var maxPayloadBytes: Int
  /// Largest read it may ask for, bytes: MRRS (DevCtl 14:12).
  public var maxReadRequestBytes: Int
  /// Relaxed ordering enabled (DevCtl 4).
  public var relaxedOrdering: Bool
  /// Extended tags enabled (DevCtl 8).
  public var extendedTag: Bool
  /// LnkCap: highest speed and width; absent without a link.
  public var linkCapability: PCIeRate?
  /// LnkSta: present speed and width; absent without a link.
  public var linkStatus: PCIeRate?
  /// LnkCtl bits 1:0: power states this end may enter by itself, `L0s` and `L1`; absent without a
  /// link.
  public var aspm: [String]?
  /// LnkSta bit 11: training now.
  public var linkTraining: Bool?
  /// LnkSta bit 14 (LBMS), sticky: the link changed for bandwidth management. Ports only.
  public var bandwidthManagementStatus: Bool?
  /// LnkSta bit 15 (LABS), sticky: the hardware changed the link by itself. Ports only.
  public var autonomousBandwidthStatus: Bool?
  /// LnkCtl2 3:0: the speed software caps the link at, GT/s.
  public var targetGigatransfersPerSecond: Double?
  /// LnkCtl2 bit 5 (HASD): the hardware may not change the speed for reasons of its own.
  public var hardwareAutonomousSpeedDisabled: Bool?
  /// DevCap2 bit 6: routes atomic operations.
  public var atomicRouting: Bool?
  /// DevCtl2 bit 6: may send atomic operations.
  public var atomicRequester: Bool?
  /// DevCtl2 bit 7: blocks atomic operations on egress.
  public var atomicEgressBlocked: Bool?

  /// A capability with its registers.
  package init(
    portType: PortType, maxPayloadSupportedBytes: Int, maxPayloadBytes: Int,
    maxReadRequestBytes: Int, relaxedOrdering: Bool, extendedTag: Bool
  ) {
    self.portType = portType
    self.maxPayloadSupportedBytes = maxPayloadSupportedBytes
    self.maxPayloadBytes = maxPayloadBytes
    self.maxReadRequestBytes = maxReadRequestBytes
    self.relaxedOrdering = relaxedOrdering
    self.extendedTag = extendedTag
  }
}

/// Access Control Services of a port (extended capability 0x000d).
public struct PCIeACS: Codable, Hashable, Sendable {
  /// The capability register at +4.
  public var capability: UInt16
  /// The control register at +6: 0x01 source validation, 0x02 translation blocking, 0x04 request
  /// redirect, 0x08 completion redirect, 0x10 upstream forwarding, 0x20 egress control, 0x40
  /// direct translated.
  public var control: UInt16
  /// Where the capability starts in configuration space, bytes; the control register is 6 further.
  public var offset: Int?

  /// The registers.
  package init(capability: UInt16, control: UInt16, offset: Int? = nil) {
    self.capability = capability
    self.control = control
    self.offset = offset
  }

  /// Names of the bits that are on in `control`, as lspci writes them.
  public var enabled: [String] {
    let names = [
      "SrcValid", "TransBlk", "ReqRedir", "CmpltRedir", "UpstreamFwd", "EgressCtrl", "DirectTrans",
    ]
    return names.enumerated().filter { control >> UInt16($0.offset) & 1 == 1 }.map(\.element)
  }

  /// Whether peer traffic is sent up to the root: request or completion redirect, egress control.
  public var redirects: Bool { control & 0x2c != 0 }
}

/// Advanced Error Reporting counters, counted by the kernel since the device appeared.
public struct PCIeErrors: Codable, Hashable, Sendable {
  /// Messages by kind and name (`BadTLP`), only those that are not 0.
  public var correctable: [String: Int]
  /// Uncorrectable, not fatal; only those that are not 0.
  public var nonFatal: [String: Int]
  /// Uncorrectable and fatal; only those that are not 0.
  public var fatal: [String: Int]
  /// Sum of correctable messages, as the kernel counts it.
  public var correctableTotal: Int?
  /// Sum of non-fatal messages.
  public var nonFatalTotal: Int?
  /// Sum of fatal messages.
  public var fatalTotal: Int?
  /// For a root port: messages from everything below it.
  public var rootPort: RootPortTotals?

  /// What a root port received from below.
  public struct RootPortTotals: Codable, Hashable, Sendable {
    /// Correctable messages.
    public var correctable: Int?
    /// Non-fatal messages.
    public var nonFatal: Int?
    /// Fatal messages.
    public var fatal: Int?

    /// Totals of each kind.
    package init(correctable: Int?, nonFatal: Int?, fatal: Int?) {
      self.correctable = correctable
      self.nonFatal = nonFatal
      self.fatal = fatal
    }
  }

  /// Counters of a function.
  package init(
    correctable: [String: Int] = [:], nonFatal: [String: Int] = [:], fatal: [String: Int] = [:]
  ) {
    self.correctable = correctable
    self.nonFatal = nonFatal
    self.fatal = fatal
  }
}

/// The links between a function and its root port, nearest first.
public struct PCIePath: Codable, Hashable, Sendable {
  /// The links, from the function upwards.
  public var hops: [PCIeHop]
  /// Index in `hops` of the link with the least bandwidth now; absent when a link is unknown.
  public var bottleneck: Int?
  /// Index in `hops` of the slot link: the first one that is not inside the card or a chip.
  public var slotLink: Int?
  /// Whether any link runs below what both its ends can do; absent when a link is unknown, or all
  /// are inside a chip.
  public var isDegraded: Bool?

  /// The links outside of chips: those inside a chip do not show what it can carry.
  public var wires: [PCIeHop] { hops.filter { $0.isInsideChip != true } }

  /// A path of links.
  package init(hops: [PCIeHop], bottleneck: Int?, slotLink: Int?, isDegraded: Bool?) {
    self.hops = hops
    self.bottleneck = bottleneck
    self.slotLink = slotLink
    self.isDegraded = isDegraded
  }
}

/// One link: a downstream-facing port and the function directly below it.
public struct PCIeHop: Codable, Hashable, Sendable {
  /// The state of a link, from one reading. An idle GPU lowers its link: only sampling under load
  /// shows whether `below` is a fault.
  public enum Verdict: String, Codable, Hashable, Sendable {
    /// Runs at what both ends can do.
    case full
    /// Runs below what both ends can do.
    case below
    /// Not known.
    case unknown
  }
  /// The port above.
  public var port: PCIAddress
  /// The function below.
  public var device: PCIAddress
  /// The rate it runs at now.
  public var current: PCIeRate?
  /// The rate it could run at: the lesser speed and the lesser width of both ends.
  public var possible: PCIeRate?
  /// The highest rate of the port.
  public var portMaximum: PCIeRate?
  /// The highest rate of the device.
  public var deviceMaximum: PCIeRate?
  /// Which end limits `possible`: `port`, `device` or `both`.
  public var limitedBy: Limit?
  /// Whether the link lies on the card, between a switch of the card's own maker and the device.
  public var isInsideCard: Bool
  /// Whether it lies inside a chip, where its numbers do not count. Absent for a real link.
  public var isInsideChip: Bool?
  /// Power states that the link may enter by itself (ASPM): `L0s`, `L1`, `L1.1`, `L1.2`. Empty when
  /// ASPM is off; absent when neither the kernel nor an end reports it.
  public var aspm: [String]?
  /// Its state.
  public var verdict: Verdict
  /// The reason for its state, in words, when there is something to say: ends disagree, capped by
  /// software, no link registers.
  public var note: String?

  /// Which end of a link allows less.
  public enum Limit: String, Codable, Hashable, Sendable { case port, device, both }

  /// A link between a port and a device.
  package init(
    port: PCIAddress, device: PCIAddress, current: PCIeRate?, possible: PCIeRate?,
    limitedBy: Limit?, isInsideCard: Bool, verdict: Verdict, note: String? = nil
  ) {
    self.port = port
    self.device = device
    self.current = current
    self.possible = possible
    self.limitedBy = limitedBy
    self.isInsideCard = isInsideCard
    self.verdict = verdict
    self.note = note
  }
}
