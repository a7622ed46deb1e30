package import Base
internal import CLinux
internal import Glibc

/// Bytes that nobody can guess, from the kernel (getrandom(2)).
package enum RandomBytes {
  /// So many bytes. Waits, early in the first boot, until the kernel has gathered enough.
  package static func make(_ count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        return unsafe tbx_random(rest.baseAddress, rest.count)
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw Failure("get \(count) random bytes", Errno(errno))
      }
      done += got
    }
    return bytes
  }
}
