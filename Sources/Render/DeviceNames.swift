internal import Inventory

/// Names of devices in few words.
enum DeviceNames {
  /// What a function is: `root port`, `Ethernet`, `NVMe`.
  static func kind(_ function: PCIFunction) -> String {
    if let type = function.express?.portType, let name = port(type) { return name }
    guard let code = function.identity.classCode else { return "function" }
    if let name = classes[code >> 8] { return name }
    if let name = function.identity.className { return name }
    return "class 0x" + hex(code >> 8, 4)
  }

  static func port(_ type: PCIeCapability.PortType) -> String? {
    switch type {
    case .rootPort: "root port"
    case .switchUpstream: "upstream port"
    case .switchDownstream: "downstream port"
    case .pcieToPCIBridge: "PCIe-PCI bridge"
    case .pciToPCIeBridge: "PCI-PCIe bridge"
    default: nil
    }
  }

  /// The name in pci.ids, or the ids in brackets.
  static func name(_ function: PCIFunction) -> String? {
    let identity = function.identity
    if let name = identity.deviceName { return name }
    guard let vendor = identity.vendorID, let device = identity.deviceID else { return nil }
    let ids = "[\(hex(UInt32(vendor), 4)):\(hex(UInt32(device), 4))]"
    return identity.vendorName.map { "\($0) \(ids)" } ?? ids
  }

  /// A product name without maker and family, for narrow columns: `RX 7900 XTX`.
  static func short(_ name: String) -> String {
    var text = name[...]
    if let open = text.firstIndex(of: "["), text.last == "]" {
      let inner = text[text.index(after: open)...].dropLast()
      if inner.count > 3, !inner.contains(":") { text = inner }
    }
    for prefix in [
      "Advanced Micro Devices, Inc. ", "NVIDIA Corporation ", "Intel Corporation ", "AMD ",
      "NVIDIA ", "Intel(R) ", "Radeon ", "GeForce ", "Ethernet Controller ",
    ] {
      let rest = text.dropFirst(prefix.count)
      if text.hasPrefix(prefix), rest.contains(where: \.isNumber) { text = rest }
    }
    return String(text)
  }

  /// A CPU's name without marketing: `AMD EPYC 7532`.
  static func processor(_ model: String) -> String {
    var words: [Substring] = []
    for word in model.split(separator: " ") {
      if ["@", "w/", "with"].contains(word) || word == "CPU" && !words.isEmpty { break }
      if word == "Processor" || word.hasSuffix("-Core") { continue }
      words.append(word)
    }
    var name = words.joined(separator: " ")
    for mark in ["(R)", "(TM)", "(tm)"] {
      name = name.split(separator: mark, omittingEmptySubsequences: true).joined()
    }
    return name.isEmpty ? model : name
  }

  /// A text of the firmware, unless it is one of the fillings of boards nobody named.
  static func firmware(_ text: String?) -> String? {
    guard let text else { return nil }
    let fillings: Set<String> = [
      "to be filled by o.e.m.", "default string", "system product name", "system manufacturer",
      "system version", "not specified", "not applicable", "none", "n/a", "o.e.m.", "oem", "",
      "0123456789", "unknown", "undefined", "type1productconfigid",
    ]
    return fillings.contains(text.lowercased()) ? nil : text
  }

  static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
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
