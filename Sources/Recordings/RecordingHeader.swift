internal import Glibc

/// Where a recording comes from.
package struct RecordingHeader: Hashable, Sendable {
  /// Version of the program that made it.
  package var toolVersion = ""
  /// When it was made, in UTC, such as `2026-01-31T23:59:59Z`.
  package var time = ""
  /// `uname -r` of the machine.
  package var kernelRelease = ""
  /// Whether serial numbers, addresses and names were replaced by pseudonyms.
  package var redacted = false
  /// Whether file modes are those of the machine: not when a recording by another tool was
  /// recorded anew.
  package var keepsModes = true

  /// An empty header.
  package init() {}
}

extension RecordingHeader {
  /// The header of a recording made now on this machine.
  package static func now(toolVersion: String) -> RecordingHeader {
    var header = RecordingHeader()
    header.toolVersion = toolVersion
    header.time = utc(Glibc.time(nil))
    var names = utsname()
    if unsafe uname(&names) == 0 {
      header.kernelRelease = unsafe withUnsafeBytes(of: &names.release) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    return header
  }

  /// Seconds since 1970 as `2026-01-31T23:59:59Z`.
  static func utc(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    // Years that begin in March end with the leap day: the month lengths repeat every five months.
    let days = Int(max(0, seconds)) / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let second = max(0, seconds) % 86_400
    return "\(year)-\(two(month))-\(two(day))"
      + "T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
  }
}
