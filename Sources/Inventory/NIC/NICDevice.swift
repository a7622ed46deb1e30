internal import Base

/// The device behind a network interface, found by where the interface lies in sysfs.
struct NICDevice: Equatable {
  /// Folder of the device.
  var folder: String
  /// `pci`, `virtio`, or nil when the path alone does not show it.
  var bus: String?
  /// PCI function: the device itself, or what a virtio device sits on.
  var address: PCIAddress?

  /// - Parameter path: real path of the interface's folder, such as
  ///   `/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth0`.
  /// - Returns: nil for an interface without hardware: bridges, VLANs, tunnels, `lo`.
  init?(interfacePath path: String) {
    let parts = path.split(separator: "/")
    guard parts.count > 4, parts[parts.count - 2] == "net", !parts.contains("virtual"),
      parts[1] == "devices"
    else { return nil }
    self.init(folderParts: parts.dropLast(2))
  }

  /// - Parameter path: real path of the device.
  init?(devicePath path: String) {
    let parts = path.split(separator: "/")
    guard parts.count > 2, !parts.contains("virtual") else { return nil }
    self.init(folderParts: parts[...])
  }

  private init?(folderParts parts: ArraySlice<Substring>) {
    guard let last = parts.last else { return nil }
    folder = "/" + parts.joined(separator: "/")
    if let own = PCIAddress(last) {
      bus = "pci"
      address = own
    } else if last.hasPrefix("virtio"), Int(last.dropFirst(6)) != nil {
      bus = "virtio"
      // virtio over MMIO has no PCI function above it.
      address = parts.dropLast().last.flatMap { PCIAddress($0) }
    }
  }
}
