public import Base
internal import Inventory

/// The way between two functions, as the kernel's peer-to-peer code sees it.
///
/// `calc_map_type_and_dist` of `drivers/pci/p2pdma.c`: the nearest bridge above both, and every
/// port on the way whose ACS control redirects (request redirect, completion redirect, egress
/// control): the provider of the memory and what is above it, up to and including the common
/// bridge; the client and what is above it, below that bridge. Without a hit the switch passes the
/// traffic on by address. The root complex is no bridge: two root ports share none.
public struct PeerRoute: Hashable, Sendable {
  /// Functions from the initiator upwards, itself first, without the common bridge. Up to the
  /// root bus when there is none.
  public var fromInitiator: [PCIAddress] = []
  /// The bridge both are below; nil when they share none.
  public var commonBridge: PCIAddress?
  /// Functions from the target upwards, itself first, without the common bridge.
  public var fromTarget: [PCIAddress] = []
  /// Host bridge above each, such as `pci0000:20`; only without a common bridge.
  public var hostBridges: [String] = []
  /// Distance as the kernel counts it: 0 the same function, 2 two functions of one device, 4 the
  /// same switch; nil when the way is not known.
  public var distance: Int?
  /// `direct`, `viaHostBridge`, or `unknown`: whether the host bridge passes it on is another step.
  public var kind: PeerVerdict = .unknown
  /// Functions on the way that redirect.
  public var redirects: [PCIAddress] = []

  /// Everything on the way whose ACS bits count.
  public var counted: [PCIAddress] {
    fromTarget + (commonBridge.map { [$0] } ?? []) + fromInitiator
  }
}

/// What the ACS control of a function does to peer traffic that passes it.
enum ACSState {
  /// It has such a capability and redirects, with these bits.
  case redirects([String])
  /// It has none, or the bits are off.
  case passes
  /// Config space was not read that far.
  case unknown

  init(_ function: PCIFunction) {
    if let acs = function.acs {
      let bits = acs.enabled.filter { ["ReqRedir", "CmpltRedir", "EgressCtrl"].contains($0) }
      self = bits.isEmpty ? .passes : .redirects(bits)
    } else {
      self = function.hasACS == false ? .passes : .unknown
    }
  }
}

extension Facts {
  /// A function and the bridges above it.
  struct Chain: Sendable {
    var addresses: [PCIAddress] = []
    /// The function whose place is not known; nil when the chain ends on a root bus.
    var gap: PCIAddress?
  }

  /// Bridges above each other at most: buses end at 256, and real boxes have a handful.
  private static let deepest = 64

  /// Walks up from a function. A recording may claim that a bridge lies below itself.
  func walkUp(_ address: PCIAddress) -> Chain {
    var chain = Chain()
    var next = address
    while true {
      guard let function = function(next), !chain.addresses.contains(next),
        chain.addresses.count < Facts.deepest
      else {
        chain.gap = chain.addresses.last ?? next
        return chain
      }
      chain.addresses.append(next)
      guard let parent = function.parent else {
        if !isOnRootBus(function) { chain.gap = next }
        return chain
      }
      next = parent
    }
  }

  /// Whether a function without a parent is on its host bridge's root bus: the fact that names its
  /// parent may just be missing.
  func isOnRootBus(_ function: PCIFunction) -> Bool {
    function.parent == nil && function.rootBus == rootBusName(function.address)
  }

  private func rootBusName(_ address: PCIAddress) -> String {
    var bus = address
    bus.device = 0
    bus.function = 0
    return "pci" + bus.description.dropLast("00.0".utf8.count + 1)
  }

  /// The way of an ordered pair; facts used and missing go to `pair`.
  func route(from initiator: PCIAddress, to target: PCIAddress, _ pair: inout PairBuilder)
    -> PeerRoute
  {
    var route = PeerRoute()
    let up = chain(initiator)
    let down = chain(target)
    var common: PCIAddress?
    for address in down.addresses where up.addresses.contains(address) {
      common = address
      break
    }
    route.commonBridge = common
    func part(_ chain: Chain) -> [PCIAddress] {
      Array(chain.addresses.prefix { $0 != common })
    }
    route.fromInitiator = part(up)
    route.fromTarget = part(down)
    guard common != nil else {
      let gaps = [up.gap, down.gap].compactMap { $0 }
      for gap in gaps { pair.miss(.place(gap)) }
      guard gaps.isEmpty else { return route }
      for address in route.fromInitiator + route.fromTarget { pair.use(.place(address)) }
      route.distance = route.fromInitiator.count + route.fromTarget.count
      route.kind = .viaHostBridge
      route.hostBridges = [up, down].map {
        $0.addresses.last.flatMap { function($0)?.rootBus } ?? ""
      }
      return route
    }
    for address in route.fromInitiator + route.fromTarget { pair.use(.place(address)) }
    route.distance = route.fromInitiator.count + route.fromTarget.count
    var gaps: [PCIAddress] = []
    for address in route.counted {
      guard let function = function(address) else { continue }
      pair.use(.acs(address))
      switch ACSState(function) {
      case .redirects: route.redirects.append(address)
      case .passes: break
      case .unknown: gaps.append(address)
      }
    }
    if !route.redirects.isEmpty {
      // Whatever the others do, the traffic goes up.
      route.kind = .viaHostBridge
    } else if gaps.isEmpty {
      route.kind = .direct
    } else {
      for gap in gaps { pair.miss(.acs(gap)) }
    }
    return route
  }
}
