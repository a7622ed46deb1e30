/// Numbers and names in summaries and evidence. Health is below Render, whose `Units` do the same
/// for screens with more care for width. No number an inventory can hold makes any of these fail.
enum Text {
  /// At most `places` decimals, zeros at the end left out.
  static func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// At most one decimal.
  static func tenths(_ value: Double) -> String { decimal(value, places: 1) }

  /// Capacity in binary units: `24 GiB`.
  static func capacity(_ bytes: Double) -> String {
    var value = bytes
    var index = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while index < units.count - 1, abs(value) >= 1023.5 {
      value /= 1024
      index += 1
    }
    let size = abs(value)
    return decimal(value, places: size < 10 ? 2 : size < 100 ? 1 : 0) + " " + units[index]
  }

  /// Capacity in binary units.
  static func capacity(_ bytes: some BinaryInteger) -> String { capacity(Double(bytes)) }

  /// Bytes a second in powers of ten: `15.75 GB/s`.
  static func rate(_ bytesPerSecond: Double) -> String {
    bytesPerSecond >= 1e9
      ? decimal(bytesPerSecond / 1e9, places: 2) + " GB/s"
      : decimal(bytesPerSecond / 1e6, places: 0) + " MB/s"
  }

  /// A share of 0 to 1 in percent, with a tenth below ten: `2.5 %`.
  static func percent(_ share: Double) -> String {
    decimal(share * 100, places: share < 0.1 ? 1 : 0) + " %"
  }

  /// A part of a whole in percent.
  static func percent(_ part: Double, of whole: Double) -> String {
    whole > 0 ? percent(part / whole) : "an unknown part"
  }

  /// A part of a whole in percent.
  static func percent(_ part: Int, of whole: Int) -> String {
    percent(Double(part), of: Double(whole))
  }

  /// `1 socket`, `2 sockets`.
  static func count(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }

  /// A count that may be larger than an integer holds, as drives keep theirs in 128 bits.
  static func count(_ value: Double) -> String {
    value < 1e15 && value >= 0 ? "\(Int(value))" : "\(value)"
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
}
