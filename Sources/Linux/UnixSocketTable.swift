package import Base

/// The Unix sockets of this network namespace: `/proc/net/unix`.
package enum UnixSocketTable {
  private static let path = "/proc/net/unix"
  /// Bytes of the table that are read: some 100,000 sockets.
  private static let limit = 16 << 20

  /// How many connections to a listening socket there are at this moment, those that wait for `accept` included.
  /// - Throws: the errno of reading the table.
  package static func connections(to socket: String) throws(Errno) -> Int {
    count(socket, in: try StampedFile.read(path, limit: limit).bytes)
  }

  /// Columns of a line: number, references, protocol, flags, type, state, inode, path (net/unix/af_unix.c,
  /// `unix_seq_show`). The listener itself has the state SS_UNCONNECTED, 01. A connection that was taken has
  /// SS_CONNECTED, 03, one that waits SS_CONNECTING, 02, and both the path of the listener; the client's end has
  /// none.
  static func count(_ socket: String, in table: [UInt8]) -> Int {
    let wanted = Array(socket.utf8)
    return table.split(separator: 0x0a).count { line in
      let columns = line.split(separator: 0x20, maxSplits: 7)
      guard columns.count == 8, columns[7].elementsEqual(wanted) else { return false }
      return columns[5].elementsEqual("03".utf8) || columns[5].elementsEqual("02".utf8)
    }
  }
}
