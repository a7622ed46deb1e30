internal import Base
internal import KernelTree

/// Finds, by their names, the files and the keys of a text that hold something that identifies the
/// box. It adds to the marks that collectors put on their reads.
enum SecretKeys {
  /// What a name says about its value.
  static func sensitivity(key: String) -> Sensitivity {
    let key = key.lowercased()
    if key.contains("hostname") || key.contains("host_name") || key == "nodename" {
      return .hostName
    }
    if parts.contains(where: key.contains) { return .serial }
    let words = key.split { !($0.isLetter || $0.isNumber) }
    return words.contains { names.contains(String($0)) } ? .serial : .none
  }

  private static let parts = [
    "serial", "uuid", "uniqueid", "unique_id", "unique-id", "hive_id", "wwid", "nguid", "macaddr",
    "mac_addr", "hwaddr", "hw_addr", "perm_addr", "permaddr", "permanent_address", "nqn",
    "asset_tag", "machine_id", "machine-id", "boot_id",
  ]
  private static let names: Set<String> = ["mac", "guid", "wwn", "eui", "eui64", "sn"]

  /// What the name of a file says about its content.
  static func sensitivity(path: String) -> Sensitivity {
    switch path {
    case "/proc/cmdline", "/proc/mounts", "/proc/swaps", "/etc/fstab", "/etc/hosts",
      "/etc/resolv.conf":
      return .freeText
    case "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/etc/hostname":
      return .hostName
    default: break
    }
    let name = path.split(separator: "/").last ?? ""
    if files.contains(String(name)) { return .serial }
    if path.hasPrefix("/proc/"), name == "mounts" || name == "mountinfo" || path.contains("/net/") {
      return .freeText
    }
    return .none
  }

  private static let files: Set<String> = [
    "serial", "serial_number", "product_serial", "board_serial", "chassis_serial",
    "board_asset_tag", "chassis_asset_tag", "product_uuid", "unique_id", "uuid", "wwid", "nguid",
    "eui", "subsysnqn", "hostnqn", "hostid", "node_guid", "sys_image_guid", "machine-id", "boot_id",
  ]

  /// Key and value of each line that has both: `key value`, `key: value`, `key=value`, and JSON
  /// laid out one member a line.
  static func pairs(_ text: [UInt8]) -> [(key: String, value: String)] {
    if text.first == 0x7b || text.first == 0x5b, let json = ManifestValue(json: text) {
      return pairs(json)
    }
    return ASCII.lines(text).compactMap { line in
      let line = ASCII.trimmed(line)
      guard let end = line.firstIndex(where: { ASCII.isBlank($0) || $0 == 0x3a || $0 == 0x3d })
      else { return nil }
      let value = line[end...].drop { ASCII.isBlank($0) || $0 == 0x3a || $0 == 0x3d }
      return (plain(line[..<end]), plain(value))
    }
  }

  private static func pairs(_ json: ManifestValue) -> [(key: String, value: String)] {
    switch json {
    case .object(let members):
      return members.sorted { $0.key < $1.key }.flatMap { key, value in
        switch value {
        case .text(let text): [(key, text)]
        case .number(let number): [(key, "\(number)")]
        default: pairs(value)
        }
      }
    case .array(let elements): return elements.flatMap(pairs)
    default: return []
    }
  }

  private static func plain(_ text: ArraySlice<UInt8>) -> String {
    var text = ASCII.trimmed(text)
    if text.last == 0x2c { text.removeLast() }
    if text.count >= 2, text.first == 0x22, text.last == 0x22 {
      text = text.dropFirst().dropLast()
    }
    return String(decoding: text, as: UTF8.self)
  }
}
