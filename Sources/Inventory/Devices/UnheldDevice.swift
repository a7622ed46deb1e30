public import Base

/// A device that people bought the box for and that has no driver.
public struct UnheldDevice: Hashable, Sendable {
  /// Its address.
  public var address: PCIAddress
  /// Its usual name: `drive 21:00.0`.
  public var name: String
  /// Whether its configuration space reads all ones.
  public var isDead: Bool
}

extension Inventory {
  /// Drives and network adapters that have no driver and that nobody keeps for another use: they
  /// have no entry among drives and interfaces. GPUs and accelerators are listed without a driver
  /// too.
  public var unheldDevices: [UnheldDevice] {
    let kinds = FunctionKind.kinds(of: pci)
    let listed = Set(nics.compactMap(\.address) + nvme.compactMap(\.address))
    return pci.compactMap { function in
      guard let kind = kinds[function.address], kind == .nic || kind == .drive,
        let label = kind.label, !listed.contains(function.address), function.driver == nil,
        function.driverOverride == nil,
        !function.unknown.contains(where: { $0.fact == "driver" || $0.fact == "identity" })
      else { return nil }
      return UnheldDevice(
        address: function.address, name: "\(label) \(function.address.short)",
        isDead: function.isDead == true)
    }
  }
}
