internal import Base

/// `/proc/interrupts`, parsed.
///
/// The header names the online CPUs, one column each; numbers missing from it are offline, never
/// "the next column". Rows of 10,000 interrupts on 1,024 CPUs are 100 MiB of mostly zeros: one
/// pass over the bytes, and only counts that are not 0 are kept.
struct InterruptTable {
  /// One numbered row.
  struct Row {
    /// Interrupt number.
    var number: Int
    /// Count by CPU, zeros left out.
    var counts: [Int: Int] = [:]
    /// Chip, hardware number and trigger, blanks squeezed.
    var chip: String?
    /// Handlers, where the text separates them.
    var actions: [String] = []
    /// Whether `actions` may be cut wrongly: a handler's name may hold a comma itself.
    var isAmbiguous = false
    /// Why `counts` is not known.
    var countFailure: String?
  }

  /// CPUs of the columns, in order; nil without a header.
  var cpus: [Int]?
  /// The numbered rows. Rows with a name (`NMI`, `LOC`, `ERR`) are no interrupts of a device.
  var rows: [Row] = []

  /// Above this a count is damage: the kernel counts in 32 bits.
  static let highestCount = 1 << 48

  /// Parses the whole text.
  init(_ text: [UInt8]) {
    var start = 0
    var isFirst = true
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0a) ?? text.count
      let line = text[start..<end]
      start = end + 1
      if isFirst {
        isFirst = false
        cpus = InterruptTable.header(line)
        if cpus != nil { continue }
      }
      if let row = InterruptTable.row(line, cpus) { rows.append(row) }
    }
  }

  /// The CPU numbers of the header line, or nil when it is none.
  private static func header(_ line: ArraySlice<UInt8>) -> [Int]? {
    var cpus: [Int] = []
    for field in ASCII.fields(line) {
      guard field.starts(with: [0x43, 0x50, 0x55]), field.count > 3,
        let number = ASCII.decimal(field.dropFirst(3)), number >= 0, number <= NumberSet.highest
      else { return nil }
      cpus.append(number)
    }
    return cpus.isEmpty || Set(cpus).count != cpus.count ? nil : cpus
  }

  /// One row, or nil when it has no number.
  private static func row(_ line: ArraySlice<UInt8>, _ cpus: [Int]?) -> Row? {
    var index = line.startIndex
    let end = line.endIndex
    while index < end, ASCII.isBlank(line[index]) { index += 1 }
    var number = 0
    let first = index
    while index < end, let digit = decimalDigit(line[index]) {
      number = number &* 10 &+ digit
      index += 1
      if number > NumberSet.highest { return nil }
    }
    guard index > first, index < end, line[index] == 0x3a else { return nil }
    index += 1
    var row = Row(number: number)
    var column = 0
    while true {
      while index < end, ASCII.isBlank(line[index]) { index += 1 }
      let fieldStart = index
      if index == end || column == cpus?.count { break }
      var value = 0
      var isDamaged = false
      while index < end, let digit = decimalDigit(line[index]) {
        if value > highestCount { isDamaged = true } else { value = value &* 10 &+ digit }
        index += 1
      }
      guard index > fieldStart, index == end || ASCII.isBlank(line[index]) else {
        index = fieldStart  // The chip's name begins here.
        break
      }
      if isDamaged || value > highestCount {
        row.countFailure = "a count of '\(text(line[fieldStart..<min(index, fieldStart + 24)]))'"
      } else if value != 0, let cpus {
        row.counts[cpus[column]] = value
      }
      column += 1
    }
    let rest = line[index...]
    if let cpus {
      // A CPU that came or went while the kernel wrote the table shifts the columns.
      if column < cpus.count {
        row.countFailure = "\(column) columns where the header names \(cpus.count) CPUs"
      } else if let chip = ASCII.fields(rest.prefix(64)).first,
        chip.allSatisfy({ decimalDigit($0) != nil })
      {
        row.countFailure = "more columns than the header names CPUs"
      }
    } else {
      row.countFailure = "no header that names the CPUs"
    }
    if row.countFailure != nil { row.counts = [:] }
    describe(rest, &row)
    return row
  }

  /// Chip and handlers from what follows the counts:
  /// `PCI-MSIX-0000:21:00.0   3-edge      nvme0q3` or `IO-APIC   9-fasteoi   acpi, i801`.
  private static func describe(_ rest: ArraySlice<UInt8>, _ row: inout Row) {
    let segments = segments(ASCII.trimmed(rest))
    guard !segments.isEmpty else { return }
    // The kernel puts two blanks before the first handler, and pads what is left of it.
    let trigger = segments.lastIndex { isTrigger($0) }
    let split = trigger.map { $0 + 1 } ?? max(1, segments.count - 1)
    let chip = segments[..<split].map(text).joined(separator: " ")
    row.chip = chip
    guard split < segments.count else {
      row.isAmbiguous = trigger == nil
      return
    }
    let handlers = segments[split...].map(text).joined(separator: "  ")
    var actions: [String] = []
    var name: [UInt8] = []
    let bytes = Array(handlers.utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x2c {
        row.isAmbiguous = true
        if index + 1 < bytes.count, bytes[index + 1] == 0x20 {
          actions.append(String(decoding: name, as: UTF8.self))
          name = []
          index += 2
          continue
        }
      }
      name.append(bytes[index])
      index += 1
    }
    actions.append(String(decoding: name, as: UTF8.self))
    row.actions = actions.filter { !$0.isEmpty }
  }

  /// The parts between runs of two blanks and more.
  private static func segments(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = line.startIndex
    var index = start
    while index < line.endIndex {
      guard ASCII.isBlank(line[index]) else {
        index += 1
        continue
      }
      var next = index
      while next < line.endIndex, ASCII.isBlank(line[next]) { next += 1 }
      if next - index > 1 {
        parts.append(line[start..<index])
        start = next
      }
      index = next
    }
    if start < line.endIndex { parts.append(line[start...]) }
    return parts
  }

  /// Whether a segment is the hardware number and trigger: `3-edge`, `16-fasteoi`, `27 Level`,
  /// `Edge`, `524288-edge`. A chip's name and number that fit their columns end the same way:
  /// `IO-APIC 2-edge`.
  private static func isTrigger(_ segment: ArraySlice<UInt8>) -> Bool {
    guard let last = ASCII.fields(segment).last else { return false }
    let parts = last.split(separator: 0x2d, maxSplits: 1)
    if parts.count == 2, parts[0].allSatisfy({ decimalDigit($0) != nil }) {
      return parts[1].allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a }
    }
    let word = text(last)
    return word == "Edge" || word == "Level" || last.allSatisfy { decimalDigit($0) != nil }
  }

  private static func decimalDigit(_ byte: UInt8) -> Int? {
    byte >= 0x30 && byte <= 0x39 ? Int(byte) - 0x30 : nil
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
