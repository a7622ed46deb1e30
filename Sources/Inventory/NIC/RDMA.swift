internal import Base
internal import KernelTree

/// RDMA devices of `/sys/class/infiniband`, by the PCI function they share with interfaces.
enum RDMA {
  /// Folder of the class.
  private static let folder = "/sys/class/infiniband"

  /// Devices by PCI function, each with what could not be told of it.
  static func devices(
    _ context: CollectionContext
  ) -> [PCIAddress: [(device: NIC.RDMADevice, unknown: [UnknownFact])]] {
    var found: [PCIAddress: [(device: NIC.RDMADevice, unknown: [UnknownFact])]] = [:]
    for name in context.tree.namesIfPresent(folder) {
      guard let path = try? context.tree.realPath("\(folder)/\(name)/device"),
        let address = path.split(separator: "/").last.flatMap({ PCIAddress($0) })
      else { continue }
      var reader = context.reader("\(folder)/\(name)")
      var device = NIC.RDMADevice(name: name, portStates: [:], portRates: [:])
      for port in context.tree.namesIfPresent("\(folder)/\(name)/ports") {
        guard let number = Int(port) else { continue }
        device.portStates[number] = reader.text("rdmaState", "ports/\(port)/state")
        device.portRates[number] = reader.text("rdmaRate", "ports/\(port)/rate")
      }
      found[address, default: []].append((device, reader.unknown))
    }
    return found
  }
}
