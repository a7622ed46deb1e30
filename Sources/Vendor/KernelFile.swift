internal import CLinux
internal import Glibc

/// Settings of the kernel that are files.
public enum KernelFile {
  /// Writes a value in one call: the kernel takes each call for a whole value.
  public static func write(_ value: String, to path: String) throws(CallFailure) {
    let descriptor = unsafe tbx_open_write(path)
    guard descriptor >= 0 else { throw CallFailure(errno: errno) }
    defer { close(descriptor) }
    let bytes = Array((value + "\n").utf8)
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 { throw CallFailure(errno: errno) }
    if count != bytes.count { throw CallFailure(errno: EIO) }
  }
}
