package import Base
package import Benchmarks
internal import Linux

extension BenchmarkStore {
  // MARK: a run as it goes

  /// Stores a run that begins, with the results that it has; old runs make room for it.
  package func begin(_ run: BenchmarkRun) throws(Failure) {
    if try !insert(run) {
      throw Failure(
        "begin the run \(run.id)", because: "the database has a run of this id", code: .conflict)
    }
  }

  /// Stores one result of a run that is going on. It is on the disk when this returns.
  /// - Parameters:
  ///   - id: the run's id.
  ///   - time: when it was measured, UTC, ISO 8601.
  package func append(_ result: BenchmarkResult, to id: String, time: String) throws(Failure) {
    try write("store a result in") { (database) throws(Failure) in
      let run = try BenchmarkStore.stored(id, database, state: .running, "store a result of")
      let isTwice = try database.number(
        """
        SELECT 1 FROM result WHERE run = ? AND series =
          (SELECT id FROM series WHERE key = ? AND imported = 0)
        """, [.number(run.row), .text(result.series.key)], "read results of")
      if isTwice != nil {
        throw Failure(
          "store a result of the run \(id)",
          because: "it has one of the series '\(result.series.key)'", code: .conflict)
      }
      try BenchmarkStore.insert(
        result, run: run.row, context: run.context, isImported: false, time: time, database)
    }
  }

  /// Notes how a run that was going on ended.
  package func finish(
    _ id: String, _ state: BenchmarkRun.State, finished: String?
  ) throws(Failure) {
    try write("store the end of a run in") { (database) throws(Failure) in
      let run = try BenchmarkStore.stored(id, database, state: .running, "end")
      try database.run(
        "UPDATE run SET state = ?, finished = ? WHERE id = ?",
        [.text(state.rawValue), finished.map(Value.text), .number(run.row)], "store the end of")
    }
  }

  /// Marks the runs that nobody makes any more as aborted. What they measured counts.
  /// - Parameters:
  ///   - boot: the boot of this moment (`/proc/sys/kernel/random/boot_id`).
  ///   - isAlive: whether the process that makes the run of this id is there; asked for runs of this boot.
  /// - Returns: their ids, the oldest first.
  @discardableResult package func markAborted(
    boot: String, isAlive: (String) -> Bool
  ) throws(Failure) -> [String] {
    let running = try read { (database) throws(Failure) in
      var running: [(id: String, boot: String?)] = []
      try database.run(
        "SELECT name, boot FROM run WHERE state = 'running' ORDER BY started, id", [],
        "read runs of"
      ) { row in if let id = row.text(0) { running.append((id, row.text(1))) } }
      return running
    }
    let gone = running.filter { $0.boot != boot || !isAlive($0.id) }.map(\.id)
    if gone.isEmpty { return [] }
    try write("mark aborted runs in") { (database) throws(Failure) in
      for id in gone {
        try database.run(
          "UPDATE run SET state = 'aborted' WHERE name = ? AND state = 'running'", [.text(id)],
          "mark an aborted run of")
      }
    }
    return gone
  }

  /// Marks the runs whose process is gone as aborted: none of a run holds the lock.
  /// - Parameter lock: the file whose lock a run holds from before it begins to its end.
  package func markAborted(lock path: String) throws(Failure) {
    let running = try read { (database) throws(Failure) in
      try database.number(
        "SELECT 1 FROM run WHERE state = 'running' LIMIT 1", [], "read runs of")
    }
    if running == nil { return }
    let lock: FileLock
    do throws(Errno) {
      lock = try FileLock(path)
    } catch {
      if error == .EAGAIN { return }
      throw Failure("lock \(path)", error)
    }
    try markAborted(boot: "", isAlive: { _ in false })
    _ = consume lock
  }

  /// Takes a run out of the history. It stays in the database.
  func discard(_ id: String) throws(Failure) {
    try write("discard a run in") { (database) throws(Failure) in
      let run = try BenchmarkStore.stored(id, database, "discard")
      if run.state == BenchmarkRun.State.running.rawValue {
        throw Failure("discard the run \(id)", because: "it is going on", code: .conflict)
      }
      try database.run(
        "UPDATE run SET state = 'discarded' WHERE id = ?", [.number(run.row)], "discard a run of")
    }
  }

  // MARK: a whole run

  /// Stores a run with its results, all or none.
  /// - Returns: false when the database has a run of this id, which stays as it is.
  package func insert(_ run: BenchmarkRun) throws(Failure) -> Bool {
    let isNew = try write("store a run in") { (database) throws(Failure) in
      if try database.number(
        "SELECT 1 FROM run WHERE name = ?", [.text(run.id)], "look up a run of")
        != nil
      {
        return false
      }
      let facts = BenchmarkFacts(run.context)
      let context = try database.shared(BenchmarkStore.json(facts.stable), in: "context")
      try database.run(
        """
        INSERT INTO run (name, started, finished, boot, "trigger", state, program, quick, suites,
          context, sensors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(run.id), .text(run.started), run.finished.map(Value.text),
          run.boot.map(Value.text), .text(run.trigger.rawValue), .text(run.state.rawValue),
          .text(run.program), .number(run.isQuick ? 1 : 0),
          .text(try BenchmarkStore.json(run.suites)), .number(context),
          try BenchmarkStore.column(facts.readings),
        ], "store a run in")
      let row = database.lastRow
      for result in run.results {
        try BenchmarkStore.insert(
          result, run: row, context: facts.stable, isImported: run.trigger == .imported,
          time: nil, database)
      }
      return true
    }
    // The run is stored whether or not old ones can be removed.
    if isNew { try? keepBound(now: run.started, keeping: run.id) }
    return isNew
  }

  /// A run as far as its rows need it.
  private struct Stored {
    var row: Int
    var state: String
    /// Its facts, without readings.
    var context: [String: String]
  }

  /// A run by its id.
  /// - Parameters:
  ///   - state: the state that it has to be in.
  ///   - step: what is done to it, for people.
  private static func stored(
    _ id: String, _ database: borrowing Database, state: BenchmarkRun.State? = nil, _ step: String
  ) throws(Failure) -> Stored {
    var stored: Stored?
    try database.run(
      """
      SELECT run.id, run.state, context.facts FROM run LEFT JOIN context
        ON context.id = run.context WHERE run.name = ?
      """, [.text(id)], "look up a run of"
    ) { row in
      stored = Stored(
        row: row.number(0) ?? 0, state: row.text(1) ?? "",
        context: BenchmarkStore.facts(row.text(2)))
    }
    guard let stored else {
      throw Failure("\(step) the run \(id)", because: "there is none of this id", code: .notFound)
    }
    if let state, stored.state != state.rawValue {
      throw Failure("\(step) the run \(id)", because: "it is \(stored.state)", code: .conflict)
    }
    return stored
  }
}
