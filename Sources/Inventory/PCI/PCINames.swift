/// Names of PCI vendors, devices, subsystems and classes, from a `pci.ids` file.
public struct PCINames: Sendable {
  /// No names.
  public init() {}
}
