/// The address of a PCI function: domain, bus, device, function.
public struct PCIAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Domain (segment); wider than 16 bits behind VMD and on some virtual machines.
  public var domain: UInt32
  /// Bus number.
  public var bus: UInt8
  /// Device number, 0 to 31.
  public var device: UInt8
  /// Function number, 0 to 7.
  public var function: UInt8

  /// An address of these parts.
  package init(domain: UInt32, bus: UInt8, device: UInt8, function: UInt8) {
    self.domain = domain
    self.bus = bus
    self.device = device
    self.function = function
  }

  /// Parses `dddd:bb:dd.f` with a domain of one to eight hex digits, or `bb:dd.f` in domain 0.
  package init?(_ text: some StringProtocol) {
    var numbers: [UInt32] = []
    var value: UInt32 = 0
    var digits = 0
    var separators: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66:
        digits += 1
        if digits > 8 { return nil }
        let digit = byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57
        value = value << 4 | UInt32(digit)
      case 0x3a, 0x2e:
        if digits == 0 { return nil }
        separators.append(byte)
        numbers.append(value)
        value = 0
        digits = 0
      default: return nil
      }
    }
    if digits == 0 { return nil }
    numbers.append(value)
    let short = separators == [0x3a, 0x2e]
    guard short || separators == [0x3a, 0x3a, 0x2e] else { return nil }
    if short { numbers.insert(0, at: 0) }
    guard numbers[1] <= 0xff, numbers[2] <= 0x1f, numbers[3] <= 7 else { return nil }
    self.init(
      domain: numbers[0], bus: UInt8(numbers[1]), device: UInt8(numbers[2]),
      function: UInt8(numbers[3]))
  }

  /// `dddd:bb:dd.f`, as sysfs names it.
  public var description: String {
    "\(PCIAddress.hex(domain, 4)):\(PCIAddress.hex(UInt32(bus), 2)):"
      + "\(PCIAddress.hex(UInt32(device), 2)).\(function)"
  }

  /// Without the domain when that is 0: `21:00.0`.
  public var short: String {
    domain == 0 ? String(description.dropFirst(5)) : description
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// By domain, bus, device, function.
  public static func < (a: PCIAddress, b: PCIAddress) -> Bool {
    (a.domain, a.bus, a.device, a.function) < (b.domain, b.bus, b.device, b.function)
  }
}

extension PCIAddress: Codable, JSONFormProviding {
  package static var jsonForm: JSONForm {
    .text(
      name: "PCI address", pattern: #"^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$"#,
      meaning: "Address of a PCI function: domain, bus, device, function.", example: "0000:21:00.0")
  }

  /// From `dddd:bb:dd.f`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = PCIAddress(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no PCI address such as 0000:21:00.0")
    }
    self = address
  }

  /// As `dddd:bb:dd.f`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
