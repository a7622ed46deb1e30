/// Times of runs: UTC as RFC 3339 has it, with or without milliseconds, `2026-11-24T10:01:02.345Z`.
package enum BenchmarkTime {
  /// Milliseconds since 1970; nil for a text of another form, or a day that no calendar has.
  package static func milliseconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z") else {
      return nil
    }
    for (place, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
    where bytes[place] != Array(mark.utf8)[0] { return nil }
    if bytes.count == 24, bytes[19] != UInt8(ascii: ".") { return nil }
    func number(_ from: Int, _ count: Int) -> Int64? {
      var value: Int64 = 0
      for byte in bytes[from..<(from + count)] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
      let thousandth = bytes.count == 24 ? number(20, 3) : 0,
      (1...12).contains(month), hour < 24, minute < 60, second < 60,
      (1...length(of: month, in: year)).contains(day)
    else { return nil }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 1000 + thousandth
  }

  /// The same moment so many years earlier, for comparison as text.
  package static func text(_ text: String, yearsEarlier years: Int) -> String? {
    guard milliseconds(text) != nil, let year = Int(text.prefix(4)), year >= years else {
      return nil
    }
    let earlier = String(year - years)
    return String(repeating: "0", count: 4 - earlier.count) + earlier + text.dropFirst(4)
  }

  private static func length(of month: Int64, in year: Int64) -> Int64 {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days since 1970-01-01 in the Gregorian calendar, for years from 0 on. The year begins in March here, so
  /// that the leap day is its last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    // Four hundred years have 146,097 days; year -400 to be above zero.
    let cycle = (shifted + 400) / 400
    let inCycle = (shifted + 400) % 400
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfCycle = inCycle * 365 + inCycle / 4 - inCycle / 100 + dayOfYear
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    return (cycle - 1) * 146_097 + dayOfCycle - 719_468
  }
}
