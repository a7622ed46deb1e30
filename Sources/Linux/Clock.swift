internal import CLinux
internal import Glibc

/// Time for intervals, and waiting.
package enum Clock {
  /// Seconds on a clock that never jumps (CLOCK_MONOTONIC).
  package static func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Now in UTC, `2026-11-24T07:09:13Z`.
  package static func utc() -> String {
    var now = time(nil)
    var parts = unsafe tm()
    unsafe gmtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  /// Waits; a signal may end it early.
  package static func sleep(seconds: Double) {
    guard seconds > 0 else { return }
    var time = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    unsafe nanosleep(&time, nil)
  }
}

/// The time of day, for what people and other programs read. It may jump: intervals are measured
/// with `Clock`.
package enum WallClock {
  /// Milliseconds since 1970 in UTC (CLOCK_REALTIME).
  package static func milliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Now in UTC as RFC 3339 has it, with milliseconds: `2026-11-24T10:01:02.345Z`.
  package static func now() -> String { text(milliseconds: milliseconds()) }

  /// Milliseconds since 1970 as RFC 3339 has them. Years are of four digits; what lies outside is
  /// given as the nearest that is inside.
  package static func text(milliseconds: Int64) -> String {
    // From the start of the year 0 to the end of 9999.
    let inside = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    let thousandths = inside % 1000 < 0 ? inside % 1000 + 1000 : inside % 1000
    var seconds = time_t((inside - thousandths) / 1000)
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date = unsafe [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2),
      digits(Int(parts.tm_mday), 2),
    ].joined(separator: "-")
    let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }
      .joined(separator: ":")
    return "\(date)T\(time).\(digits(Int(thousandths), 3))Z"
  }
}
