internal import Base
package import KernelTree
package import Setup

/// Finds file systems with the label of a stick for set-up, by what udev wrote down of each block device.
package enum StickReader {
  /// File systems with the label, in the order of their names.
  package static func devices(_ tree: KernelTree) -> [SetupStickDevice] {
    tree.namesIfPresent("/sys/class/block").compactMap { name in
      let folder = "/sys/class/block/\(name)"
      guard let number = tree.textIfPresent("\(folder)/dev"),
        let record = tree.textIfPresent("/run/udev/data/b\(number)")
      else { return nil }
      let properties = properties(record)
      // ID_FS_LABEL has other characters in place of some: the encoded one is exact.
      guard properties["ID_FS_LABEL_ENC"] ?? properties["ID_FS_LABEL"] == SetupStick.label else {
        return nil
      }
      // The path of the device in the kernel, not what the device says of itself.
      let path = (try? tree.realPath(folder)) ?? ""
      let isUSB = path.split(separator: "/").contains {
        $0.hasPrefix("usb") && $0.count > 3 && $0.dropFirst(3).allSatisfy(\.isNumber)
      }
      return SetupStickDevice(name: name, fileSystem: properties["ID_FS_TYPE"], isUSB: isUSB)
    }
  }

  /// The properties in a record of udev's database: lines `E:NAME=VALUE`.
  private static func properties(_ record: String) -> [Substring: String] {
    var properties: [Substring: String] = [:]
    for line in record.split(separator: "\n") where line.hasPrefix("E:") {
      let parts = line.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { properties[parts[0]] = String(parts[1]) }
    }
    return properties
  }
}
