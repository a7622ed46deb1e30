package import Base
internal import Glibc

extension Database {
  /// Puts a database aside that this program cannot use, under a name of its own, with what belongs to it.
  /// Nothing is removed.
  /// - Parameter reason: `damaged`, `newer`.
  /// - Returns: where it lies now.
  static func putAside(_ path: String, _ reason: String, time: String) throws(Failure) -> String {
    let aside = "\(path).\(reason)-\(time)"
    // The database last: when one of the others cannot be moved, it must not be taken for a part of the new
    // one (https://sqlite.org/howtocorrupt.html, section 1.4).
    for end in ["-journal", "-wal", "-shm", ""] {
      if unsafe rename(path + end, aside + end) != 0, errno != ENOENT {
        throw Failure("put the database \(path + end) aside", Errno.last)
      }
    }
    return aside
  }
}

extension EventStore {
  /// Puts a database aside that this program cannot use, under a name of its own, with what belongs to it,
  /// and opens a new one. Nothing is removed: somebody may want to look at it, or go back to the program
  /// that made it.
  /// - Parameters:
  ///   - reason: `damaged`, `newer`.
  ///   - program: the version of this program.
  /// - Returns: the new store, and where the old one lies.
  package static func replace(
    _ path: String, _ reason: String, limit: Int, program: String, time: String
  ) throws(Failure) -> (store: EventStore, aside: String) {
    let aside = try Database.putAside(path, reason, time: time)
    return (try open(path, limit: limit, program: program), aside)
  }
}
