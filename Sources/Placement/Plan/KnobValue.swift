internal import Base

extension Knob {
  /// The value in what the kernel shows: lists in the kernel's format, one word of a choice. Nil
  /// for malformed bytes.
  package func value(of content: [UInt8]) -> String? {
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
  package func content(of value: String) -> String {
    guard format == .mask, let set = NumberSet(list: value) else { return value }
    return set.mask
  }
}

extension Knob {
  /// The network interface whose setting it is; nil for all others. Interface names are reused: it
  /// needs the device beside it.
  package var networkInterface: String? {
    if kind == .channels { return interface }
    let prefix = "/sys/class/net/"
    guard let path, path.hasPrefix(prefix) else { return nil }
    return path.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
  }
}
