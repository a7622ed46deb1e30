internal import Base

/// Kinds of devices that are listed.
public enum DeviceKind: String, CaseIterable, Sendable {
  /// Every PCI function.
  case all
  case gpu
  /// Accelerators other than GPUs.
  case accelerator
  /// Network interfaces.
  case nic
  /// NVMe controllers.
  case nvme
  /// PCI bridges: root ports and switch ports.
  case bridge
}

extension Inventory {
  /// Only the devices of a kind, with their PCI functions and interrupts.
  package func limited(to kind: DeviceKind) -> Inventory {
    let addresses: [PCIAddress] =
      switch kind {
      case .all: []
      case .gpu: gpus.map(\.address)
      case .accelerator: accelerators.map(\.address)
      case .nic: nics.compactMap(\.address)
      case .nvme: nvme.compactMap(\.address)
      case .bridge: pci.filter(\.isBridge).map(\.address)
      }
    if kind == .all { return self }
    let keep = Set(addresses)
    var shown = self
    shown.pci = pci.filter { keep.contains($0.address) }
    shown.interrupts = interrupts.filter { $0.device.map(keep.contains) ?? false }
    if kind != .gpu { shown.gpus = [] }
    if kind != .accelerator { shown.accelerators = [] }
    if kind != .nic { shown.nics = [] }
    if kind != .nvme { shown.nvme = [] }
    return shown
  }
}
