/// Numbers with units, as tinybox writes them everywhere. No number makes any of these fail.
public enum Units {
  /// A number with a fixed number of decimals; zeros at the end are left out.
  package static func decimal(_ value: Double, places: Int, keepZeros: Bool = false) -> String {
    guard value.isFinite else { return "unknown" }
    guard abs(value) < 1e15 else { return "\(value)" }
    var scale = 1
    for _ in 0..<max(0, min(places, 3)) { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    let whole = "\(sign)\(scaled / scale)"
    let fraction = scaled % scale
    if scale == 1 || (fraction == 0 && !keepZeros) { return whole }
    let digits = "\(fraction)"
    var decimals = String(repeating: "0", count: "\(scale)".utf8.count - 1 - digits.utf8.count)
    decimals += digits
    while !keepZeros, decimals.utf8.last == 0x30 { decimals.removeLast() }
    return whole + "." + decimals
  }

  /// Three digits that count: 1.86, 24, 503.
  package static func short(_ value: Double) -> String {
    let size = abs(value)
    return decimal(value, places: size < 10 ? 2 : size < 100 ? 1 : 0)
  }

  /// Capacity in binary units: `24 GiB`, `1.82 TiB`.
  package static func capacity(_ bytes: Double) -> String {
    guard bytes.isFinite else { return "unknown" }
    let (scale, unit) = capacityUnit(bytes)
    return short(bytes / scale) + " " + unit
  }

  /// Capacity in binary units.
  package static func capacity(_ bytes: some BinaryInteger) -> String { capacity(Double(bytes)) }

  /// A part of a capacity, with the unit once: `2.1/24 GiB`.
  package static func capacity(_ used: Int, of total: Int) -> String {
    let (scale, unit) = capacityUnit(Double(total))
    return short(Double(used) / scale) + "/" + short(Double(total) / scale) + " " + unit
  }

  private static func capacityUnit(_ bytes: Double) -> (Double, String) {
    let size = abs(bytes)
    var scale = 1.0
    var index = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    // 1023.6 GiB is written 1 TiB, not 1024 GiB.
    while index < units.count - 1, size / scale >= 1023.5 {
      scale *= 1024
      index += 1
    }
    return (scale, units[index])
  }

  /// Bytes a second in powers of ten: `31.5 GB/s`.
  package static func rate(_ bytesPerSecond: Double) -> String {
    powersOfTen(bytesPerSecond, ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"])
  }

  /// Bits a second in powers of ten: `100 Gb/s`.
  package static func bitRate(_ bitsPerSecond: Double) -> String {
    powersOfTen(bitsPerSecond, ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"])
  }

  /// Bits a second in powers of ten.
  package static func bitRate(_ bitsPerSecond: some BinaryInteger) -> String {
    bitRate(Double(bitsPerSecond))
  }

  /// Frequency: `2.48 GHz`.
  package static func hertz(_ hertz: Int) -> String {
    powersOfTen(Double(hertz), ["Hz", "kHz", "MHz", "GHz"])
  }

  private static func powersOfTen(_ value: Double, _ units: [String]) -> String {
    guard value.isFinite else { return "unknown" }
    var scaled = value
    var index = 0
    while index < units.count - 1, abs(scaled) >= 999.5 {
      scaled /= 1000
      index += 1
    }
    return short(scaled) + " " + units[index]
  }

  /// Power: `285 W`.
  package static func watts(_ watts: Double) -> String {
    watts.isFinite ? decimal(watts, places: abs(watts) < 10 ? 1 : 0) + " W" : "unknown"
  }

  /// Temperature: `54 °C`, in ASCII `54 C`.
  package static func celsius(_ celsius: Double, isASCII: Bool = false) -> String {
    celsius.isFinite ? decimal(celsius, places: 0) + (isASCII ? " C" : " °C") : "unknown"
  }

  /// Speed of one lane: `16 GT/s`.
  package static func gigatransfers(_ speed: Double) -> String {
    speed.isFinite ? decimal(speed, places: 1) + " GT/s" : "unknown"
  }

  /// A share of 0 to 1 in percent: `37 %`. A share that is not nothing is not written `0 %`.
  package static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "unknown" }
    if share > 0, share < 0.005 { return "<1 %" }
    if share < 1, share >= 0.995 { return ">99 %" }
    return decimal(share * 100, places: 0) + " %"
  }

  /// A time in its two largest units: `3 d 4 h`, `12 min 5 s`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "unknown" }
    guard seconds < 1e12 else { return "\(seconds) s" }
    let whole = Int(seconds)
    let (days, hours) = (whole / 86_400, whole / 3600 % 24)
    let (minutes, rest) = (whole / 60 % 60, whole % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    if minutes > 0 { return "\(minutes) min \(rest) s" }
    return "\(rest) s"
  }

  /// A count with its thousands set apart: `1,234,567`.
  package static func count(_ number: Int) -> String {
    let digits = Array("\(number.magnitude)".utf8)
    var bytes: [UInt8] = number < 0 ? [0x2d] : []
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { bytes.append(0x2c) }
      bytes.append(digit)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A count of things: `1 socket`, `2 sockets`.
  package static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) " + (number == 1 ? one : many ?? one + "s")
  }
}
