/// Numbers with units in summaries and evidence. Health is below Render, whose `Units` do the
/// same for screens with more care for width.
enum Text {
  /// At most `places` decimals, zeros at the end left out.
  static func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// Capacity in binary units: `24 GiB`.
  static func capacity(_ bytes: some BinaryInteger) -> String {
    var value = Double(bytes)
    var index = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while index < units.count - 1, value >= 1023.5 {
      value /= 1024
      index += 1
    }
    return decimal(value, places: value < 10 ? 2 : value < 100 ? 1 : 0) + " " + units[index]
  }

  /// Bytes a second in powers of ten: `15.75 GB/s`.
  static func rate(_ bytesPerSecond: Double) -> String {
    bytesPerSecond >= 1e9
      ? decimal(bytesPerSecond / 1e9, places: 2) + " GB/s"
      : decimal(bytesPerSecond / 1e6, places: 0) + " MB/s"
  }

  /// A share of 0 to 1 in percent.
  static func percent(_ share: Double) -> String { decimal(share * 100, places: 0) + " %" }
}
