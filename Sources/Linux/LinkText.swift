package import Base
internal import CLinux
internal import Glibc

package enum LinkText {
  /// Where a link leads, as it is written.
  /// - Throws: the errno; EINVAL for what is there and no link.
  package static func read(_ path: String) throws(Errno) -> String {
    var failure: Errno?
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let length = unsafe readlink(path, start, buffer.count)
      if length < 0 {
        failure = .last
        return ""
      }
      return unsafe String(
        decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    if let failure { throw failure }
    return text
  }
}
