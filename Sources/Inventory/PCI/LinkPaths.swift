internal import Base

/// Builds the links between each function and its root port, from what both ends of each report.
///
/// A link is a port that faces down and the function directly below it; a device alone has none.
/// Between the upstream and the downstream ports of a switch there is no link.
enum LinkPaths {
  /// More bridges than this above a function are a damaged recording: buses end at 256.
  private static let deepest = 64

  /// Fills `path` of every function that is not a bridge.
  /// - Parameters:
  ///   - functions: what was collected, with parents, capabilities and sysfs link states.
  ///   - index: position of each function by address.
  ///   - chosen: positions to build a path for; nil for all.
  /// - Returns: links whose ends disagree, as positions of port and device: worth a second look.
  @discardableResult
  static func fill(
    _ functions: inout [PCIFunction], index: [PCIAddress: Int], only chosen: [Int]? = nil
  ) -> [(port: Int, device: Int)] {
    var disagreeing: [Int: Int] = [:]
    for position in chosen ?? Array(functions.indices)
    where !functions[position].isBridge && functions[position].physicalFunction == nil {
      let path = build(position, functions, index)
      functions[position].path = path
      for hop in path?.hops ?? [] where hop.note?.hasPrefix(LinkHop.disagreement) == true {
        if let port = index[hop.port], let device = index[hop.device] {
          disagreeing[device] = port
        }
      }
    }
    // A virtual function has no link of its own.
    for position in chosen ?? Array(functions.indices) {
      if let physical = functions[position].physicalFunction.flatMap({ index[$0] }) {
        functions[position].path = functions[physical].path
      }
    }
    return disagreeing.map { (port: $0.value, device: $0.key) }.sorted { $0.device < $1.device }
  }

  /// The path of one function; nil when there is no link above it.
  private static func build(
    _ position: Int, _ functions: [PCIFunction], _ index: [PCIAddress: Int]
  ) -> PCIePath? {
    var chain = [position]
    var isWhole = true
    while let parent = functions[chain[chain.count - 1]].parent {
      guard let above = index[parent], chain.count < deepest else {
        isWhole = false
        break
      }
      chain.append(above)
    }
    let ports = roles(of: chain.map { functions[$0] }, startsAtRoot: isWhole)
    var hops: [PCIeHop] = []
    var card = OwnSwitch(of: functions[position])
    var slotLink: Int?
    for step in chain.indices.dropLast() where ports[step + 1] == .facesDown {
      let port = functions[chain[step + 1]]
      let isInside = card.holds(port)
      let device = functions[chain[step]]
      var hop = LinkHop.hop(port, device, isInsideCard: isInside)
      if isInsideChip(device, hop) {
        hop.isInsideChip = true
      } else if !isInside, slotLink == nil, card.isKnown {
        slotLink = hops.count
      }
      hops.append(hop)
    }
    if hops.isEmpty { return nil }
    return summary(hops, slotLink: slotLink, isWhole: isWhole)
  }

  private static func summary(_ hops: [PCIeHop], slotLink: Int?, isWhole: Bool) -> PCIePath {
    // What lies inside a chip has no rate of its own.
    let wires = hops.indices.filter { hops[$0].isInsideChip != true }
    let rates = wires.compactMap { place in hops[place].current.map { (place, $0.bytesPerSecond) } }
    let bottleneck = isWhole && rates.count == wires.count ? rates.min { $0.1 < $1.1 }?.0 : nil
    let isBelow = wires.contains { hops[$0].verdict == .below }
    let isFull = isWhole && !wires.isEmpty && wires.allSatisfy { hops[$0].verdict == .full }
    return PCIePath(
      hops: hops, bottleneck: bottleneck, slotLink: slotLink,
      isDegraded: isBelow ? true : isFull ? false : nil)
  }

