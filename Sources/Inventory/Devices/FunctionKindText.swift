extension PCIFunction {
  /// What it is in a word or two: `root port`, `Ethernet`, `NVMe`.
  public var kindText: String {
    if let type = express?.portType, let name = type.name { return name }
    guard let code = identity.classCode else { return "function" }
    if let name = PCIFunction.classes[code >> 8] { return name }
    if let name = identity.className { return name }
    let digits = String(code >> 8, radix: 16)
    return "class 0x" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private static let classes: [UInt32: String] = [
    0x0100: "SCSI", 0x0101: "IDE", 0x0104: "RAID", 0x0106: "SATA", 0x0107: "SAS", 0x0108: "NVMe",
    0x0180: "storage", 0x0200: "Ethernet", 0x0207: "InfiniBand", 0x0280: "network",
    0x0300: "display", 0x0302: "3D", 0x0380: "display", 0x0403: "audio", 0x0500: "memory",
    0x0502: "CXL memory", 0x0580: "memory", 0x0600: "host bridge", 0x0601: "ISA bridge",
    0x0604: "PCI bridge", 0x0680: "bridge", 0x0700: "serial", 0x0703: "modem", 0x0780: "comm",
    0x0805: "SD card", 0x0806: "IOMMU", 0x0880: "system", 0x0c03: "USB", 0x0c05: "SMBus",
    0x0c06: "InfiniBand", 0x0c80: "serial bus", 0x0d11: "Bluetooth", 0x1080: "crypto",
    0x1180: "signal", 0x1200: "accelerator", 0x1300: "non-essential",
  ]
}

extension PCIeCapability.PortType {
  /// A port by its name; nil for what is no port.
  public var name: String? {
    switch self {
    case .rootPort: "root port"
    case .switchUpstream: "upstream port"
    case .switchDownstream: "downstream port"
    case .pcieToPCIBridge: "PCIe-PCI bridge"
    case .pciToPCIeBridge: "PCI-PCIe bridge"
    default: nil
    }
  }
}
