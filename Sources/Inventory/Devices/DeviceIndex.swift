package import Base

/// An inventory by address, indexed once so that no part searches its lists, and the usual names of
/// what is there.
public struct DeviceIndex: Sendable {
  /// The inventory it indexes.
  public let inventory: Inventory
  private let functions: [PCIAddress: Int]
  private let gpus: [PCIAddress: Int]
  private let accelerators: [PCIAddress: Int]
  private let nvme: [PCIAddress: Int]
  private let nics: [PCIAddress: [Int]]

  /// An index of an inventory.
  package init(_ inventory: Inventory) {
    self.inventory = inventory
    functions = Self.index(inventory.pci.map(\.address))
    gpus = Self.index(inventory.gpus.map(\.address))
    accelerators = Self.index(inventory.accelerators.map(\.address))
    nvme = Self.index(inventory.nvme.map(\.address))
    var found: [PCIAddress: [Int]] = [:]
    for (index, nic) in inventory.nics.enumerated() {
      if let address = nic.address { found[address, default: []].append(index) }
    }
    nics = found
  }

  private static func index(_ addresses: [PCIAddress?]) -> [PCIAddress: Int] {
    var result = [PCIAddress: Int](minimumCapacity: addresses.count)
    for (index, address) in addresses.enumerated() {
      if let address, result[address] == nil { result[address] = index }
    }
    return result
  }

  /// The PCI function at an address.
  package func function(_ address: PCIAddress?) -> PCIFunction? {
    address.flatMap { functions[$0] }.map { inventory.pci[$0] }
  }
  /// Its index in the list of functions.
  package func position(_ address: PCIAddress) -> Int? { functions[address] }
  /// The GPU at an address.
  package func gpu(_ address: PCIAddress) -> GPU? { gpus[address].map { inventory.gpus[$0] } }
  /// The accelerator at an address.
  package func accelerator(_ address: PCIAddress) -> Accelerator? {
    accelerators[address].map { inventory.accelerators[$0] }
  }
  /// The NVMe controller at an address.
  package func nvme(_ address: PCIAddress) -> NVMeController? {
    nvme[address].map { inventory.nvme[$0] }
  }
  /// The network interfaces on a function.
  package func nics(_ address: PCIAddress) -> [NIC] {
    (nics[address] ?? []).map { inventory.nics[$0] }
  }

  /// Whether a GPU is there.
  package func isGPU(_ address: PCIAddress) -> Bool { gpus[address] != nil }
  /// Whether an accelerator is there.
  package func isAccelerator(_ address: PCIAddress) -> Bool { accelerators[address] != nil }
  /// Whether an NVMe controller is there.
  package func isNVMe(_ address: PCIAddress) -> Bool { nvme[address] != nil }
  /// Whether a network interface is there.
  package func isNIC(_ address: PCIAddress) -> Bool { nics[address] != nil }

  /// The usual name of a function: `GPU0`, `nvme0`, `eth0`, `root port 40:01.1`.
  package func name(_ address: PCIAddress) -> String {
    if let gpu = gpu(address) { return gpu.label }
    if let index = nvme[address] { return inventory.nvme[index].name }
    if let index = nics[address]?.first { return inventory.nics[index].name }
    return label(address)
  }

  /// Whether nodes matter: a machine with one, or none, has nothing to place.
  public var hasNodes: Bool { inventory.memory.nodes.count > 1 }

  /// The link that "the device's link" means.
  package func link(_ address: PCIAddress?) -> DeviceLink? {
    function(address).flatMap { DeviceLink($0, gpu: gpu($0.address)) }
  }

  /// The usual name of a function, with its address: `GPU0 41:00.0`, `nvme0 (01:00.0)`.
  package func label(_ address: PCIAddress) -> String {
    if let gpu = gpu(address) { return gpu.fullLabel }
    if isAccelerator(address) { return "accelerator \(address.short)" }
    if let index = nvme[address] { return "\(inventory.nvme[index].name) (\(address.short))" }
    if let index = nics[address]?.first {
      return "\(inventory.nics[index].name) (\(address.short))"
    }
    guard let function = function(address) else { return address.short }
    return "\(function.kindText) \(address.short)"
  }
}
