internal import Base
internal import KernelTree

/// The labels of slots, from one sweep of `/sys/bus/pci/slots`.
struct PCISlots {
  /// A device: all functions of it are in one slot.
  private struct Device: Hashable {
    var domain: UInt32
    var bus: UInt8
    var device: UInt8
  }
  private var names: [Device: String] = [:]

  /// Reads the labels of a tree; a tree without slots has none.
  init(_ tree: KernelTree) {
    for name in tree.namesIfPresent("/sys/bus/pci/slots") {
      guard let address = tree.textIfPresent("/sys/bus/pci/slots/\(name)/address"),
        // `0000:21:00` names no function. A placeholder, `0000:21`, names no device either.
        address.utf8.count(where: { $0 == 0x3a }) == 2, let parsed = PCIAddress(address + ".0")
      else { continue }
      let device = Device(domain: parsed.domain, bus: parsed.bus, device: parsed.device)
      // The kernel appends `-1` to a label it has seen: the plain one comes first.
      if names[device] == nil { names[device] = name }
    }
  }

  /// The label of the slot a function is in.
  subscript(address: PCIAddress) -> String? {
    names[Device(domain: address.domain, bus: address.bus, device: address.device)]
  }
}
