package import Base
internal import CLinux
internal import Glibc

/// What the kernel needs to be asked to match a file to `/proc/locks`.
package enum FileLocks {
  /// A file as `/proc/locks` names it: `08:02:131090`, device in hexadecimal.
  package static func name(_ path: String) throws(Errno) -> String {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw Errno(errno) }
    let (major, minor) = BlockDevice.parts(UInt64(status.st_dev))
    return "\(hex(major)):\(hex(minor)):\(status.st_ino)"
  }

  /// Process ids by file, from `/proc/locks`: `1: FLOCK  ADVISORY  WRITE 4242 08:02:131090 0 EOF`.
  /// A line with `->` waits for the lock above it.
  package static func holders(_ text: [UInt8]) -> [String: [Int]] {
    var held: [String: [Int]] = [:]
    for line in ASCII.lines(text) {
      let fields = ASCII.fields(line).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count >= 6, fields[1] != "->", let pid = Int(fields[4]), pid > 0 else {
        continue
      }
      if held[fields[5]]?.contains(pid) != true { held[fields[5], default: []].append(pid) }
    }
    return held
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }

  /// Whether a process exists, be it one that may not be signalled.
  package static func isAlive(_ pid: Int) -> Bool {
    guard let pid = pid_t(exactly: pid), pid > 0 else { return false }
    return kill(pid, 0) == 0 || errno == EPERM
  }
}
