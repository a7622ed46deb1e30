internal import Base

/// A step of a database's form, from the one before to the next.
///
/// A step only adds: updates are rolled back, and the older program goes on reading and writing what it
/// knows. Where that cannot be, the step names the oldest program that may still write.
struct Migration: Sendable {
  /// The statements.
  var sql: String
  /// The oldest program that may write after it, `1.2.0`; nil where the one before still may.
  var oldestProgram: String?

  init(_ sql: String, oldestProgram: String? = nil) {
    self.sql = sql
    self.oldestProgram = oldestProgram
  }
}

/// A version of the programs, `major.minor.patch`.
struct ProgramVersion: Comparable {
  private let numbers: [Int]

  /// Nil for a text that is none.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt16($0).map(Int.init) }
    guard parts.count == 3, numbers.count == 3 else { return nil }
    self.numbers = numbers
  }

  static func < (one: ProgramVersion, other: ProgramVersion) -> Bool {
    one.numbers.lexicographicallyPrecedes(other.numbers)
  }
}

extension Database {
  /// Brings the database to the form of this program, in one transaction: all steps that are missing, or
  /// none. A database that a newer program has made more of stays as it is.
  ///
  /// How many steps were made stands in `PRAGMA user_version`, the oldest program that may write in the
  /// table `format`.
  /// - Parameters:
  ///   - migrations: every step there ever was, in their order.
  ///   - program: the version of this program.
  /// - Throws: `Failure`, with `oldestProgram` where a newer program made it a form that this one must not
  ///   write.
  func migrate(_ migrations: [Migration], program: String) throws(Failure) {
    try run("BEGIN IMMEDIATE", "lock")
    do throws(Failure) {
      try refuseOlder(program)
      var done = 0
      try run("PRAGMA user_version", [], "read the form of") { done = $0.number(0) ?? 0 }
      if done < migrations.count {
        let before = try form()
        for migration in migrations[max(0, done)...] { try make(migration) }
        if let lost = Database.lost(before, try form()) {
          throw Failure(
            "change the form of \(path)",
            because: "a step takes \(lost) away, which an older program needs")
        }
        try run("PRAGMA user_version = \(migrations.count)", "note the form of")
      }
      try run("COMMIT", "change the form of")
    } catch {
      try? run("ROLLBACK", "leave as it was")
      throw error
    }
  }

  private func make(_ migration: Migration) throws(Failure) {
    try run(migration.sql, "change the form of")
    guard let oldest = migration.oldestProgram else { return }
    try run(
      """
      CREATE TABLE IF NOT EXISTS format (name TEXT PRIMARY KEY, value TEXT NOT NULL);
      """, "make the table of forms of")
    try run(
      """
      INSERT INTO format VALUES ('oldestProgram', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1
      """, [.text(oldest)], "note the oldest program of")
  }

  private func refuseOlder(_ program: String) throws(Failure) {
    var hasFormat = false
    try run(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'format'", [],
      "read the form of"
    ) { _ in hasFormat = true }
    guard hasFormat else { return }
    var oldest: String?
    try run(
      "SELECT value FROM format WHERE name = 'oldestProgram'", [], "read the form of"
    ) { oldest = $0.text(0) }
    guard let oldest else { return }
    // What cannot be compared is not written either.
    if let wanted = ProgramVersion(oldest), let own = ProgramVersion(program), own >= wanted {
      return
    }
    throw Failure(
      "use the database \(path)",
      DatabaseError(
        reason: "a newer tinybox made it: \(program) is older than \(oldest), the oldest that may "
          + "write it", isDamage: false, oldestProgram: oldest))
  }

  // MARK: what there is

  /// A column as SQLite describes it.
  private struct Part: Hashable {
    var table: String
    var name: String
    var rules: String
  }

  /// Every column of every table.
  private func form() throws(Failure) -> Set<Part> {
    var parts: Set<Part> = []
    try run(
      """
      SELECT t.name, c.name, c.type || c."notnull" || ifnull(c.dflt_value, '') || c.pk
      FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
      """, [], "read the form of"
    ) { row in
      parts.insert(
        Part(table: row.text(0) ?? "", name: row.text(1) ?? "", rules: row.text(2) ?? ""))
    }
    return parts
  }

  /// The first part that is not there any more, for people; nil when all are.
  private static func lost(_ before: Set<Part>, _ after: Set<Part>) -> String? {
    before.subtracting(after).sorted { ($0.table, $0.name) < ($1.table, $1.name) }
      .first.map { "\($0.table).\($0.name)" }
  }
}
