internal import Base
internal import KernelTree
internal import Linux

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

  /// Asks the kernel.
  static func call(_ point: String) throws(Errno) -> FileSystem.Space {
    try FileSystem.space(HostPaths.path(point))
  }

  /// Asks the kernel, on a thread of its own, which is left behind where there is no answer in time.
  static func ask(_ point: String) throws(ReadFailure) -> [UInt8] {
    try ask(point) { () throws(Errno) in try call(point) }
  }

  /// Asks by `call`, which may never return.
  static func ask(
    _ point: String, _ call: @escaping @Sendable () throws(Errno) -> FileSystem.Space
  ) throws(ReadFailure) -> [UInt8] {
    try text(SpaceJob.start(point, call), point)
  }

  /// The answer of a question that runs, as text.
  static func text(_ job: SpaceJob, _ point: String) throws(ReadFailure) -> [UInt8] {
    switch job.wait() {
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

  /// The numbers of an answer by their key; malformed ones are left out.
  static func numbers(_ text: [UInt8]) -> [String: Int] {
    ASCII.keyValues(text).compactMapValues { Int($0) }.filter { $0.value >= 0 }
  }
}
