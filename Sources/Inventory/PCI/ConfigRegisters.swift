// What the registers of configuration space say. Offsets and bits are those of linux/pci_regs.h.

extension ConfigSpace {
  /// Interrupt vectors that the MSI and MSI-X capabilities offer.
  public struct VectorCounts: Hashable, Sendable {
    /// Vectors of MSI: 1 to 32.
    public var msi: Int?
    /// Vectors of MSI-X: 1 to 2,048.
    public var msix: Int?
  }

  /// A base address register that can change its size (extended capability 0x0015).
  public struct ResizableBar: Hashable, Sendable {
    /// Which register, 0 to 5.
    public var index: Int
    /// Sizes it can have, bytes, smallest first.
    public var possibleSizesBytes: [UInt64]
    /// Size it is set to, bytes; absent when the code has no meaning.
    public var setSizeBytes: UInt64?
  }

  /// Vendor id; absent when it reads all ones, as that of a virtual function does.
  public var vendorID: UInt16? { word(0x00).flatMap { $0 == 0xffff ? nil : $0 } }
  /// Device id; absent when it reads all ones.
  public var deviceID: UInt16? { word(0x02).flatMap { $0 == 0xffff ? nil : $0 } }
  /// Revision.
  public var revision: UInt8? { byte(0x08) }
  /// Class, subclass and programming interface.
  public var classCode: UInt32? { dword(0x08).map { $0 >> 8 } }

  /// Whether it has Advanced Error Reporting.
  public var advancedErrors: Fact<Int> { extendedFact(ID.advancedErrors) { $0 } }
  /// Whether it has Single Root I/O Virtualization.
  public var singleRootIO: Fact<Int> { extendedFact(ID.singleRootIO) { $0 } }

  /// The PCI Express capability.
  public var express: Fact<PCIeCapability> {
    guard let base = standardOffset(ID.express) else { return missing(standardGap) }
    guard let flags = standardWord(base + 0x02) else { return cut() }
    let portType = PCIeCapability.PortType(code: flags >> 4 & 0xf)
    let version = flags & 0xf
    // Version 1 ends after the registers its port type needs; later ones have all of them.
    let size = version >= 2 ? 0x34 : portType.hasLink ? 0x14 : 0x0c
    guard standardWord(base + size - 2) != nil, let capability = dword(base + 0x04),
      let control = word(base + 0x08)
    else { return cut() }
    let payloadCodes = [capability & 7, UInt32(control >> 5 & 7), UInt32(control >> 12 & 7)]
    // 6 and 7 are reserved: a device that reports them is damaged, and a size made of them would be
    // wrong.
    guard payloadCodes.allSatisfy({ $0 <= 5 }) else {
      return .unknown("reserved size code in the PCI Express capability")
    }
    var express = PCIeCapability(
      portType: portType, maxPayloadSupportedBytes: 128 << Int(payloadCodes[0]),
      maxPayloadBytes: 128 << Int(payloadCodes[1]),
      maxReadRequestBytes: 128 << Int(payloadCodes[2]), relaxedOrdering: control & 0x10 != 0,
      extendedTag: control & 0x100 != 0)
    if portType.hasLink { decodeLink(at: base, version: version, into: &express) }
    if version >= 2, let capability2 = dword(base + 0x24), let control2 = word(base + 0x28) {
      express.atomicRouting = capability2 & 0x40 != 0
      express.atomicRequester = control2 & 0x40 != 0
      express.atomicEgressBlocked = control2 & 0x80 != 0
    }
    return .known(express)
  }

  /// Vectors of MSI and MSI-X.
  public var vectors: Fact<VectorCounts> {
    var counts = VectorCounts()
    if let base = standardOffset(ID.msi) {
      guard let control = standardWord(base + 2) else { return cut() }
      // Bits 3:1, a power of two; 6 and 7 are reserved.
      let code = control >> 1 & 7
      if code <= 5 { counts.msi = 1 << Int(code) }
    }
    if let base = standardOffset(ID.msix) {
      guard let control = standardWord(base + 2) else { return cut() }
      counts.msix = Int(control & 0x7ff) + 1
    }
    if counts.msi == nil || counts.msix == nil, let standardGap { return .unknown(standardGap) }
    return counts == VectorCounts() ? .absent : .known(counts)
  }

  /// Access Control Services.
  public var acs: Fact<PCIeACS> {
    extendedFact(ID.accessControl) { base in
      guard let capability = word(base + 4), let control = word(base + 6) else { return nil }
      return PCIeACS(capability: capability, control: control, offset: base)
    }
  }

