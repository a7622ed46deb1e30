internal import Base

/// Where a function is, from the target of its link in `/sys/bus/pci/devices`.
///
/// Bus numbers do not show that: they clash in the field. The components of the path are the
/// bridges.
struct PCIDevicePath: Equatable {
  /// The host bridge the function is below, such as `pci0000:20`.
  var rootBus: String
  /// The bridges between the host bridge and the function, from the top.
  var bridges: [PCIAddress]
  /// Functions above the host bridge: a volume management device that has a domain of its own.
  var outer: [PCIAddress]

  /// Reads the path of the function at `address`; nil when the path does not lead to it.
  init?(_ path: String, to address: PCIAddress) {
    var rootBus: String?
    var bridges: [PCIAddress] = []
    var outer: [PCIAddress] = []
    for component in path.split(separator: "/") {
      if component.hasPrefix("pci"), component.dropFirst(3).contains(":") {
        rootBus = String(component)
        outer += bridges
        bridges = []
      } else if rootBus != nil, let bridge = PCIAddress(component) {
        bridges.append(bridge)
      }
    }
    guard let rootBus, bridges.popLast() == address else { return nil }
    self.rootBus = rootBus
    self.bridges = bridges
    self.outer = outer
  }
}
