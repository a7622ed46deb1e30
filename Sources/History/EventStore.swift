package import Base
package import Events
internal import Synchronization

/// Remembers events, and a few words of state, across restarts, `kill -9` and power cuts.
///
/// A database of SQLite with a write-ahead log that is synchronised at each commit: an event that
/// was stored stays stored. The oldest events go when there are more than the limit.
package final class EventStore: Sendable {
  private let database: Mutex<Database>
  private let limit: Atomic<Int>

  /// A query of the store.
  package struct Query: Hashable, Sendable {
    /// Only events with a higher number.
    package var after: Int?
    /// At most so many, the newest.
    package var limit: Int
    /// Only so bad or worse.
    package var severity: Event.Severity?
    /// Only of this kind.
    package var kind: EventKind?

    /// A query with these limits.
    package init(
      after: Int? = nil, limit: Int = 100, severity: Event.Severity? = nil,
      kind: EventKind? = nil
    ) {
      self.after = after
      self.limit = limit
      self.severity = severity
      self.kind = kind
    }
  }

  /// Every step to the present form. A new one is added at the end; those that were released stay as they
  /// are.
  static let migrations = [
    // There may be tables without a number: the first programs wrote it after them.
    Migration(
      """
      CREATE TABLE IF NOT EXISTS event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, kind TEXT NOT NULL,
        priority INTEGER NOT NULL, subject TEXT, address TEXT, message TEXT NOT NULL,
        cause TEXT, count INTEGER);
      CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
      """)
  ]

  /// The number of the newest event when the store was opened; 0 when there was none.
  package let newest: Int

  private init(_ database: consuming sending Database, newest: Int, limit: Int) {
    self.database = Mutex(database)
    self.newest = newest
    self.limit = Atomic(limit)
  }

  /// Opens the store, and makes one that is not there.
  /// - Parameters:
  ///   - path: the database's file, in a folder that is there.
  ///   - limit: events to keep.
  ///   - program: the version of this program.
  /// - Throws: `Failure`; its `isDamage` is true when the file is no usable database, its
  ///   `oldestProgram` is set when a newer program made it one which this one must not write.
  package static func open(
    _ path: String, limit: Int, program: String
  ) throws(Failure) -> EventStore {
    let database = try Database.openChecked(path, cacheKiB: 256)
    try database.migrate(migrations, program: program)
    let newest = try newest(database)
    return EventStore(database, newest: newest, limit: limit)
  }

  /// The number before that of the next event. The sequence also knows of events that are gone. A
  /// program that may write the file may have put anything there, also a text, which SQLite takes
  /// for larger than every number.
  /// - Throws: `Failure` with `isDamage` for a number that no event can have had.
  private static func newest(_ database: borrowing Database) throws(Failure) -> Int {
    var newest = 0
    try database.run(
      """
      SELECT max(ifnull((SELECT max(id) FROM event), 0), ifnull(
        (SELECT max(CAST(seq AS INTEGER)) FROM sqlite_sequence WHERE name = 'event'), 0))
      """, [], "read events of"
    ) { newest = $0.number(0) ?? 0 }
    // Where the interface ends (`after` of /v1/events); an event a second gets there in 68 years.
    guard (0...Int(Int32.max)).contains(newest) else {
      throw Failure(
        "use the database \(database.path)",
        DatabaseError(reason: "its newest event has the number \(newest)", isDamage: true))
    }
    return newest
  }

  /// Stores an event under its number.
  package func append(_ event: Event) throws(Failure) {
    try database.withLock { (database) throws(Failure) in
      try database.run(
        """
        INSERT INTO event (id, time, kind, priority, subject, address, message, cause, count)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .number(event.id), .text(event.time), .text(event.kind.name),
          .number(event.severity.priority), event.subject.map(Value.text),
          event.address.map { .text($0.description) }, .text(event.message),
          event.cause.map(Value.text), event.count.map(Value.number),
        ], "store an event in")
      // A hundred at a time: a deletion costs as much as an event. The event is stored whether or
      // not old ones can be removed.
      if event.id % 100 == 0 {
        let oldest = event.id - limit.load(ordering: .relaxed)
        try? database.run(
          "DELETE FROM event WHERE id <= ?", [.number(oldest)], "remove old events of")
      }
    }
  }

  /// Changes how many events are kept.
  package func setLimit(_ limit: Int) { self.limit.store(limit, ordering: .relaxed) }

  /// Events by number.
  package func events(_ query: Query) throws(Failure) -> [Event] {
    var conditions = ["id > ?"]
    var values: [Value?] = [.number(query.after ?? 0)]
    if let severity = query.severity {
      conditions.append("priority <= ?")
      values.append(.number(severity.priority))
    }
    if let kind = query.kind {
      conditions.append("kind = ?")
      values.append(.text(kind.name))
    }
    values.append(.number(query.limit))
    var events: [Event] = []
    try database.withLock { (database) throws(Failure) in
      try database.run(
        """
        SELECT id, time, kind, priority, subject, address, message, cause, count FROM event
        WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
        """, values, "read events of"
      ) { row in
        if let event = EventStore.event(row) { events.append(event) }
      }
    }
    return events.reversed()
  }

  /// A word of state; nil when it was never set.
  package func state(_ name: String) throws(Failure) -> String? {
    var value: String?
    try database.withLock { (database) throws(Failure) in
      try database.run("SELECT value FROM state WHERE name = ?", [.text(name)], "read state of") {
        value = $0.text(0)
      }
    }
    return value
  }

  /// Sets a word of state, durably.
  package func setState(_ name: String, _ value: String) throws(Failure) {
    try database.withLock { (database) throws(Failure) in
      try database.run(
        "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?",
        [.text(name), .text(value), .text(value)], "keep state in")
    }
  }

  /// Nil for a kind that this version does not know, as after a downgrade.
  private static func event(_ row: Row) -> Event? {
    guard let id = row.number(0), let time = row.text(1),
      let kind = row.text(2).flatMap(EventKind.named), let message = row.text(6)
    else { return nil }
    var event = Event(
      kind, time: time, subject: row.text(4), address: row.text(5).flatMap(PCIAddress.init),
      message,
      severity: Event.Severity.allCases.first { $0.priority == row.number(3) } ?? kind.severity,
      cause: row.text(7), count: row.number(8))
    event.id = id
    return event
  }
}