  /// Base address registers that can change their size.
  public var resizableBars: Fact<[ResizableBar]> {
    extendedFact(ID.resizableBar) { base in
      guard let first = dword(base + 8) else { return nil }
      var bars: [ResizableBar] = []
      // Bits 7:5 of the first control register count the registers; there are six at most.
      for entry in 0..<min(Int(first >> 5 & 7), 6) {
        guard let capability = dword(base + 4 + 8 * entry),
          let control = dword(base + 8 + 8 * entry)
        else { return nil }
        let index = Int(control & 7)
        guard index <= 5 else { continue }
        // Bits 31:4 of the capability are 1 MiB to 128 TiB; 31:16 of the control go on to 8 EiB.
        let sizes = UInt64(capability >> 4) | UInt64(control >> 16) << 28
        let code = Int(control >> 8 & 0x3f)
        bars.append(
          ResizableBar(
            index: index, possibleSizesBytes: ConfigSpace.sizes(bitmap: sizes),
            setSizeBytes: code <= 43 ? 1 << UInt64(code + 20) : nil))
      }
      return bars
    }
  }

  /// The sizes of a bitmap in which bit n stands for 2^(n+20) bytes.
  static func sizes(bitmap: UInt64) -> [UInt64] {
    (0...43).filter { bitmap >> UInt64($0) & 1 == 1 }.map { 1 << UInt64($0 + 20) }
  }

  private func decodeLink(at base: Int, version: UInt16, into express: inout PCIeCapability) {
    guard let capability = dword(base + 0x0c), let linkControl = word(base + 0x10),
      let status = word(base + 0x12)
    else { return }
    express.aspm = zip(["L0s", "L1"], [1, 2]).filter { linkControl & $1 != 0 }.map(\.0)
    var speedCode = Int(capability & 0xf)
    if version >= 2, let vector = dword(base + 0x2c), let control = word(base + 0x30) {
      // Bits 7:1 of LnkCap2 name each speed; LnkCap limits them.
      if let fastest = (1...7).last(where: { vector >> UInt32($0) & 1 == 1 }) {
        speedCode = speedCode == 0 ? fastest : min(speedCode, fastest)
      }
      express.targetGigatransfersPerSecond = PCIeRate.speed(code: Int(control & 0xf))
      express.hardwareAutonomousSpeedDisabled = control & 0x20 != 0
    }
    express.linkCapability = PCIeRate(
      speed: PCIeRate.speed(code: speedCode), width: Int(capability >> 4 & 0x3f))
    express.linkStatus = PCIeRate(
      speed: PCIeRate.speed(code: Int(status & 0xf)), width: Int(status >> 4 & 0x3f))
    if express.portType.facesDown {
      // Reserved at the other end of a link.
      express.linkTraining = status & 0x0800 != 0
      express.bandwidthManagementStatus = status & 0x4000 != 0
      express.autonomousBandwidthStatus = status & 0x8000 != 0
    }
  }

  /// A word of a standard capability, which cannot reach into the extended space.
  private func standardWord(_ offset: Int) -> UInt16? {
    offset + 2 <= ConfigSpace.standardSize ? word(offset) : nil
  }

  private func extendedFact<Value>(_ id: UInt16, _ decode: (Int) -> Value?) -> Fact<Value> {
    guard let base = extendedOffset(id) else { return missing(extendedGap) }
    return decode(base).map { .known($0) } ?? cut(limit: ConfigSpace.extendedSize)
  }

  /// What is not in a list is not there, unless the list has a gap.
  private func missing<Value>(_ gap: String?) -> Fact<Value> { gap.map { .unknown($0) } ?? .absent }

  /// A capability that starts before the end of what was read and ends behind it.
  private func cut<Value>(limit: Int = ConfigSpace.standardSize) -> Fact<Value> {
    .unknown(bytes.count < limit ? truncation : "capability runs past the end of its space")
  }
}

extension PCIeCapability.PortType {
  /// From bits 7:4 of the capability register.
  init(code: UInt16) {
    switch code {
    case 0: self = .endpoint
    case 1: self = .legacyEndpoint
    case 4: self = .rootPort
    case 5: self = .switchUpstream
    case 6: self = .switchDownstream
    case 7: self = .pcieToPCIBridge
    case 8: self = .pciToPCIeBridge
    case 9: self = .rootComplexEndpoint
    case 10: self = .rootComplexEventCollector
    default: self = .reserved
    }
  }

  /// Whether it has the link registers.
  public var hasLink: Bool {
    switch self {
    case .rootComplexEndpoint, .rootComplexEventCollector, .reserved: false
    default: true
    }
  }

  /// Whether a link hangs below it.
  var facesDown: Bool {
    switch self {
    case .rootPort, .switchDownstream, .pciToPCIeBridge: true
    default: false
    }
  }
}

extension PCIeRate {
  /// Speeds by code, giga-transfers a second; code 0 is none.
  static let speeds: [Double] = [0, 2.5, 5, 8, 16, 32, 64]
  /// Widths a link can have.
  static let widths: Set<Int> = [1, 2, 4, 8, 12, 16, 32]

  /// The speed of a code of LnkCap or LnkSta; nil when it has no meaning.
  static func speed(code: Int) -> Double? { (1...6).contains(code) ? speeds[code] : nil }

  /// A rate, when both are possible. A link that is down has neither.
  init?(speed: Double?, width: Int?) {
    guard let speed, let width, PCIeRate.widths.contains(width) else { return nil }
    self.init(gigatransfersPerSecond: speed, width: width)
  }
}
