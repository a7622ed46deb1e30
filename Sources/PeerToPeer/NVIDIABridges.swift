internal import Base
internal import Inventory

/// Whether NVIDIA's driver passes peer traffic between two of its cards through the host bridge, by
/// its own rule.
///
/// `_kp2pCapsGetStatusOverPcie` of `p2p_caps.c` in NVIDIA/open-gpu-kernel-modules: root ports
/// inside one of Intel's I/O hubs forward to each other, two hubs do not. So cards below root ports
/// with certain ids have to be on one root bus. The driver refuses no other host; what the card's
/// firmware adds is known from NVML alone.
enum NVIDIABridges {
  /// Device ids of the root ports: Tylersburg, Sandy Bridge-E, Ivy Bridge-E, Haswell-E, Broadwell-E.
  static let hubs: [ClosedRange<UInt16>] = [
    0x3408...0x3411, 0x3420...0x3421, 0x3c02...0x3c0b, 0x0e02...0x0e0b, 0x2f01...0x2f0b,
    0x6f01...0x6f0b,
  ]

  /// The answer for two cards with these chains up to the root bus.
  static func answer(_ facts: Facts, _ route: PeerRoute) -> HostBridges.Answer {
    // Below a bridge in common both are below one root port.
    if route.commonBridge != nil { return .allowed(because: []) }
    var because: [PeerFactKey] = []
    var areHubs = true
    for chain in [route.fromInitiator, route.fromTarget] {
      guard let port = chain.last else { continue }
      guard let identity = facts.function(port)?.identity, let vendor = identity.vendorID,
        let device = identity.deviceID
      else { return .unknown([.identity(port)]) }
      because.append(.identity(port))
      areHubs = areHubs && vendor == 0x8086 && hubs.contains { $0.contains(device) }
    }
    guard areHubs, route.hostBridges.count == 2, route.hostBridges[0] != route.hostBridges[1]
    else { return .allowed(because: because) }
    return .refused(.ioHubs(initiator: route.hostBridges[0], target: route.hostBridges[1]))
  }
}
