package import Base
internal import Benchmarks
internal import Glibc
internal import Linux
internal import Synchronization

/// Remembers every run of the benchmarks, the changes that were found in them and the trials of placement.
///
/// A database of SQLite like that of the events: a result that was stored stays stored after `kill -9` and
/// power cuts. Its file has a bound: see `BenchmarkStore+Bound.swift`.
package final class BenchmarkStore: Sendable {
  let database: Mutex<Database>
  /// Bytes that the database may have, without its log.
  let limit: Int

  /// Bytes of the database in `/var/lib/tinybox`: with the log of SQLite it stays below 30 MB.
  package static let defaultLimit = 28_000_000

  /// An open store, and what became of the one before where that was damaged.
  package struct Opened: Sendable {
    /// The store.
    package var store: BenchmarkStore
    /// Where the damaged one lies now, and what is wrong with it; nil when it was whole.
    package var putAside: (path: String, failure: Failure)?
  }

  private init(_ database: consuming sending Database, limit: Int) {
    self.database = Mutex(database)
    self.limit = limit
  }

  /// Opens the store, and makes one that is not there. A damaged one is put aside and a new one begun.
  /// - Parameters:
  ///   - path: the database's file, in a folder that is there.
  ///   - program: the version of this program.
  ///   - limit: bytes that the file may have, without its log.
  ///   - time: now, UTC, ISO 8601: the end of the name of a damaged one.
  /// - Throws: `Failure`; its `oldestProgram` is set when a newer program made it one which this one must
  ///   not write.
  package static func open(
    _ path: String, program: String, limit: Int = defaultLimit, time: String
  ) throws(Failure) -> Opened {
    do throws(Failure) {
      return Opened(store: try open(path, program: program, limit: limit))
    } catch {
      guard error.isDamage else { throw error }
    }
    // tinyboxd and a run may both have found it damaged: who comes second finds the new one, and must not put
    // that aside.
    let lock = try repairLock(path)
    let opened = try replaceDamaged(path, program: program, limit: limit, time: time)
    _ = consume lock
    return opened
  }

  /// Opens the database, after it has put a damaged one aside. Its lock is held.
  private static func replaceDamaged(
    _ path: String, program: String, limit: Int, time: String
  ) throws(Failure) -> Opened {
    do throws(Failure) {
      return Opened(store: try open(path, program: program, limit: limit))
    } catch {
      guard error.isDamage else { throw error }
      let aside = try Database.putAside(path, "damaged", time: time)
      return Opened(
        store: try open(path, program: program, limit: limit), putAside: (aside, error))
    }
  }

  /// The lock of putting a database aside. Waited for at most 10 seconds: it is held while one is checked.
  private static func repairLock(_ path: String) throws(Failure) -> FileLock {
    let file = path + ".repair.lock"
    for _ in 0..<100 {
      do throws(Errno) {
        return try FileLock(file)
      } catch {
        if error != .EAGAIN { throw Failure("lock \(file)", error) }
        usleep(100_000)
      }
    }
    throw Failure(
      "open the database \(path)", because: "another program puts it aside since 10 seconds",
      code: .busy)
  }

  private static func open(
    _ path: String, program: String, limit: Int
  ) throws(Failure) -> BenchmarkStore {
    let database = try Database.openChecked(path, cacheKiB: 1024, shrinks: true)
    try database.migrate(migrations, program: program)
    return BenchmarkStore(database, limit: limit)
  }

  /// Runs a body with the database, one thread at a time.
  func read<Answer: Sendable>(
    _ body: @Sendable (borrowing Database) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try database.withLock { (database) throws(Failure) in try body(database) }
  }

  /// Runs a body in one transaction.
  func write<Answer: Sendable>(
    _ step: String, _ body: @Sendable (borrowing Database) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try database.withLock { (database) throws(Failure) in
      try database.transaction(step) { (database) throws(Failure) in try body(database) }
    }
  }
}
