public import Base

/// A device that a person named.
public enum DeviceSubject: Hashable, Sendable {
  /// A PCI function, with the GPU, drive or interfaces on it.
  case function(PCIAddress)
  /// An interface that is on no PCI bus, by name.
  case nic(String)
  /// A drive that is on no PCI bus, by name.
  case nvme(String)

  /// The device of a name: an address (`0000:41:00.0`, `41:00.0`), a GPU (`GPU0`), an interface, a drive or its
  /// namespace, a DRM card or render node, `/dev/` in front of it or not. Nil when the inventory has
  /// no such device.
  package init?(_ name: String, in inventory: Inventory) {
    let name = name.split(separator: "/").last.map(String.init) ?? name
    if let address = PCIAddress(name) {
      let isThere =
        inventory.pci.contains { $0.address == address }
        || inventory.gpus.contains { $0.address == address }
      guard isThere else { return nil }
      self = .function(address)
    } else if let gpu = inventory.gpu(named: name) {
      self = .function(gpu.address)
    } else if let nic = inventory.nics.first(where: { $0.name == name }) {
      self = nic.address.map { .function($0) } ?? .nic(nic.name)
    } else if let drive = inventory.nvme.first(where: { drive in
      drive.name == name || drive.namespaces.contains { $0.name == name }
    }) {
      self = drive.address.map { .function($0) } ?? .nvme(drive.name)
    } else if let gpu = inventory.gpus.first(where: {
      $0.drmCard == name || $0.renderNode == name
    }) {
      self = .function(gpu.address)
    } else if let accelerator = inventory.accelerators.first(where: {
      $0.deviceNodes.contains { $0.split(separator: "/").last.map(String.init) == name }
    }) {
      self = .function(accelerator.address)
    } else {
      return nil
    }
  }
}
