internal import Base
internal import Inventory

/// Whether the host bridge passes peer traffic on, by the kernel's rule.
///
/// `map_through_host_bridge` of `drivers/pci/p2pdma.c`: any AMD CPU of family 0x17 (Zen) or later
/// (`cpu_supports_p2pdma`), else host bridges on a list (`pci_p2pdma_whitelist`), each known by the
/// first function of its root bus, if that is device 0 function 0 or a root port. Some are good
/// for two devices below the same host bridge only (`REQ_SAME_HOST_BRIDGE`). AMD's rule is in
/// kernels since 5.11; the list grew with time.
enum HostBridges {
  /// What the rule says.
  enum Answer {
    case allowed(because: [PeerFactKey])
    case refused(PeerReason)
    case unknown([PeerFactKey])
  }

  /// Device ids of Intel host bridges on the list, and whether they ask for the same host bridge.
  static let intel: [UInt16: Bool] = [
    // Xeon E5 and Core i7 (Sandy Bridge-E).
    0x3c00: true, 0x3c01: true,
    // Xeon E7 v3, Xeon E5 v3, Core i7 (Haswell-E).
    0x2f00: true, 0x2f01: true,
    // Skylake-E and later server parts.
    0x2030: false, 0x2031: false, 0x2032: false, 0x2033: false, 0x2020: false, 0x09a2: false,
  ]

  /// The answer for two functions with these chains up to the root bus.
  static func answer(_ facts: Facts, _ route: PeerRoute) -> Answer {
    let processors = facts.inventory.processors
    if processors.vendor == "AuthenticAMD", let family = processors.family, family >= 0x17 {
      return .allowed(because: [.processor])
    }
    // A way with a common bridge has one host bridge for both.
    let top = route.commonBridge ?? route.fromInitiator.last
    let names = route.hostBridges.isEmpty ? [facts.rootBus(above: top)] : route.hostBridges
    let isSame = Set(names).count == 1
    var because: [PeerFactKey] = []
    var refusal: PeerReason?
    for name in Set(names).sorted() {
      guard let root = facts.rootDevice(name) else { return .unknown([.processor]) }
      because.append(.identity(root.address))
      guard let vendor = root.identity.vendorID, let device = root.identity.deviceID else {
        return .unknown([.identity(root.address)])
      }
      let needsSame = vendor == 0x8086 ? intel[device] : nil
      if needsSame == nil || (needsSame == true && !isSame) {
        refusal = .hostBridgeNotListed(
          bus: name, vendor: vendor, device: device, sameOnly: needsSame != nil)
      }
    }
    guard let refusal else { return .allowed(because: because) }
    // Not listed: then the CPU decides, and it has to be known.
    if processors.vendor == nil || (processors.vendor == "AuthenticAMD" && processors.family == nil)
    {
      return .unknown([.processor])
    }
    return .refused(refusal)
  }
}

extension Facts {
  /// The host bridge above a function.
  func rootBus(above address: PCIAddress?) -> String {
    address.flatMap { chain($0).addresses.last }.flatMap { function($0)?.rootBus } ?? ""
  }

  /// The function the kernel knows a host bridge by: the first on its root bus, when that is
  /// device 0 function 0 or a root port.
  func rootDevice(_ bus: String) -> PCIFunction? {
    guard let first = roots[bus].flatMap(function) else { return nil }
    let isFirst = first.address.device == 0 && first.address.function == 0
    return isFirst || first.express?.portType == .rootPort ? first : nil
  }
}
