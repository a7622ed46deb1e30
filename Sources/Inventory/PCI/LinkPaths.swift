internal import Base

/// Builds the links between each function and its root port, from what both ends of each say.
///
/// A link is a port that faces down and the function directly below it; a device alone has none.
/// Between the upstream and the downstream ports of a switch there is no link.
enum LinkPaths {
  /// More bridges than this above a function are a recording that lies: buses end at 256.
  private static let deepest = 64
  private static let amd: UInt16 = 0x1002

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
    let vendor = functions[position].identity.vendorID
    // AMD puts its GPUs behind a switch of its own: on the card as long as every port is AMD's.
    var isOnCard = vendor == amd
    var slotLink: Int?
    for step in chain.indices.dropLast() where ports[step + 1] == .facesDown {
      let port = functions[chain[step + 1]]
      isOnCard = isOnCard && port.identity.vendorID == amd
      if !isOnCard, slotLink == nil, vendor != nil, port.identity.vendorID != nil || vendor != amd {
        slotLink = hops.count
      }
      // A bridge on a root bus is never on a card, whoever made it.
      let isInside = isOnCard && port.parent != nil
      hops.append(LinkHop.hop(port, functions[chain[step]], isInsideCard: isInside))
    }
    if hops.isEmpty { return nil }
    return summary(hops, slotLink: slotLink, isWhole: isWhole)
  }

  private static func summary(_ hops: [PCIeHop], slotLink: Int?, isWhole: Bool) -> PCIePath {
    let rates = hops.compactMap { $0.current?.bytesPerSecond }
    let bottleneck =
      isWhole && rates.count == hops.count
      ? rates.indices.min { rates[$0] < rates[$1] } : nil
    let isBelow = hops.contains { $0.verdict == .below }
    let isFull = isWhole && hops.allSatisfy { $0.verdict == .full }
    return PCIePath(
      hops: hops, bottleneck: bottleneck, slotLink: slotLink,
      isDegraded: isBelow ? true : isFull ? false : nil)
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

  /// The roles along a chain. Configuration space tells a port's type; without it, ports take
  /// turns from the root port on: root port, upstream, downstream.
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
