package import Base
internal import CLinux
internal import Glibc

/// Reports that network interfaces have changed: made, gone, brought up or down (rtnetlink(7),
/// RTMGRP_LINK). A driver may ask for its interrupts only when its interface is brought up, which
/// is no event of udev.
package final class LinkMonitor {
  /// Becomes readable when something has changed.
  package let descriptor: Int32

  /// Starts to listen.
  package init() throws(Failure) {
    descriptor = tbx_link_monitor()
    guard descriptor >= 0 else {
      throw Failure("listen for changes of network interfaces", Errno(errno))
    }
  }

  deinit { close(descriptor) }

  /// Takes all notices that wait.
  /// - Returns: whether there was one. What it says is read from `/sys` anyway.
  package func drain() throws(Failure) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var found = false
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count > 0 {
        found = true
        continue
      }
      switch errno {
      case EAGAIN: return found
      case EINTR: continue
      // Too many waited: then surely something has changed.
      case ENOBUFS: found = true
      default:
        throw Failure("read changes of network interfaces", Errno(errno))
      }
    }
  }
}
