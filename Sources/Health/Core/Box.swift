package import Base
package import Benchmarks
public import Inventory
public import PeerToPeer
internal import Synchronization

/// Everything a check may look at: the facts, what is expected, samples under load.
public struct Box: Sendable {
  /// The facts.
  public let inventory: Inventory
  /// What this box should have; nil without a profile.
  public let profile: Profile?
  /// Samples taken while a load ran (`check --live`); nil without.
  public let samples: Samples?
  /// What the history of benchmarks shows, or why it cannot be read; nil where nobody asked tinyboxd,
  /// which keeps it.
  package let benchmarks: Result<BenchmarkChangesDocument, Failure>?
  /// Known faults of firmware and drives.
  public let advisories: Advisories
  private let functions: [PCIAddress: Int]
  private let names: [PCIAddress: String]
  private let kinds: [PCIAddress: FunctionKind]
  private let knownPeers = KnownPeers()
  /// Kinds of advice that fit this machine.
  public let audiences: Set<Advice.Audience>

  /// A box with these facts.
  package init(
    _ inventory: Inventory, profile: Profile? = nil, samples: Samples? = nil,
    benchmarks: Result<BenchmarkChangesDocument, Failure>? = nil,
    advisories: Advisories = .shipped
  ) {
    self.inventory = inventory
    self.profile = profile
    self.samples = samples
    self.benchmarks = benchmarks
    self.advisories = advisories
    functions = Dictionary(
      inventory.pci.enumerated().map { ($0.element.address, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    var names: [PCIAddress: String] = [:]
    kinds = FunctionKind.kinds(of: inventory.pci)
    // By class first: a dead card, or one without a driver, has no entry of a driver's class.
    for function in inventory.pci {
      guard let kind = kinds[function.address], kind.carriesData, let label = kind.label else {
        continue
      }
      names[function.address] = "\(label) \(function.address.short)"
    }
    var named: Set<PCIAddress> = []
    for nic in inventory.nics where nic.isRepresentor != true {
      if let address = nic.address, named.insert(address).inserted {
        names[address] = nic.name
      }
    }
    for drive in inventory.nvme {
      if let address = drive.address { names[address] = drive.name }
    }
    for gpu in inventory.gpus { names[gpu.address] = gpu.fullLabel }
    self.names = names
    audiences = Audiences.of(inventory)
  }

  /// Which devices reach each other: judged once, however many checks ask.
  public var peers: PeerMap { knownPeers.map(inventory) }

  package func function(_ address: PCIAddress?) -> PCIFunction? {
    address.flatMap { functions[$0] }.map { inventory.pci[$0] }
  }

  /// The bridges above a function, nearest first.
  package func ancestors(of address: PCIAddress) -> [PCIFunction] {
    var found: [PCIFunction] = []
    var next = function(address)?.parent
    // A recording may claim that a bridge lies below itself.
    while let current = function(next), found.count < 64 {
      found.append(current)
      next = current.parent
    }
    return found
  }

  /// A device by its usual name: `GPU0 21:00.0`, `nvme0`, `eth0`, else its address; with the label
  /// of its slot where the firmware gives one.
  package func subject(_ address: PCIAddress) -> Subject {
    let name = names[address] ?? address.short
    let slot = function(address)?.slot.map { " (slot \($0))" } ?? ""
    return Subject(name + slot, address)
  }

  /// What a function is: by its class and ids, else by what its driver made of it.
  package func kind(of address: PCIAddress) -> FunctionKind {
    if let kind = kinds[address], kind != .other { return kind }
    if let gpu = inventory.gpus.first(where: { $0.address == address }) { return .gpu(gpu.vendor) }
    if inventory.nvme.contains(where: { $0.address == address }) { return .drive }
    if inventory.nics.contains(where: { $0.address == address }) { return .nic }
    return .other
  }

  /// Whether a function is a GPU, an accelerator, a drive or a network adapter, by its PCI class or
  /// by what its driver made of it: what people bought the box for.
  package func carriesData(_ address: PCIAddress) -> Bool { names[address] != nil }

  /// GPUs, accelerators, drives and network adapters by address, virtual functions left out.
  public var dataDevices: [PCIFunction] {
    inventory.pci.filter { carriesData($0.address) && $0.physicalFunction == nil }
  }

  /// Whether the program runs in a container, which sees its host's hardware but not its system.
  public var isInContainer: Bool { inventory.machine.virtualization?.kind == .container }

  /// Whether the machine is a guest, whose firmware, clocks and cores its host controls.
  public var isVirtual: Bool { inventory.machine.isGuest }
}

/// The map of peers, made when it is first asked for.
private final class KnownPeers: Sendable {
  private let known = Mutex<PeerMap?>(nil)

  func map(_ inventory: Inventory) -> PeerMap {
    known.withLock { known in
      if let known { return known }
      let made = PeerMap(inventory)
      known = made
      return made
    }
  }
}
