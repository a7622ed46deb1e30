public import Base
internal import Inventory

/// A device that takes part in peer-to-peer DMA: a GPU, an NVMe controller or a NIC.
public struct PeerDevice: Codable, Hashable, Sendable {
  /// What it is.
  public enum Kind: String, Codable, Hashable, Sendable { case gpu, nvme, nic }
  /// What it is.
  public var kind: Kind
  /// PCI address.
  public var address: PCIAddress
  /// Its usual name: `GPU0`, `nvme0`, `eth0`.
  public var name: String
  /// Bound kernel driver; absent when none is bound or it is not known.
  public var driver: String?

  /// Name with address: `nvme0 (22:00.0)`.
  public var label: String { name.hasSuffix(address.short) ? name : "\(name) (\(address.short))" }

  /// The devices of an inventory that take part: GPUs, then drives, then NICs, each by address.
  /// Virtual functions, devices on other buses and drives over a network are left out, and a
  /// function with several interfaces is there once.
  static func all(in inventory: Inventory, _ functions: [PCIAddress: Int]) -> [PeerDevice] {
    var seen: Set<PCIAddress> = []
    var found: [PeerDevice] = []
    func add(_ kind: Kind, _ address: PCIAddress?, _ name: String, _ driver: String?) {
      guard let address, seen.insert(address).inserted else { return }
      let function = functions[address].map { inventory.pci[$0] }
      if function?.physicalFunction != nil { return }
      found.append(
        PeerDevice(kind: kind, address: address, name: name, driver: driver ?? function?.driver))
    }
    for gpu in inventory.gpus {
      add(.gpu, gpu.address, gpu.label, gpu.driver)
    }
    for drive in inventory.nvme { add(.nvme, drive.address, drive.name, nil) }
    for nic in inventory.nics where nic.isPort {
      add(.nic, nic.address, nic.name, nil)
    }
    let order: [Kind] = [.gpu, .nvme, .nic]
    return order.flatMap { kind in
      found.filter { $0.kind == kind }.sorted { $0.address < $1.address }
    }
  }
}
