public import Base
internal import Glibc

extension EventStore {
  /// Puts a damaged database aside under a name of its own, with what belongs to it, and opens a
  /// new one. Nothing is removed: somebody may want to look at it.
  /// - Returns: the new store, and where the damaged one lies.
  public static func replaceDamaged(
    _ path: String, limit: Int, time: String
  ) throws(Failure) -> (store: EventStore, aside: String) {
    let aside = "\(path).damaged-\(time)"
    for end in ["", "-wal", "-shm"] {
      if unsafe rename(path + end, aside + end) != 0, errno != ENOENT {
        throw Failure("put the damaged database \(path + end) aside", Errno.last)
      }
    }
    return (try open(path, limit: limit), aside)
  }
}
