/// Gives out pseudonyms, the same one each time the same thing is seen. They count upwards in the
/// order of first appearance, so that two recordings of one machine differ little, and keep the
/// form of what they replace, so that every parser reads them.
struct Pseudonyms {
  private var serials: [String: String] = [:]
  private var hosts: [String: String] = [:]
  private var domains: [String: String] = [:]
  private var identifiers: [String: String] = [:]
  private var hardware: [[UInt8]: Int] = [:]
  private var numbers: [UInt64: UInt64] = [:]
  private var addresses4: [[UInt8]: String] = [:]
  private var addresses6: [String: String] = [:]

  /// The pseudonym of the text of an identifier, in its form; nil when it identifies nothing.
  mutating func serial(_ text: String, radix: Int = 10) -> String? {
    if Pseudonyms.isPlaceholder(text) { return nil }
    let bytes = Array(text.utf8)
    if AddressPatterns.uuidLength(bytes, 0) == bytes.count { return uuid(text) }
    if let run = AddressPatterns.byteRun(bytes, 0), run.end == bytes.count {
      return hardwareAddress(run, of: bytes)
    }
    if let guid = guid(text) { return guid }
    // The scheme of an identifier or the kind of a device-mapper table stays.
    for prefix in [
      "GPU-", "MIG-", "eui.", "naa.", "nvme.", "uuid.", "wwn-", "nqn.", "CRYPT-LUKS1-",
      "CRYPT-LUKS2-",
      "CRYPT-PLAIN-", "LVM-", "mpath-",
    ]
    where text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count {
      return serial(String(text.dropFirst(prefix.count))).map { prefix + $0 }
    }
    if let number = number(text, radix: radix) { return number }
    return Pseudonyms.give(&serials, text) { "SERIAL-\($0)" }
  }

  /// A number keeps its base and its number of digits. Nil where the text is no plain number.
  private mutating func number(_ text: String, radix: Int) -> String? {
    let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
    let digits = isPrefixed ? text.dropFirst(2) : text[...]
    let isDecimal = digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    let isLong = digits.utf8.count >= 12
    guard !digits.isEmpty, isPrefixed || isDecimal || isLong || radix == 16,
      let value = UInt64(digits, radix: isDecimal && !isPrefixed ? radix : 16)
    else { return nil }
    let base = isDecimal && !isPrefixed ? radix : 16
    let pseudonym = String(number(value), radix: base)
    let zeros = String(repeating: "0", count: max(0, digits.utf8.count - pseudonym.utf8.count))
    return (isPrefixed ? text.prefix(2) : "") + zeros + pseudonym
  }

  /// The pseudonym of a number that sysfs writes in one base and KFD in another. Zero, the absence
  /// of an identifier, stays.
  mutating func number(_ value: UInt64) -> UInt64 {
    if value == 0 { return 0 }
    if let known = numbers[value] { return known }
    let next = UInt64(numbers.count) + 1
    numbers[value] = next
    return next
  }

  mutating func host(_ name: String) -> String { Pseudonyms.give(&hosts, name) { "host-\($0)" } }

  /// The domain of the host.
  mutating func domain(_ name: String) -> String {
    Pseudonyms.give(&domains, name) { "domain-\($0).invalid" }
  }

  /// A UUID. Those of zeros or ones stand for none and stay.
  mutating func uuid(_ text: String) -> String {
    let key = text.lowercased()
    if key.utf8.allSatisfy({ $0 == 0x30 || $0 == 0x2d })
      || key.utf8.allSatisfy({ $0 == 0x66 || $0 == 0x2d })
    {
      return text
    }
    return Pseudonyms.give(&identifiers, key) {
      "00000000-0000-4000-8000-" + Pseudonyms.padded(String($0, radix: 16), 12)
    }
  }

  /// A short volume identifier such as `1A2B-3C4D` of FAT.
  mutating func volume(_ text: String) -> String {
    Pseudonyms.give(&identifiers, text.lowercased()) {
      text.utf8.contains(0x2d) && text.utf8.count < 12
        ? "0000-" + Pseudonyms.padded(String($0), 4) : "VOLUME-\($0)"
    }
  }

