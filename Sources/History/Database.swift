package import Base
internal import CSQLite
internal import Glibc

/// What SQLite answered, in its own words.
package struct DatabaseError: ReasonedError, Hashable, CustomStringConvertible {
  /// Why.
  package var reason: String
  /// Whether the file itself is damaged or is no database.
  package var isDamage: Bool
  /// The oldest program that may still write the file, where this one is older.
  package var oldestProgram: String?

  /// Why.
  package var description: String { reason }
}

extension Failure {
  /// Whether the file of a database is damaged or is no database.
  package var isDamage: Bool { (cause as? DatabaseError)?.isDamage ?? false }

  /// The oldest program that may still write the database, where this one is older; else nil.
  package var oldestProgram: String? { (cause as? DatabaseError)?.oldestProgram }
}

/// An open database of SQLite (https://sqlite.org/c3ref/intro.html). One thread at a time.
@safe
struct Database: ~Copyable {
  private let handle: OpaquePointer
  let path: String

  private init(_ handle: OpaquePointer, _ path: String) {
    unsafe self.handle = unsafe handle
    self.path = path
  }

  deinit { _ = unsafe sqlite3_close_v2(handle) }

  /// Opens a database, and makes one that is not there.
  static func open(_ path: String) throws(Failure) -> Database {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let status = unsafe sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle = unsafe handle else {
      throw Failure("open the database \(path)", Errno.ENOMEM)
    }
    // Closed with this value, also when opening failed.
    let database = unsafe Database(handle, path)
    if status != SQLITE_OK { throw database.failure("open the database", status) }
    _ = unsafe sqlite3_busy_timeout(handle, 2000)
    return database
  }

  /// Opens a database that other users must not read, with a write-ahead log that is synchronised at each
  /// commit, and checks it.
  /// - Parameters:
  ///   - cacheKiB: memory for its pages.
  ///   - shrinks: whether pages that become free can be given back.
  /// - Throws: `Failure`; its `isDamage` is true when the file is no usable database.
  static func openChecked(
    _ path: String, cacheKiB: Int, shrinks: Bool = false
  ) throws(Failure) -> Database {
    let database = try open(path)
    // Readers ask the daemon. What SQLite puts beside it gets the same mode.
    _ = unsafe chmod(path, 0o600)
    // Only where there is no table yet: it writes, and a damaged file is left as it is.
    if shrinks, try database.number("PRAGMA page_count", [], "set up the database") == 0 {
      try database.run("PRAGMA auto_vacuum = INCREMENTAL", "set up the database")
    }
    try database.run(
      """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = 1048576;
      PRAGMA cache_size = -\(cacheKiB);
      """, "set up the database")
    var found: String?
    try database.run("PRAGMA quick_check(1)", [], "check the database") {
      found = $0.text(0)
    }
    if found != "ok" {
      throw Failure(
        "use the database \(path)", DatabaseError(reason: found ?? "no answer", isDamage: true))
    }
    return database
  }

  /// Runs statements without values.
  func run(_ sql: String, _ step: String) throws(Failure) {
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    if status != SQLITE_OK { throw failure(step, status) }
  }

  /// Runs one statement.
  /// - Parameters:
  ///   - values: what its question marks stand for: texts and numbers, nil for NULL.
  ///   - row: called for each row of the answer.
  func run(
    _ sql: String, _ values: [Value?], _ step: String, row: (Row) -> Void = { _ in }
  ) throws(Failure) {
    var statement: OpaquePointer?
    var status = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard status == SQLITE_OK, let statement = unsafe statement else {
      throw failure(step, status)
    }
    defer { _ = unsafe sqlite3_finalize(statement) }
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      switch value {
      case .text(let text):
        // The library copies the text: -1 is its SQLITE_TRANSIENT, a macro with a cast. With its length, so
        // that a text with a zero byte stays whole.
        status = unsafe sqlite3_bind_text64(
          statement, place, text, UInt64(text.utf8.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self), UInt8(SQLITE_UTF8))
      case .number(let number): status = unsafe sqlite3_bind_int64(statement, place, Int64(number))
      case .real(let number): status = unsafe sqlite3_bind_double(statement, place, number)
      case nil: status = unsafe sqlite3_bind_null(statement, place)
      }
      if status != SQLITE_OK { throw failure(step, status) }
    }
    while true {
      status = unsafe sqlite3_step(statement)
      if status == SQLITE_DONE { return }
      guard status == SQLITE_ROW else { throw failure(step, status) }
      row(unsafe Row(statement))
    }
  }

  /// Runs several statements as one: all of them are stored, or none.
  func transaction<Answer>(
    _ step: String, _ body: (borrowing Database) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try run("BEGIN IMMEDIATE", "lock")
    do throws(Failure) {
      let answer = try body(self)
      try run("COMMIT", step)
      return answer
    } catch {
      // A full disk may have rolled it back already.
      try? run("ROLLBACK", "leave as it was")
      throw error
    }
  }

  /// Rows that the last statement inserted, changed or removed.
  var changedRows: Int { Int(unsafe sqlite3_changes64(handle)) }

  /// The number of the row that was inserted last.
  var lastRow: Int { Int(unsafe sqlite3_last_insert_rowid(handle)) }

  /// The number that a statement answers with; nil for NULL and for no row.
  func number(_ sql: String, _ values: [Value?], _ step: String) throws(Failure) -> Int? {
    var number: Int?
    try run(sql, values, step) { number = $0.number(0) }
    return number
  }

  private func failure(_ step: String, _ status: Int32) -> Failure {
    let words = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "\(status)"
    let isDamage = status & 0xff == SQLITE_CORRUPT || status & 0xff == SQLITE_NOTADB
    return Failure("\(step) \(path)", DatabaseError(reason: words, isDamage: isDamage))
  }
}

/// A value of a statement.
enum Value {
  case text(String)
  case number(Int)
  case real(Double)
}

/// A row of an answer, while it is there.
@safe
struct Row {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) { unsafe self.statement = unsafe statement }

  func text(_ column: Int32) -> String? {
    guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
    let count = Int(unsafe sqlite3_column_bytes(statement, column))
    return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  func real(_ column: Int32) -> Double? {
    if unsafe sqlite3_column_type(statement, column) == SQLITE_NULL { return nil }
    return unsafe sqlite3_column_double(statement, column)
  }

  func number(_ column: Int32) -> Int? {
    if unsafe sqlite3_column_type(statement, column) == SQLITE_NULL { return nil }
    return Int(unsafe sqlite3_column_int64(statement, column))
  }
}