  /// The switch that a card carries itself, with its ports as the way up meets them.
  ///
  /// AMD's and Intel's cards have one between slot and GPU, BlueField and Pensando cards one between
  /// slot and network functions. Its ports carry the ids of the card's maker (those of Vega, AMD's other
  /// id), and it is one switch: whatever is above its upstream port belongs to the board or to a box around
  /// the card.
  struct OwnSwitch {
    /// Whether the vendors that distinguish the card's ports from others are known.
    private(set) var isKnown: Bool
    private let vendor: UInt16?
    private let isGPU: Bool
    private var isLeft = false

    /// The switch of a function's card.
    init(of function: PCIFunction) {
      let identity = function.identity
      isKnown = identity.vendorID != nil
      let base = identity.classCode.map { $0 >> 16 }
      isGPU = base == 0x03 || base == 0x12
      // Intel's network functions have no switch; a switch of Intel's above one is a Thunderbolt dock.
      vendor = isGPU || base == 0x02 && identity.vendorID != 0x8086 ? identity.vendorID : nil
    }

    /// Whether a port that faces down is one of the card's. A bridge on a root bus never is, even
    /// by the card's maker.
    mutating func holds(_ port: PCIFunction) -> Bool {
      if isLeft { return false }
      isLeft = true
      if vendor != nil, port.identity.vendorID == nil { isKnown = false }
      return vendor != nil && port.parent != nil
        && (port.identity.vendorID == vendor || isVegaBridge(port))
    }

    /// Vega's ports are 1022:1470 and 1471 (pci.ids: Vega 10 PCIe Bridge), where its GPU is 1002's. AMD's
    /// other bridges are the board's.
    private func isVegaBridge(_ port: PCIFunction) -> Bool {
      isGPU && vendor == 0x1002 && port.identity.vendorID == 0x1022
        && port.identity.deviceID.map { (0x1470...0x1471).contains($0) } == true
    }
  }

  /// Whether a link is one inside a chip or between chips that are no slot: a GPU's end that can do
  /// 2.5 GT/s x1 at most. That is what the ports inside Intel's cards and the GPU of NVIDIA's GB10
  /// show, whatever the real way carries. A few old cards are made for a slot of one such lane
  /// (Quadro NVS 290 x1): their link looks the same, and is not reported.
  private static func isInsideChip(_ device: PCIFunction, _ hop: PCIeHop) -> Bool {
    let base = device.identity.classCode.map { $0 >> 16 }
    let isSlowest = hop.deviceMaximum == PCIeRate(gigatransfersPerSecond: 2.5, width: 1)
    return isSlowest && (base == 0x03 || base == 0x12)
  }

  /// What a bridge of a chain does.
  enum Role {
    /// A root port or a switch's downstream port: a link hangs below it.
    case facesDown
    /// A switch's upstream port: below it is the inside of the switch.
    case facesUp
    /// A bridge of conventional PCI, or the function at the start of the chain.
    case conventional
  }

  /// The roles along a chain. Configuration space has a port's type; without it, ports take turns
  /// from the root port on: root port, upstream, downstream.
  static func roles(of chain: [PCIFunction], startsAtRoot: Bool) -> [Role] {
    var roles = [Role](repeating: .conventional, count: chain.count)
    for step in chain.indices.reversed() where step > 0 {
      let isTop = step == chain.count - 1
      switch chain[step].express?.portType {
      case .rootPort, .switchDownstream, .pciToPCIeBridge: roles[step] = .facesDown
      case .switchUpstream: roles[step] = .facesUp
      case .some: roles[step] = .conventional
      case nil where !LinkEnd(chain[step]).hasRegisters: roles[step] = .conventional
      case nil where isTop: roles[step] = startsAtRoot ? .facesDown : .conventional
      case nil:
        switch roles[step + 1] {
        case .facesDown: roles[step] = .facesUp
        case .facesUp: roles[step] = .facesDown
        case .conventional: roles[step] = .conventional
        }
      }
    }
    return roles
  }
}
