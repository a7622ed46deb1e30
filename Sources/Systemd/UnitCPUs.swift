package import Base

extension NumberSet {
  /// One bit a number, the lowest first: systemd's CPU sets.
  package var bits: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: last.map { $0 / 8 + 1 } ?? 0)
    for number in numbers { bytes[number / 8] |= 1 << UInt8(number % 8) }
    return bytes
  }

  /// The set of the bits.
  package init(bits: [UInt8]) {
    var numbers: [Int] = []
    for (index, byte) in bits.enumerated() {
      for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { numbers.append(index * 8 + bit) }
    }
    self.init(numbers)
  }
}
