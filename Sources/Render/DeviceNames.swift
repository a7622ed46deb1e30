internal import Inventory

/// Names of devices in few words.
enum DeviceNames {
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
}
