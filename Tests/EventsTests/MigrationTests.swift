import Base
import Events
import Foundation
import Testing

@testable import History

/// Databases across updates and the way back from them.
@Suite struct MigrationTests {
  private func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tinybox-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent("x.db").path)
  }

  private let first = Migration("CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

  /// Migrates, and returns the form that the database then has.
  @discardableResult
  private func migrate(
    _ path: String, _ migrations: [Migration], _ program: String = "1.0.0"
  ) throws -> (version: Int, columns: [String]) {
    let database = try Database.open(path)
    try database.migrate(migrations, program: program)
    return try form(database)
  }

  private func form(_ database: borrowing Database) throws -> (version: Int, columns: [String]) {
    var version = -1
    var columns: [String] = []
    try database.run("PRAGMA user_version", [], "ask") { version = $0.number(0) ?? -1 }
    try database.run("SELECT name FROM pragma_table_info('a')", [], "ask") {
      columns.append($0.text(0) ?? "")
    }
    return (version, columns)
  }

  @Test func `only the steps that are missing are made, in their order`() throws {
    try withPath { path in
      #expect(try migrate(path, [first]).version == 1)
      let second = Migration("ALTER TABLE a ADD COLUMN more TEXT")
      let third = Migration("ALTER TABLE a ADD COLUMN most INTEGER NOT NULL DEFAULT 7")
      let form = try migrate(path, [first, second, third])
      #expect(form.version == 3 && form.columns == ["id", "text", "more", "most"])
      #expect(try migrate(path, [first, second, third]).version == 3)
    }
  }

  @Test func `an older program goes on with what a newer one has added`() throws {
    try withPath { path in
      let newer = [
        first, Migration("ALTER TABLE a ADD COLUMN more TEXT; CREATE TABLE b (id INTEGER)"),
      ]
      try migrate(path, newer, "1.1.0")
      // The older one knows one step. It writes and reads, and takes nothing away.
      #expect(try migrate(path, [first], "1.0.0").version == 2)
      let database = try Database.open(path)
      try database.run("INSERT INTO a (text) VALUES (?)", [.text("by the older")], "write")
      #expect(try form(database).columns == ["id", "text", "more"])
    }
  }

  @Test(arguments: [
    "DROP TABLE a", "ALTER TABLE a DROP COLUMN text", "ALTER TABLE a RENAME COLUMN text TO words",
    "DROP TABLE a; CREATE TABLE a (id INTEGER PRIMARY KEY, text INTEGER NOT NULL)",
    "no statement at all",
  ])
  func `a step that takes something away changes nothing`(sql: String) throws {
    try withPath { path in
      try migrate(path, [first])
      let database = try Database.open(path)
      try database.run("INSERT INTO a (text) VALUES ('kept')", "write")
      #expect(throws: Failure.self) {
        try database.migrate(
          [first, Migration("CREATE TABLE c (id INTEGER)"), Migration(sql)], program: "1.1.0")
      }
      let form = try form(database)
      #expect(form.version == 1 && form.columns == ["id", "text"])
      var tables: [String] = []
      try database.run("SELECT name FROM sqlite_master WHERE type = 'table'", [], "ask") {
        tables.append($0.text(0) ?? "")
      }
      #expect(tables == ["a"])
      var kept: String?
      try database.run("SELECT text FROM a", [], "ask") { kept = $0.text(0) }
      #expect(kept == "kept")
    }
  }

  @Test func `only a program that is older than the file allows is kept from writing`() throws {
    try withPath { path in
      let breaking = Migration("CREATE TABLE b (id INTEGER)", oldestProgram: "1.2.0")
      try migrate(path, [first, breaking], "1.2.0")
      for program in ["1.2.0", "1.2.1", "1.10.0", "2.0.0"] {
        #expect(try migrate(path, [first], program).version == 2, "\(program)")
      }
      for program in ["1.1.9", "0.9.0", "1.2", "", "later"] {
        do {
          try migrate(path, [first], program)
          Issue.record("\(program) may write")
        } catch let failure as Failure {
          #expect(failure.oldestProgram == "1.2.0" && !failure.isDamage, "\(failure)")
          #expect("\(failure)".contains("1.2.0"))
        }
      }
    }
  }

  @Test func `what a program before the steps made is taken as it is`() throws {
    try withPath { path in
      let database = try Database.open(path)
      try database.run(EventStore.migrations[0].sql + "PRAGMA user_version = 1;", "make")
      try database.run(
        "INSERT INTO event VALUES (5, 't', 'device.added', 6, NULL, NULL, 'm', NULL, NULL)", "write"
      )
      _ = consume database
      let store = try EventStore.open(path, limit: 100, program: "0.1.0")
      #expect(store.newest == 5)
      #expect(try store.events(.init()).map(\.kind) == [.deviceAdded])
    }
  }

  /// As after an update that was rolled back: the older daemon begins anew, and the newer one finds its
  /// events again.
  @Test func `a store of a newer program is put aside whole`() throws {
    try withPath { path in
      do {
        let store = try EventStore.open(path, limit: 100, program: "3.0.0")
        var event = Event(.deviceAdded, time: "t", "kept")
        event.id = 1
        try store.append(event)
      }
      let database = try Database.open(path)
      try database.migrate(
        EventStore.migrations + [Migration("CREATE TABLE z (id INTEGER)", oldestProgram: "3.0.0")],
        program: "3.0.0")
      _ = consume database
      #expect {
        _ = try EventStore.open(path, limit: 100, program: "2.9.9")
      } throws: {
        ($0 as? Failure)?.oldestProgram == "3.0.0"
      }
      let (store, aside) = try EventStore.replace(
        path, "newer", limit: 100, program: "2.9.9", time: "T")
      #expect(store.newest == 0)
      let again = try EventStore.open(aside, limit: 100, program: "3.0.0")
      #expect(try again.events(.init()).map(\.message) == ["kept"])
    }
  }
}
