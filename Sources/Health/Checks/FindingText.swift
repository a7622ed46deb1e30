internal import Inventory

/// Numbers and names in findings, as the rest of the program writes them.
enum FindingText {
  /// Bytes in GiB, or MiB below one: `12.3 GiB`.
  static func size(_ bytes: Int) -> String {
    let mebibytes = Double(bytes) / 1_048_576
    return mebibytes < 1024
      ? "\(Int(mebibytes)) MiB" : "\(tenths(mebibytes / 1024)) GiB"
  }

  /// A share as percent, below ten with a tenth: `2.5 %`.
  static func percent(_ share: Double) -> String {
    share < 0.1 ? "\(tenths(share * 100)) %" : "\(count((share * 100).rounded())) %"
  }

  /// A number with one place after the point.
  static func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scaled = Int((abs(value) * 10).rounded())
    return "\(value < 0 ? "-" : "")\(scaled / 10).\(scaled % 10)"
  }

  /// A name as one word of a shell command: mount points and units may hold anything.
  static func quoted(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x3a, 0x40, 0x5f: true
      default: false
      }
    }
    if isPlain, !name.isEmpty { return name }
    return "'" + name.replacing("'", with: "'\\''") + "'"
  }

  /// A count that may be larger than an integer holds, as drives keep theirs in 128 bits.
  static func count(_ value: Double) -> String {
    value < 1e15 && value >= 0 ? "\(Int(value))" : "\(value)"
  }
}

extension Box {
  /// Whether the program runs in a container, which sees its host's hardware but not its system.
  var isInContainer: Bool { inventory.machine.virtualization?.kind == .container }
}
