internal import CLinux
internal import Glibc

/// Writes entries with fields to systemd's journal.
///
/// The journal's native protocol is spoken directly; it is documented as stable
/// (systemd.io/JOURNAL_NATIVE_PROTOCOL). The library's call reports success where there is no
/// journal, so a caller could not fall back.
package enum Journal {
  /// Where journald listens.
  package static let socket = "/run/systemd/journal/socket"

  /// Sends one entry.
  /// - Parameters:
  ///   - fields: `NAME=value`. Names are of capitals, digits and `_`, at most 64, and start with a
  ///     capital; journald drops others. A value may hold anything, also line breaks. Malformed
  ///     fields are left out here.
  ///   - socket: another listener, for tests.
  /// - Returns: whether the journal took it; false where there is none, or when it does not read
  ///   for a fifth of a second, so that the caller can write to standard error instead.
  package static func send(_ fields: [String], to socket: String = Journal.socket) -> Bool {
    let bytes = encode(fields)
    if bytes.isEmpty { return false }
    let descriptor = tbx_datagrams()
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let failure = unsafe bytes.withUnsafeBytes {
      unsafe tbx_send_to(descriptor, socket, $0.baseAddress, $0.count, -1)
    }
    guard failure == EMSGSIZE || failure == ENOBUFS else { return failure == 0 }
    // Too long for a datagram: a sealed file in memory instead, as the protocol has it.
    let file = unsafe bytes.withUnsafeBytes { unsafe tbx_sealed_file($0.baseAddress, $0.count) }
    guard file >= 0 else { return false }
    defer { close(file) }
    return unsafe tbx_send_to(descriptor, socket, nil, 0, file) == 0
  }

  /// The bytes of an entry: a line each, or for values with line breaks the name, the size as 64
  /// bits in little endian, and the value.
  static func encode(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for field in fields {
      let field = Array(field.utf8)
      guard let sign = field.firstIndex(of: 0x3d), isName(field[..<sign]) else { continue }
      let value = field[(sign + 1)...]
      if value.contains(0x0a) {
        bytes += field[..<sign]
        bytes.append(0x0a)
        let size = UInt64(value.count)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }
        bytes += value
      } else {
        bytes += field
      }
      bytes.append(0x0a)
    }
    return bytes
  }

  /// journald's rule, without the names with `_` in front that are its own.
  private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
    guard let first = name.first, name.count <= 64, (0x41...0x5a).contains(first) else {
      return false
    }
    return name.allSatisfy {
      (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
    }
  }
}
