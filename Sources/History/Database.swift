package import Base
internal import CSQLite

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
        // The library copies the text: -1 is its SQLITE_TRANSIENT, a macro with a cast.
        status = unsafe sqlite3_bind_text(
          statement, place, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      case .number(let number): status = unsafe sqlite3_bind_int64(statement, place, Int64(number))
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
}

/// A row of an answer, while it is there.
@safe
struct Row {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) { unsafe self.statement = unsafe statement }

  func text(_ column: Int32) -> String? {
    guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
    return unsafe String(cString: bytes)
  }

  func number(_ column: Int32) -> Int? {
    if unsafe sqlite3_column_type(statement, column) == SQLITE_NULL { return nil }
    return Int(unsafe sqlite3_column_int64(statement, column))
  }
}
