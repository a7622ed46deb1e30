internal import KernelTree
public import Placement

extension Knob {
  /// The value in what the kernel shows: lists in the kernel's format, one word of a choice.
  /// Nil for bytes that make no sense.
  public func value(of content: [UInt8]) -> String? {
    let text = String(decoding: ASCII.trimmed(content[...]), as: UTF8.self)
    switch format {
    case .text: return text
    case .list: return NumberSet(list: text)?.description
    case .mask: return NumberSet(mask: Array(text.utf8)[...])?.description
    case .choice:
      guard let open = text.firstIndex(of: "["), let close = text.firstIndex(of: "]"), open < close
      else { return nil }
      return String(text[text.index(after: open)..<close])
    }
  }

  /// What is written to set a value.
  func content(of value: String) -> String {
    guard format == .mask, let set = NumberSet(list: value) else { return value }
    return set.mask
  }
}

extension NumberSet {
  /// The kernel's mask format: hexadecimal groups of 32 bits, the most significant first.
  var mask: String {
    guard let last else { return "0" }
    var words = [UInt32](repeating: 0, count: last / 32 + 1)
    for number in numbers { words[number / 32] |= 1 << UInt32(number % 32) }
    return words.reversed().map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ",")
  }
}

extension Knob {
  /// The network interface whose setting it is; nil for all others. Names of interfaces are given
  /// anew, so it says nothing without the device.
  var networkInterface: String? {
    if kind == .channels { return interface }
    let prefix = "/sys/class/net/"
    guard let path, path.hasPrefix(prefix) else { return nil }
    return path.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
  }
}
