package import Base
internal import CLinux
internal import Glibc

/// The kernel's log, as dmesg(1) reads it.
package enum KernelLog {
  /// All that the kernel still has. Takes nothing from it and does not wait: syslog(2),
  /// SYSLOG_ACTION_READ_ALL. EPERM without rights, where `kernel.dmesg_restrict` is set.
  package static func read() throws(Errno) -> [UInt8] {
    let size = tbx_kernel_log_size()
    if size < 0 { throw Errno(errno) }
    let capacity = min(max(Int(size), 1 << 16), 64 << 20)
    var buffer = [CChar](repeating: 0, count: capacity)
    let count = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      unsafe tbx_kernel_log_read(bytes.baseAddress, Int32(clamping: capacity))
    }
    if count < 0 { throw Errno(errno) }
    return buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
  }
}
