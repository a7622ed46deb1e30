import Foundation
import TestSupport

/// A Unix socket that answers every connection with the same bytes, whatever is asked.
final class FakeDaemon: Sendable {
  /// What it answers.
  enum Answer: Sendable {
    /// These bytes, and the end.
    case bytes(String)
    /// Nothing, and no end.
    case silence
  }

  /// Where it listens.
  let path: String
  private let folder: URL
  /// Nil when nobody listens.
  private let listener: Int32?

  init(_ answer: Answer, isOpen: Bool = true) throws {
    folder = try Project.temporaryFolder()
    chmod(folder.path, 0o755)
    path = folder.appendingPathComponent("api.sock").path
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = path
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.enumerated() { room[index] = byte }
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    guard isOpen else {
      close(listener)
      self.listener = nil
      return
    }
    listen(listener, 64)
    self.listener = listener
    Thread.detachNewThread { FakeDaemon.serve(listener, answer) }
  }

  /// A socket file whose owner has ended.
  static func left() throws -> FakeDaemon { try FakeDaemon(.silence, isOpen: false) }

  deinit {
    // Ends the thread too.
    if let listener { shutdown(listener, Int32(SHUT_RDWR)) }
    try? FileManager.default.removeItem(at: folder)
  }

  private static func serve(_ listener: Int32, _ answer: Answer) {
    var held: [Int32] = []
    while true {
      let connection = accept(listener, nil, nil)
      if connection < 0 { break }
      guard case .bytes(let text) = answer else {
        held.append(connection)
        continue
      }
      // The request is read, or closing would take the answer away.
      var room = [UInt8](repeating: 0, count: 8192)
      _ = recv(connection, &room, room.count, 0)
      let bytes = Array(text.utf8)
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { break }
        sent += count
      }
      close(connection)
    }
    for connection in held { close(connection) }
    close(listener)
  }
}
