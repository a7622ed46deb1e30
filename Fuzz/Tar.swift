/// Just enough of tar to give libarchive and our loader something that is not refused at once.
struct Tar {
  private var bytes: [UInt8] = []

  /// The archive with its end mark.
  var archive: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// An archive with a file and a link.
  static let sample: [UInt8] = {
    var tar = Tar()
    tar.file("top/sys/a", [0x31, 0x0a])
    tar.file("top/sys/b", [], type: 0x32, target: "../sys/a")
    return tar.archive
  }()

  /// Adds an entry.
  mutating func file(
    _ path: String, _ content: [UInt8], type: UInt8 = 0x30, target: String = ""
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      for (index, byte) in text.utf8.prefix(100).enumerated() { header[offset + index] = byte }
    }
    put(path, 0)
    put("0000644", 100)
    let size = String(content.count, radix: 8)
    put(String(repeating: "0", count: 11 - size.utf8.count) + size, 124)
    put(target, 157)
    put("ustar  ", 257)
    header[156] = type
    bytes += Tar.mended(header) + content
    bytes += repeatElement(0, count: (512 - content.count % 512) % 512)
  }

  /// The bytes with a right checksum in each block that follows as a header: without it libarchive
  /// would refuse nearly all that a fuzzer makes of an archive.
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    result += repeatElement(0, count: (512 - bytes.count % 512) % 512)
    var start = 0
    while start + 512 <= result.count, result[start..<start + 512].contains(where: { $0 != 0 }) {
      for index in 148..<156 { result[start + index] = 0x20 }
      let sum = result[start..<start + 512].reduce(0) { $0 + Int($1) }
      for (index, byte) in String(sum, radix: 8).utf8.enumerated() where index < 7 {
        result[start + 148 + index] = byte
      }
      var size = 0
      for byte in result[start + 124..<start + 135] where byte >= 0x30 && byte <= 0x37 {
        size = (size << 3 | Int(byte - 0x30)) & 0xffff
      }
      start += 512 + (size + 511) / 512 * 512
    }
    return result
  }
}
