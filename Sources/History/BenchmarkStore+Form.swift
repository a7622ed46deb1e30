internal import Base
internal import Benchmarks
internal import Glibc

extension BenchmarkStore {
  /// Every step to the present form. A new one is added at the end; those that were released stay as they
  /// are.
  ///
  /// What many rows share is stored once: facts (`context`), and details and ceilings (`shared`). Readings of
  /// sensors differ each time and stay with the row. Samples, and details that are numbers, are most of the
  /// bytes: they have a table of their own (`bulk`), so that they can go before the figures, and a history is
  /// read without them. The view `figure` is for people with `sqlite3`.
  static let migrations = [
    Migration(
      """
      CREATE TABLE context (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, facts TEXT NOT NULL);
      CREATE INDEX contextHash ON context (hash);
      CREATE TABLE shared (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, facts TEXT NOT NULL);
      CREATE INDEX sharedHash ON shared (hash);
      CREATE TABLE series (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, imported INTEGER NOT NULL, suite TEXT NOT NULL,
        metric TEXT NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL, better TEXT NOT NULL,
        UNIQUE (key, imported));
      CREATE TABLE run (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, started TEXT NOT NULL, finished TEXT,
        boot TEXT, "trigger" TEXT NOT NULL, state TEXT NOT NULL, program TEXT NOT NULL,
        quick INTEGER NOT NULL, suites TEXT NOT NULL, context INTEGER REFERENCES context,
        sensors TEXT, thinned INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX runStarted ON run (started);
      CREATE TABLE result (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,
        series INTEGER NOT NULL REFERENCES series, context INTEGER NOT NULL REFERENCES context,
        ownContext INTEGER REFERENCES context, time TEXT, verdict TEXT NOT NULL, reason TEXT,
        value REAL, low REAL, high REAL, spread REAL, dropped INTEGER NOT NULL, ceiling REAL,
        ceilingWhy INTEGER REFERENCES shared, ceilingShare REAL, causes TEXT,
        flags TEXT, details INTEGER REFERENCES shared, sensors TEXT, detailSensors TEXT,
        UNIQUE (run, series));
      CREATE INDEX resultSeries ON result (series, run);
      CREATE TABLE bulk (
        result INTEGER PRIMARY KEY REFERENCES result, samples TEXT, numbers TEXT);
      CREATE TABLE change (
        id INTEGER PRIMARY KEY AUTOINCREMENT, series TEXT NOT NULL, at TEXT NOT NULL,
        found TEXT NOT NULL, before REAL, after REAL, z REAL, verdict TEXT NOT NULL,
        explanation TEXT NOT NULL, acknowledged INTEGER NOT NULL);
      CREATE TABLE placementTrial (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, device TEXT NOT NULL,
        series TEXT NOT NULL, plan TEXT NOT NULL, pairs TEXT NOT NULL, ratio REAL NOT NULL,
        low REAL NOT NULL, high REAL NOT NULL, looks INTEGER NOT NULL, verdict TEXT NOT NULL);
      CREATE VIEW figure AS
        SELECT run.name AS run, run.started, run.state, run."trigger", run.quick,
          series.key AS series, series.subject, result.verdict, result.value, result.low,
          result.high, series.unit, result.ceiling, result.ceilingShare, result.reason,
          context.facts AS context
        FROM result JOIN run ON run.id = result.run JOIN series ON series.id = result.series
          JOIN context ON context.id = result.context;
      """),
    // What was tried, and on which kernel; NULL in trials of before.
    Migration("ALTER TABLE placementTrial ADD COLUMN conditions TEXT"),
  ]

  // MARK: values as columns

  static func json(_ value: some Encodable) throws(Failure) -> String {
    String(decoding: try JSON.line(value), as: UTF8.self)
  }

  /// Samples as they are stored: nine digits, more than any clock of a machine is good for.
  static func rounded(_ samples: [Double]) -> [Double] {
    samples.map { sample in
      let places = 8 - Int(max(-30, min(30, log10(abs(sample)).rounded(.down))))
      // Powers of ten are exact up to 22, so that the quotient is the nearest number to the nine digits.
      guard sample.isFinite, sample != 0, abs(places) <= 22 else { return sample }
      let power = pow(10, Double(abs(places)))
      return places < 0
        ? (sample / power).rounded() * power : (sample * power).rounded() / power
    }
  }

  /// Nil for what is empty: most results have no reading and no cause.
  static func column(_ facts: [String: String]) throws(Failure) -> Value? {
    facts.isEmpty ? nil : .text(try json(facts))
  }

  /// Facts of a column. What somebody else has put there is none.
  static func facts(_ text: String?) -> [String: String] { value(text) ?? [:] }

  /// The value of a column; nil for NULL and for what somebody else has put there.
  static func value<Value: Decodable>(_ text: String?) -> Value? {
    text.flatMap { try? JSON.decode(Value.self, from: $0.utf8) }
  }

  /// `quick standIn`.
  static func column(_ flags: [BenchmarkResult.Flag]) -> Value? {
    flags.isEmpty ? nil : .text(flags.map(\.rawValue).joined(separator: " "))
  }

  /// Flags of a column, without those that this version does not know, as after a downgrade.
  static func flags(_ text: String?) -> [BenchmarkResult.Flag] {
    (text ?? "").split(separator: " ").compactMap { BenchmarkResult.Flag(rawValue: String($0)) }
  }
}

extension Database {
  /// The number of a text that many rows share; it is stored when it is new.
  /// - Parameter table: `context` or `shared`.
  func shared(_ text: String, in table: String) throws(Failure) -> Int {
    // FNV-1a. It only finds candidates: equal is what has the same text.
    let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let values: [Value?] = [.number(Int(Int64(bitPattern: hash))), .text(text)]
    if let id = try number(
      "SELECT id FROM \(table) WHERE hash = ? AND facts = ?", values, "look up facts in")
    {
      return id
    }
    try run("INSERT INTO \(table) (hash, facts) VALUES (?, ?)", values, "store facts in")
    return lastRow
  }
}
