internal import Base

/// The texts of `current_link_speed`, `max_link_width` and their like. The outer optional is
/// whether the text is well formed, the inner one whether it names a link.
enum PCILinkText {
  /// `16.0 GT/s PCIe`, `16 GT/s`, `Unknown`, `Unknown speed`.
  static func speed(_ text: ArraySlice<UInt8>) -> Double?? {
    if text.starts(with: "Unknown".utf8) { return .some(nil) }
    let number = text.prefix { $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2e }
    guard !number.isEmpty,
      let value = Double(String(decoding: number, as: UTF8.self)),
      ASCII.trimmed(text[number.endIndex...]).starts(with: "GT/s".utf8),
      PCIeRate.speeds.contains(value), value > 0
    else { return nil }
    return value
  }

  /// Lanes. 0, 63 and 255 stand for no link, as do the widths of functions without one.
  static func width(_ text: ArraySlice<UInt8>) -> Int?? {
    guard let value = ASCII.decimal(text) else { return nil }
    if value == 0 || value == 63 || value == 255 { return .some(nil) }
    // A bare nil here would be "no link".
    return PCIeRate.widths.contains(value) ? .some(value) : .none
  }
}
