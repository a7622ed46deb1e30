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
      guard let address = address(name, context.tree) else { continue }
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

  /// The PCI function of a device: its `device` link, or where it lies; some recordings hold one of
  /// them only. A device in software (rxe, siw) has none.
  private static func address(_ name: String, _ tree: KernelTree) -> PCIAddress? {
    if let path = try? tree.realPath("\(folder)/\(name)/device"),
      let address = path.split(separator: "/").last.flatMap({ PCIAddress($0) })
    {
      return address
    }
    guard let path = try? tree.realPath("\(folder)/\(name)") else { return nil }
    return path.split(separator: "/").dropLast(2).last.flatMap { PCIAddress($0) }
  }
}
