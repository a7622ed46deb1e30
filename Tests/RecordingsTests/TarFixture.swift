/// Writes tar headers by hand, so that tests can say what no tar program would.
struct TarFixture {
  private(set) var bytes: [UInt8] = []

  /// Type flags of the format.
  enum Flag: String {
    case file = "0"
    case hardLink = "1"
    case link = "2"
    case character = "3"
    case block = "4"
    case directory = "5"
    case fifo = "6"
    case sparse = "S"
    case longName = "L"
  }

  /// A plain recording that opens.
  static var plain: TarFixture {
    var tar = TarFixture()
    tar.file("sys/kernel/x", "1\n")
    return tar
  }

  mutating func file(_ path: String, _ text: String, mode: Int = 0o444) {
    add(Array(path.utf8), .file, mode: mode, content: Array(text.utf8))
  }

  mutating func add(
    _ path: [UInt8], _ flag: Flag, mode: Int = 0o644, target: String = "", content: [UInt8] = [],
    size: Int? = nil, realSize: Int? = nil
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in text.enumerated() { header[offset + index] = byte }
    }
    func octal(_ number: Int, _ digits: Int) -> [UInt8] {
      let text = String(number, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    /// Twelve bytes: octal, or GNU's binary form beyond 8 GiB.
    func long(_ number: Int) -> [UInt8] {
      if number < 1 << 33 { return octal(number, 11) + [0] }
      return [0x80, 0, 0, 0]
        + (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    put(path.prefix(100), at: 0)
    put(octal(mode, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(long(size ?? content.count), at: 124)
    put(octal(0, 11), at: 136)
    put(Array("        ".utf8), at: 148)
    put(flag.rawValue.utf8, at: 156)
    put(target.utf8.prefix(100), at: 157)
    put("ustar  \0".utf8, at: 257)
    if let realSize {
      // One stored piece at the start; the rest is a hole.
      put(octal(0, 11), at: 386)
      put(long(content.count), at: 398)
      put(long(realSize), at: 483)
    }
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [0, 0x20], at: 148)
    bytes += header + content
    bytes += repeatElement(0, count: (512 - content.count % 512) % 512)
  }

  /// The archive with its end mark.
  var archive: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
