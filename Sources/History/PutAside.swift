package import Base
internal import Glibc

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
    let aside = "\(path).\(reason)-\(time)"
    // The database last: when one of the others cannot be moved, it must not be taken for a part of the new
    // one (https://sqlite.org/howtocorrupt.html, section 1.4).
    for end in ["-journal", "-wal", "-shm", ""] {
      if unsafe rename(path + end, aside + end) != 0, errno != ENOENT {
        throw Failure("put the database \(path + end) aside", Errno.last)
      }
    }
    return (try open(path, limit: limit, program: program), aside)
  }
}
