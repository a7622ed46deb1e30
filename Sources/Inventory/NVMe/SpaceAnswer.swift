internal import Base
internal import KernelTree
internal import Linux
internal import Synchronization

/// The answer of the `statvfs/MOUNTPOINT` probe: `free BYTES`, `total BYTES`, `files-free COUNT` and
/// `files-total COUNT`, a line each. Recordings of the first release have no counts of files.
enum SpaceAnswer {
  /// The probe's name: one path component, as mount points lie inside each other.
  static func probeName(_ point: String) -> String {
    var name = "statvfs/"
    for scalar in point.unicodeScalars {
      switch scalar {
      case "/": name += "%2F"
      case "%": name += "%25"
      default: name.unicodeScalars.append(scalar)
      }
    }
    return name
  }

  /// Seconds that a file system may take. One of a server that is away answers when it is back.
  static let deadline = 2
  /// Mount points whose file system was asked and has not answered yet: each holds one thread, and
  /// is not asked again before that one is back.
  private static let waiting = Mutex<Set<String>>([])

  /// Asks the kernel, on a thread of its own, which is left behind where there is no answer in time.
  static func ask(_ point: String) throws(ReadFailure) -> [UInt8] {
    try ask(point) { () throws(Errno) in try FileSystem.space(HostView.path(point)) }
  }

  /// Asks by `call`, which may never return.
  static func ask(
    _ point: String, _ call: @escaping @Sendable () throws(Errno) -> FileSystem.Space
  ) throws(ReadFailure) -> [UInt8] {
    guard waiting.withLock({ $0.insert(point).inserted }) else {
      throw ReadFailure(path: point, cause: .timedOut)
    }
    let answer = Deadline.run(seconds: deadline) { () -> Result<FileSystem.Space, Errno> in
      defer { waiting.withLock { _ = $0.remove(point) } }
      do throws(Errno) { return .success(try call()) } catch { return .failure(error) }
    }
    switch answer {
    case nil: throw ReadFailure(path: point, cause: .timedOut)
    case .failure(let error): throw ReadFailure(path: point, errno: error)
    case .success(let space):
      return Array(
        """
        free \(space.free)
        total \(space.total)
        files-free \(space.freeFiles)
        files-total \(space.totalFiles)

        """.utf8)
    }
  }

  /// Free bytes.
  static func free(_ text: [UInt8]) -> Int? { numbers(text)["free"] }

  /// The numbers of an answer by their key; those that make no sense are left out.
  static func numbers(_ text: [UInt8]) -> [String: Int] {
    ASCII.keyValues(text).compactMapValues { Int($0) }.filter { $0.value >= 0 }
  }
}
