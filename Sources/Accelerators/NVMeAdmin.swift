package import Base
internal import CLinux
internal import Glibc
internal import Linux

/// NVMe admin commands through the controller's character device. Needs root.
package enum NVMeAdmin {
  /// Why a log could not be read.
  package enum Failure: Error, Hashable, Sendable {
    /// A system call failed.
    case call(Errno)
    /// The drive refused the command, with this NVMe status.
    case refused(Int)
  }

  /// The SMART / health information log (page 02h), 512 bytes.
  ///
  /// The drive's firmware answers: milliseconds, or longer on a drive in trouble.
  package static func smartLog(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = unsafe tbx_open_read(path)
    guard descriptor >= 0 else { throw .call(Errno(errno)) }
    defer { close(descriptor) }
    var log = [UInt8](repeating: 0, count: 512)
    let status = unsafe log.withUnsafeMutableBytes { bytes in
      unsafe tbx_nvme_log(descriptor, 0x02, bytes.baseAddress, UInt32(bytes.count))
    }
    if status < 0 { throw .call(Errno(-status)) }
    if status > 0 { throw .refused(Int(status)) }
    return log
  }
}
