internal import Base

/// Replaces known texts and, by their form, addresses, in one pass over a text: what it puts in is
/// never looked at again.
struct TextReplacer {
  /// What is looked for besides known texts.
  struct Patterns: OptionSet {
    let rawValue: Int
    /// Hardware addresses of six and more bytes.
    static let hardware = Patterns(rawValue: 1)
    static let uuids = Patterns(rawValue: 2)
    /// IPv4 and IPv6 addresses.
    static let addresses = Patterns(rawValue: 4)
    /// Names of the host.
    static let hosts = Patterns(rawValue: 8)
    /// Texts that are also names of the kernel.
    static let ambiguous = Patterns(rawValue: 16)
  }

  private struct Rule {
    var from: [UInt8]
    var to: [UInt8]
    /// Only where no letter or digit is next to it.
    var isWord: Bool
    /// Only where these are looked for.
    var needs: Patterns
  }

  /// Rules by their first two bytes, the longest first.
  private var rules: [UInt16: [Rule]] = [:]
  /// Whether there are rules for two bytes: most pairs of a text have none.
  private var hasRules = [Bool](repeating: false, count: 1 << 16)

  /// Adds a text; of two equal ones the first counts.
  mutating func add(
    _ from: String, _ to: String, isWord: Bool = false, needs: Patterns = []
  ) {
    let from = Array(from.utf8)
    guard from.count >= 2 else { return }
    let key = UInt16(from[0]) << 8 | UInt16(from[1])
    var bucket = rules[key] ?? []
    if bucket.contains(where: { $0.from == from }) { return }
    let place = bucket.firstIndex { $0.from.count < from.count } ?? bucket.count
    bucket.insert(Rule(from: from, to: Array(to.utf8), isWord: isWord, needs: needs), at: place)
    rules[key] = bucket
    hasRules[Int(key)] = true
  }

  /// The text with everything replaced; nil when nothing had to be.
  func replaced(
    _ text: [UInt8], _ patterns: Patterns, _ pseudonyms: inout Pseudonyms
  ) -> [UInt8]? {
    var out: [UInt8]?
    var copied = 0
    var index = 0
    // A length that means something to a binary structure must not change.
    let keepsLength = text.dropLast().contains(0)
    func put(_ new: [UInt8], upTo end: Int) {
      var result = out ?? []
      out = nil
      result += text[copied..<index]
      if keepsLength {
        result += new.prefix(end - index)
        result += repeatElement(0x30, count: max(0, end - index - new.count))
      } else {
        result += new
      }
      out = result
      copied = end
      index = end
    }
    while index < text.count {
      if index + 1 < text.count, hasRules[Int(text[index]) << 8 | Int(text[index + 1])],
        let rule = rule(text, index, patterns)
      {
        var end = index + rule.from.count
        // The domain behind the name of the host identifies as much.
        if rule.needs.contains(.hosts), patterns.contains(.addresses) {
          end = AddressPatterns.domainEnd(text, end)
        }
        put(rule.to, upTo: end)
        continue
      }
      if AddressPatterns.isWord(text[index]) || text[index] == 0x3a,
        index == 0 || !AddressPatterns.isWord(text[index - 1]),
        let (new, end) = pattern(text, index, patterns, &pseudonyms)
      {
        put(new, upTo: end)
        continue
      }
      index += 1
    }
    out?.append(contentsOf: text[copied...])
    return out
  }

  private func rule(_ text: [UInt8], _ index: Int, _ patterns: Patterns) -> Rule? {
    let key = UInt16(text[index]) << 8 | UInt16(text[index + 1])
    return rules[key]?.first { rule in
      let end = index + rule.from.count
      guard end <= text.count, patterns.isSuperset(of: rule.needs),
        text[index..<end].elementsEqual(rule.from)
      else { return false }
      if !rule.isWord { return true }
      return (index == 0 || !AddressPatterns.isWord(text[index - 1]))
        && (end == text.count || !AddressPatterns.isWord(text[end]))
    }
  }

  private func pattern(
    _ text: [UInt8], _ index: Int, _ patterns: Patterns, _ pseudonyms: inout Pseudonyms
  ) -> ([UInt8], Int)? {
    if patterns.contains(.hardware) {
      if let found = hardware(text, index, &pseudonyms) { return found }
    }
    if patterns.contains(.uuids) {
      if AddressPatterns.uuidLength(text, index) > 0 {
        let uuid = String(decoding: text[index..<index + 36], as: UTF8.self)
        return (Array(pseudonyms.uuid(uuid).utf8), index + 36)
      }
      if let found = volume(text, index, &pseudonyms) { return found }
    }
    if patterns.contains(.addresses) {
      // Not inside a longer dotted or coloned thing.
      let before = index == 0 ? 0x20 : text[index - 1]
      if before != 0x2e, let (bytes, end) = AddressPatterns.address4(text, index) {
        return (Array(pseudonyms.address4(bytes).utf8), end)
      }
      if before != 0x3a, before != 0x2e, let end = AddressPatterns.address6End(text, index) {
        let address = String(decoding: text[index..<end], as: UTF8.self)
        return (Array(pseudonyms.address6(address).utf8), end)
      }
      if before != 0x2d, before != 0x2e, before != 0x2f, before != 0x5f,
        let end = AddressPatterns.serverEnd(text, index)
      {
        let name = String(decoding: text[index..<end], as: UTF8.self)
        return (Array(pseudonyms.host(name).utf8), end)
      }
    }
    return nil
  }

  private func hardware(
    _ text: [UInt8], _ index: Int, _ pseudonyms: inout Pseudonyms
  ) -> ([UInt8], Int)? {
    if var run = AddressPatterns.byteRun(text, index), run.separator != 0x20 {
      // `BOOTIF=01-` is the kind of hardware, the address follows.
      if run.bytes.count == 7, run.bytes[0] == 1, run.separator == 0x2d {
        run.bytes.removeFirst()
        return (Array(("01-" + pseudonyms.hardwareAddress(run, of: text)).utf8), run.end)
      }
      return (Array(pseudonyms.hardwareAddress(run, of: text).utf8), run.end)
    }
    // An interface that udev named by its address.
    guard index + 15 <= text.count, text[index + 2] == 0x78,
      (text[index] == 0x65 && text[index + 1] == 0x6e)
        || (text[index] == 0x77 && text[index + 1] == 0x6c),
      index + 15 == text.count || !AddressPatterns.isWord(text[index + 15])
    else { return nil }
    let digits = text[index + 3..<index + 15].compactMap(ASCII.hexDigit)
    guard digits.count == 12 else { return nil }
    let bytes = stride(from: 0, to: 12, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    let name = text[index..<index + 3] + pseudonyms.hardwareAddress(bytes, separator: nil).utf8
    return (Array(name), index + 15)
  }

  /// The identifier after `UUID=` where it has another form.
  private func volume(
    _ text: [UInt8], _ index: Int, _ pseudonyms: inout Pseudonyms
  ) -> ([UInt8], Int)? {
    guard index >= 5, text[index - 5..<index].elementsEqual("UUID=".utf8) else { return nil }
    var end = index
    while end < text.count, AddressPatterns.isWord(text[end]) || text[end] == 0x2d { end += 1 }
    if end == index { return nil }
    let volume = String(decoding: text[index..<end], as: UTF8.self)
    return (Array(pseudonyms.volume(volume).utf8), end)
  }
}
