package import Base
public import Inventory

/// Which devices of a machine reach each other's memory, and what prevents it.
public struct PeerMap: Sendable {
  /// Devices that take part: GPUs, then drives, then NICs, each by address.
  public let devices: [PeerDevice]
  /// Every ordered pair of GPU and GPU, GPU and drive, GPU and NIC, drive and NIC; by initiator,
  /// then target, in the order of `devices`.
  public let pairs: [PeerPair]
  /// Collectors that could not look for devices: the map lacks what they would have found.
  public let unseen: [CollectorReport]
  private let facts: Facts
  private let indexes: [PCIAddress: Int]
  private let places: [Ends: Int]

  private struct Ends: Hashable {
    var initiator: PCIAddress
    var target: PCIAddress
  }

  /// The map of an inventory, collected with PCI details, GPUs, drives and NICs.
  package init(_ inventory: Inventory) {
    var facts = Facts(inventory)
    devices = PeerDevice.all(in: inventory, facts.functions)
    facts.walk(devices.map(\.address))
    self.facts = facts
    unseen = inventory.collectors.filter {
      ["PCI", "GPU", "NVMe", "NIC"].contains($0.name) && $0.outcome == .failed
    }
    var pairs: [PeerPair] = []
    var indexes: [PCIAddress: Int] = [:]
    var places: [Ends: Int] = [:]
    pairs.reserveCapacity(devices.count * devices.count)
    for (index, initiator) in devices.enumerated() {
      indexes[initiator.address] = index
      for target in devices where PeerMap.isJudged(initiator, target) {
        places[Ends(initiator: initiator.address, target: target.address)] = pairs.count
        pairs.append(facts.judge(initiator, target))
      }
    }
    self.pairs = pairs
    self.indexes = indexes
    self.places = places
  }

  private static func isJudged(_ a: PeerDevice, _ b: PeerDevice) -> Bool {
    a.kind != b.kind || a.kind == .gpu
  }

  /// A device by its address.
  package func device(_ address: PCIAddress) -> PeerDevice? { indexes[address].map { devices[$0] } }

  /// Place of a device in `devices`.
  package func index(_ address: PCIAddress) -> Int? { indexes[address] }

  /// The pair of two devices; nil when the map does not judge them.
  package func pair(_ initiator: PCIAddress, _ target: PCIAddress) -> PeerPair? {
    places[Ends(initiator: initiator, target: target)].map { pairs[$0] }
  }

  /// A fact in words.
  package func fact(_ key: PeerFactKey) -> PeerFact { facts.fact(key) }

  /// What removes a reason. In a guest the bridges are emulated, and the hypervisor decides what
  /// really lies between the devices.
  package func remedy(_ reason: PeerReason) -> PeerRemedy? {
    isGuest ? reason.hypervisorsRemedy ?? reason.remedy : reason.remedy
  }

  /// What removes the redirection of bridges, all together.
  package func remedy(redirects bridges: [PCIAddress]) -> PeerRemedy {
    isGuest ? .hypervisors : .redirects(bridges)
  }

  private var isGuest: Bool { facts.inventory.machine.virtualization?.kind == .vm }

  /// A function on the way.
  package func function(_ address: PCIAddress) -> PCIFunction? { facts.function(address) }
}

/// An inventory with indexes.
struct Facts: Sendable {
  let inventory: Inventory
  let functions: [PCIAddress: Int]
  private let gpus: [PCIAddress: Int]
  private let drives: [PCIAddress: Int]
  private var chains: [PCIAddress: Chain] = [:]
  /// The first function on each root bus.
  private(set) var roots: [String: PCIAddress] = [:]

  /// Walks up from each device once, before pairs are judged.
  mutating func walk(_ devices: [PCIAddress]) {
    for address in devices { chains[address] = walkUp(address) }
    for function in inventory.pci where isOnRootBus(function) {
      guard let bus = function.rootBus else { continue }
      roots[bus] = min(roots[bus] ?? function.address, function.address)
    }
  }

  /// A function and the bridges above it.
  func chain(_ address: PCIAddress) -> Chain { chains[address] ?? walkUp(address) }

  init(_ inventory: Inventory) {
    self.inventory = inventory
    func index(_ addresses: [PCIAddress?]) -> [PCIAddress: Int] {
      var found: [PCIAddress: Int] = [:]
      for (position, address) in addresses.enumerated() {
        if let address, found[address] == nil { found[address] = position }
      }
      return found
    }
    functions = index(inventory.pci.map(\.address))
    gpus = index(inventory.gpus.map(\.address))
    drives = index(inventory.nvme.map(\.address))
  }

  func function(_ address: PCIAddress) -> PCIFunction? {
    functions[address].map { inventory.pci[$0] }
  }
  func gpu(_ address: PCIAddress) -> GPU? { gpus[address].map { inventory.gpus[$0] } }
  func nvme(_ address: PCIAddress) -> NVMeController? {
    drives[address].map { inventory.nvme[$0] }
  }
}

/// A pair while its verdict is worked out.
struct PairBuilder {
  var reasons: [PeerReason] = []
  var missing: [PeerFactKey] = []
  var uses: [PeerFactKey] = []

  mutating func use(_ key: PeerFactKey) { if !uses.contains(key) { uses.append(key) } }
  mutating func miss(_ key: PeerFactKey) { if !missing.contains(key) { missing.append(key) } }
  mutating func add(_ reason: PeerReason) {
    if !reasons.contains(reason) { reasons.append(reason) }
  }

  /// The verdict on what is known so far. A reason that blocks decides, whatever else is missing.
  func verdict(_ route: PeerRoute) -> PeerVerdict {
    if reasons.contains(where: { $0.effect == .blocks }) { return .blocked }
    return missing.isEmpty ? route.kind : .unknown
  }
}
