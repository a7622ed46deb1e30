internal import Base
internal import Inventory

/// Ways into an inventory, built once for a rendering so that no part searches its lists.
struct InventoryIndex {
  let inventory: Inventory
  private let functions: [PCIAddress: Int]
  private let gpus: [PCIAddress: Int]
  private let accelerators: [PCIAddress: Int]
  private let nvme: [PCIAddress: Int]
  private let nics: [PCIAddress: [Int]]

  init(_ inventory: Inventory) {
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

  func function(_ address: PCIAddress?) -> PCIFunction? {
    address.flatMap { functions[$0] }.map { inventory.pci[$0] }
  }
  func position(_ address: PCIAddress) -> Int? { functions[address] }
  func gpu(_ address: PCIAddress) -> GPU? { gpus[address].map { inventory.gpus[$0] } }
  func accelerator(_ address: PCIAddress) -> Accelerator? {
    accelerators[address].map { inventory.accelerators[$0] }
  }
  func nvme(_ address: PCIAddress) -> NVMeController? { nvme[address].map { inventory.nvme[$0] } }
  func nics(_ address: PCIAddress) -> [NIC] { (nics[address] ?? []).map { inventory.nics[$0] } }

  func isGPU(_ address: PCIAddress) -> Bool { gpus[address] != nil }
  func isAccelerator(_ address: PCIAddress) -> Bool { accelerators[address] != nil }
  func isNVMe(_ address: PCIAddress) -> Bool { nvme[address] != nil }
  func isNIC(_ address: PCIAddress) -> Bool { nics[address] != nil }

  /// What a function is to a person: `GPU 41:00.0`, `nvme0`, `eth0`, `root port 40:01.1`.
  func name(_ address: PCIAddress) -> String {
    if let index = nvme[address] { return inventory.nvme[index].name }
    if let index = nics[address]?.first { return inventory.nics[index].name }
    return label(address)
  }

  /// Whether a node tells anything: a machine with one, or none, has nothing to place.
  var hasNodes: Bool { inventory.memory.nodes.count > 1 }

  /// What a function is to a person, with its address: `GPU 41:00.0`, `nvme0 (01:00.0)`.
  func label(_ address: PCIAddress) -> String {
    if isGPU(address) { return "GPU \(address.short)" }
    if isAccelerator(address) { return "accelerator \(address.short)" }
    if let index = nvme[address] { return "\(inventory.nvme[index].name) (\(address.short))" }
    if let index = nics[address]?.first {
      return "\(inventory.nics[index].name) (\(address.short))"
    }
    guard let function = function(address) else { return address.short }
    return "\(DeviceNames.kind(function)) \(address.short)"
  }
}