  /// A hardware address: bytes in hexadecimal with one separator. Zeros and ones stay.
  mutating func hardwareAddress(_ run: AddressPatterns.ByteRun, of text: [UInt8]) -> String {
    hardwareAddress(run.bytes, separator: run.separator)
  }

  /// The pseudonym of a hardware address, written with a separator between its bytes or with none.
  mutating func hardwareAddress(_ bytes: [UInt8], separator: UInt8?) -> String {
    var result = bytes
    if !bytes.allSatisfy({ $0 == 0 }) && !bytes.allSatisfy({ $0 == 0xff }) {
      let number = hardware[bytes] ?? hardware.count + 1
      hardware[bytes] = number
      // Locally administered, unicast.
      result = Array(repeating: 0, count: bytes.count)
      result[0] = 2
      for place in 0..<min(4, bytes.count - 1) {
        result[bytes.count - 1 - place] = UInt8(truncatingIfNeeded: number >> (8 * place))
      }
    }
    return result.map { Pseudonyms.padded(String($0, radix: 16), 2) }
      .joined(separator: separator.map { String(UnicodeScalar($0)) } ?? "")
  }

  /// An IPv4 address, in the ranges kept for documentation and benchmarks.
  mutating func address4(_ bytes: [UInt8]) -> String {
    if let known = addresses4[bytes] { return known }
    let number = addresses4.count
    let last = number % 254 + 1
    let pseudonym =
      switch number / 254 {
      case 0: "192.0.2.\(last)"
      case 1: "198.51.100.\(last)"
      case 2: "203.0.113.\(last)"
      case let block: "198.18.\((block - 3) % 256).\(last)"
      }
    addresses4[bytes] = pseudonym
    return pseudonym
  }

  /// An IPv6 address, in the range kept for documentation.
  mutating func address6(_ text: String) -> String {
    Pseudonyms.give(&addresses6, text.lowercased()) { "2001:db8::\(String($0, radix: 16))" }
  }

  /// Four groups of four digits, as InfiniBand writes a GUID; nil for anything else.
  private mutating func guid(_ text: String) -> String? {
    let groups = text.utf8.split(separator: 0x3a, omittingEmptySubsequences: false)
    guard groups.count == 4, groups.allSatisfy({ $0.count == 4 }),
      let value = UInt64(text.filter { $0 != ":" }, radix: 16)
    else { return nil }
    let digits = Array(Pseudonyms.padded(String(number(value), radix: 16), 16))
    return stride(from: 0, to: 16, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: ":")
  }

  private static func give(
    _ known: inout [String: String], _ text: String, _ pseudonym: (Int) -> String
  ) -> String {
    if let given = known[text] { return given }
    let given = pseudonym(known.count + 1)
    known[text] = given
    return given
  }

  private static func padded(_ digits: String, _ count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }

  /// What firmware writes where a vendor left an identifier out: no secret, and too common a text
  /// to be replaced.
  static func isPlaceholder(_ text: String) -> Bool {
    let plain = text.lowercased().filter { $0.isLetter || $0.isNumber }
    return plain.isEmpty || plain.allSatisfy { $0 == "0" } || plain.allSatisfy { $0 == "f" }
      || plain.allSatisfy { $0 == "x" } || plain == "0123456789" || plain == "123456789"
      || placeholders.contains(plain)
  }

  private static let placeholders: Set<String> = [
    "none", "na", "unknown", "unspecified", "notspecified", "notapplicable", "notavailable",
    "notprovided", "notpresent", "noasset", "noassettag", "noassetinformation", "default",
    "defaultstring", "empty", "null", "oem", "tobefilledbyoem", "systemserialnumber",
    "baseboardserialnumber", "boardserialnumber", "chassisserialnumber", "chassisassettag",
    "baseboardassettag", "assettag", "assettag1234567890", "serialnumber", "serial", "invalid",
    "1234567890", "localhost", "localhostlocaldomain", "nil",
  ]
}
