internal import Base
internal import KernelTree

/// PCI devices that exist in software only, and the hypervisor that makes them. They show it where
/// the hypervisor hides its CPU flag, or its firmware names another maker.
///
/// Red Hat's ids are not among them: cloud cards (NVIDIA BlueField, Alibaba) show virtio devices to
/// bare metal.
enum VirtualDevices {
  /// Vendor and device (nil for all of the vendor's), by pci.ids.
  private static let known: [(vendor: UInt16, device: UInt16?, name: String)] = [
    (0x80ee, nil, "virtualbox"), (0x1ab8, nil, "parallels"), (0x5853, 0x0001, "xen"),
    (0x1234, 0x1111, "qemu"), (0x15ad, 0x0405, "vmware"), (0x15ad, 0x0740, "vmware"),
    (0x1414, 0x5353, "hyper-v"), (0x1414, 0x008e, "hyper-v"), (0xfb5d, nil, "bhyve"),
  ]

  /// The hypervisor behind one of the devices, and where it is seen.
  static func find(_ tree: KernelTree) -> (name: String, evidence: String)? {
    let path = "/proc/bus/pci/devices"
    if let text = try? tree.bytes(path) {
      for line in ASCII.lines(text) {
        let fields = ASCII.fields(line)
        guard fields.count > 1, let ids = ASCII.hexadecimal(fields[1]),
          let name = name(UInt16(truncatingIfNeeded: ids >> 16), UInt16(truncatingIfNeeded: ids))
        else { continue }
        return (name, "\(path) lists \(String(decoding: fields[1], as: UTF8.self))")
      }
      return nil
    }
    let folder = "/sys/bus/pci/devices"
    for device in tree.namesIfPresent(folder) {
      let place = "\(folder)/\(device)/"
      guard let vendor = number(place + "vendor", tree),
        known.contains(where: { $0.vendor == vendor }),
        let id = number(place + "device", tree), let name = name(vendor, id)
      else { continue }
      return (name, "\(place)vendor")
    }
    return nil
  }

  private static func name(_ vendor: UInt16, _ device: UInt16) -> String? {
    known.first { $0.vendor == vendor && ($0.device ?? device) == device }?.name
  }

  private static func number(_ path: String, _ tree: KernelTree) -> UInt16? {
    guard let text = try? tree.bytes(path) else { return nil }
    return ASCII.hexadecimal(ASCII.trimmed(text[...])).map { UInt16(truncatingIfNeeded: $0) }
  }
}
