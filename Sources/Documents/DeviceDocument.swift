public import Base
public import Inventory

/// `tinyboxctl devices ADDRESS --json`: one device.
public struct DeviceDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.device/1`.
  public var schema = DeviceDocument.currentSchema
  package static let currentSchema = "tinybox.device/1"
  /// The function; absent for a device that is on no PCI bus.
  public var function: PCIFunction?
  /// The GPU it is.
  public var gpu: GPU?
  /// The numbers by which libraries and tools know the GPU.
  public var libraryIndexes: LibraryIndexes?
  /// The accelerator it is.
  public var accelerator: Accelerator?
  /// The network interfaces it has.
  public var nics: [NIC]
  /// The NVMe controller it is.
  public var nvme: NVMeController?
  /// Its interrupts.
  public var interrupts: [Interrupt]

  /// The document of a device.
  package init(_ inventory: Inventory, _ subject: DeviceSubject) {
    switch subject {
    case .function(let address):
      function = inventory.pci.first { $0.address == address }
      gpu = inventory.gpus.first { $0.address == address }
      libraryIndexes = gpu.map { inventory.libraryIndexes($0) }
      accelerator = inventory.accelerators.first { $0.address == address }
      nics = inventory.nics.filter { $0.address == address }
      nvme = inventory.nvme.first { $0.address == address }
      interrupts = inventory.interrupts.filter { $0.device == address }
    case .nic(let name):
      nics = inventory.nics.filter { $0.name == name }
      interrupts = []
    case .nvme(let name):
      nics = []
      nvme = inventory.nvme.first { $0.name == name }
      interrupts = []
    }
  }
}
