internal import Base
internal import Linux

/// What /proc/self/smaps says of a mapping (proc_pid_smaps(5)).
enum SMaps {
  /// Its text; nil when it cannot be read. Some 1,000 bytes a mapping: a program of ours has hundreds.
  static func read() -> [UInt8]? {
    try? StampedFile.read("/proc/self/smaps", limit: 16 << 20).bytes
  }

  /// The share of a mapping in huge pages: AnonHugePages divided by Size.
  /// - Parameter start: the first address of the mapping.
  /// - Returns: nil where no mapping starts there, or one of the two is missing.
  static func hugeShare(in text: [UInt8], start: UInt) -> Double? {
    var isInside = false
    var found: [String: Int] = [:]
    for line in ASCII.lines(text) {
      let fields = ASCII.fields(line)
      guard let first = fields.first else { continue }
      if let dash = first.firstIndex(of: 0x2d), first.last != 0x3a,
        let address = ASCII.hexadecimal(first[..<dash])
      {
        if isInside { break }
        isInside = address == UInt64(start)
      } else if isInside, fields.count > 1, let kilobytes = ASCII.decimal(fields[1]) {
        found[String(decoding: first, as: UTF8.self)] = kilobytes
      }
    }
    guard let size = found["Size:"], size > 0, let huge = found["AnonHugePages:"] else {
      return nil
    }
    return Double(huge) / Double(size)
  }
}
