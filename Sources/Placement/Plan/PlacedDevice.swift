internal import Base
internal import Inventory

/// A device whose interrupts are placed: a network function, an NVMe controller, a GPU
/// or another accelerator.
struct PlacedDevice: Hashable {
  var address: PCIAddress
  var kind: Policy.DeviceClass
  /// Its names: interfaces, controller.
  var names: [String]
  /// What it is, for one without a name.
  var word: String
  /// The node that the inventory has.
  var numaNode: Int?

  /// Every such device, by address. A function that is several things is the first of them.
  static func all(in inventory: Inventory) -> [PlacedDevice] {
    var found: [PCIAddress: PlacedDevice] = [:]
    func add(
      _ address: PCIAddress?, _ kind: Policy.DeviceClass, _ name: String?, _ node: Int?,
      word: String? = nil
    ) {
      guard let address else { return }
      var device =
        found[address]
        ?? PlacedDevice(
          address: address, kind: kind, names: [], word: word ?? "\(address)", numaNode: node)
      if let name { device.names.append(name) }
      found[address] = device
    }
    for nic in inventory.nics where nic.isRepresentor != true {
      add(nic.address, .nic, nic.name, nic.numaNode)
    }
    // A container may have taken the interface into a network of its own: its interrupts stay here.
    for function in inventory.pci where function.driver != nil && found[function.address] == nil {
      if function.identity.classCode.map({ $0 >> 16 }) == 0x02,
        function.driver.map(HandedOn.isHandedOn) != true
      {
        add(function.address, .nic, nil, function.locality.numaNode)
      }
    }
    for drive in inventory.nvme { add(drive.address, .nvme, drive.name, drive.numaNode) }
    for gpu in inventory.gpus {
      let function = inventory.pci.first { $0.address == gpu.address }
      add(gpu.address, .gpu, nil, function?.locality.numaNode, word: "GPU")
    }
    // Their interrupts are placed as those of GPUs, by the same rules of the policy.
    for accelerator in inventory.accelerators {
      add(accelerator.address, .gpu, nil, accelerator.numaNode, word: "accelerator")
    }
    return found.values.sorted { $0.address < $1.address }
  }

  /// Its names, else what it is: for people.
  var label: String { names.isEmpty ? word : names.joined(separator: ",") }
}
