internal import Base

/// The texts of `aer_dev_correctable`, `aer_dev_nonfatal` and `aer_dev_fatal`: `name count` lines,
/// the last of which starts with `TOTAL_ERR_`.
enum PCIeErrorFiles {
  /// The counts of one file.
  struct Counts: Equatable {
    /// Counts that are not 0, by the kernel's short name.
    var byName: [String: Int] = [:]
    /// Messages, as the kernel counts them: not the sum of the names.
    var total: Int?
  }

  /// - Returns: nil when a line is malformed.
  static func parse(_ text: ArraySlice<UInt8>) -> Counts? {
    var counts = Counts()
    for line in text.split(separator: 0x0a) {
      let fields = ASCII.fields(line)
      if fields.isEmpty { continue }
      guard fields.count >= 2, let last = fields.last, let count = ASCII.decimal(last), count >= 0
      else { return nil }
      // Names of bits the kernel has no name for hold brackets; a blank would belong to the name.
      let name = fields.dropLast().map { String(decoding: $0, as: UTF8.self) }
        .joined(separator: " ")
      if name.hasPrefix("TOTAL_ERR_") {
        counts.total = count
      } else if count != 0 {
        counts.byName[name] = count
      }
    }
    return counts
  }
}
