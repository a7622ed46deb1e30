package import Base
internal import Benchmarks

extension BenchmarkStore {
  /// Years that a run is kept.
  static let years = 5
  /// The newest runs keep their samples in any case. Few, so that a suite with many samples costs the history
  /// of figures nothing.
  static let runsWithSamples = 4
  /// Runs that go at a time. Because of their age no more go for one new run: a clock that is years ahead
  /// for one start must not cost the history.
  static let runsAtATime = 4

  /// Keeps the database within its bound. Runs older than five years go. Where it is larger than its limit,
  /// the samples of the oldest runs go first, whose figures and intervals stay; then the oldest runs; those of
  /// other machines before those of this one. Series, changes and trials stay.
  /// - Parameters:
  ///   - now: UTC, ISO 8601.
  ///   - keeping: id of a run that stays in any case.
  package func keepBound(now: String, keeping: String) throws(Failure) {
    let removed = try write("remove old runs of") { (database) throws(Failure) in
      var removed = try BenchmarkStore.removeOld(now: now, keeping: keeping, database)
      while try BenchmarkStore.bytes(database) > limit {
        if try BenchmarkStore.thinOldest(database) {
          removed = true
          continue
        }
        let oldest = try BenchmarkStore.oldest(keeping: keeping, database)
        if oldest.isEmpty { break }
        try BenchmarkStore.remove(oldest, database)
        removed = true
      }
      return removed
    }
    if removed {
      try read { (database) throws(Failure) in
        try database.run("PRAGMA incremental_vacuum", "give back free pages of")
      }
    }
  }

  /// Bytes in use: without pages that are free.
  static func bytes(_ database: borrowing Database) throws(Failure) -> Int {
    let pages = try database.number("PRAGMA page_count", [], "read the size of") ?? 0
    let free = try database.number("PRAGMA freelist_count", [], "read the size of") ?? 0
    let size = try database.number("PRAGMA page_size", [], "read the size of") ?? 0
    return (pages - free) * size
  }

  private static func removeOld(
    now: String, keeping: String, _ database: borrowing Database
  ) throws(Failure) -> Bool {
    guard let limit = BenchmarkTime.text(now, yearsEarlier: years) else { return false }
    let old = try oldest(before: limit, keeping: keeping, database)
    if !old.isEmpty { try remove(old, database) }
    return !old.isEmpty
  }

  /// The oldest runs, a few of them.
  /// - Parameter time: only those that began before it.
  private static func oldest(
    before time: String = "9999", keeping: String, _ database: borrowing Database
  ) throws(Failure) -> [Int] {
    var old: [Int] = []
    try database.run(
      """
      SELECT id FROM run WHERE started < ? AND state <> 'running' AND name <> ?
      ORDER BY "trigger" = 'imported' DESC, started, id LIMIT ?
      """, [.text(time), .text(keeping), .number(runsAtATime)], "find old runs of"
    ) { if let id = $0.number(0) { old.append(id) } }
    return old
  }

  /// Takes the samples of the oldest run that has some.
  /// - Returns: whether there was one.
  private static func thinOldest(_ database: borrowing Database) throws(Failure) -> Bool {
    let oldest = try database.number(
      """
      SELECT id FROM run WHERE thinned = 0 AND state <> 'running' AND id NOT IN
        (SELECT id FROM run WHERE "trigger" <> 'imported' ORDER BY started DESC, id DESC LIMIT ?)
      ORDER BY "trigger" = 'imported' DESC, started, id LIMIT 1
      """, [.number(runsWithSamples)], "find old runs of")
    guard let oldest else { return false }
    try database.run(
      "DELETE FROM bulk WHERE result IN (SELECT id FROM result WHERE run = ?)",
      [.number(oldest)], "shorten an old run of")
    try database.run(
      "UPDATE run SET thinned = 1 WHERE id = ?", [.number(oldest)], "shorten an old run of")
    return true
  }

  /// Takes runs with their results, and the facts that no other one has.
  private static func remove(_ runs: [Int], _ database: borrowing Database) throws(Failure) {
    for run in runs {
      try database.run(
        "DELETE FROM bulk WHERE result IN (SELECT id FROM result WHERE run = ?)",
        [.number(run)], "remove an old run of")
      try database.run("DELETE FROM result WHERE run = ?", [.number(run)], "remove an old run of")
      try database.run("DELETE FROM run WHERE id = ?", [.number(run)], "remove an old run of")
    }
    try database.run(
      """
      DELETE FROM context WHERE id NOT IN (
        SELECT context FROM result UNION SELECT ownContext FROM result WHERE ownContext IS NOT NULL
        UNION SELECT context FROM run WHERE context IS NOT NULL);
      DELETE FROM shared WHERE id NOT IN (
        SELECT ceilingWhy FROM result WHERE ceilingWhy IS NOT NULL
        UNION SELECT details FROM result WHERE details IS NOT NULL);
      """, "remove old facts of")
  }
}
