package import Base
package import Benchmarks

extension BenchmarkStore {
  // MARK: runs

  /// Runs without their results, the newest first.
  package func runs(limit: Int) throws(Failure) -> [BenchmarkRunSummary] {
    try read { (database) throws(Failure) in
      var found: [(row: Int, run: BenchmarkRun)] = []
      try database.run(
        BenchmarkStore.selectRuns + " ORDER BY run.started DESC, run.id DESC LIMIT ?",
        [.number(limit)], "read runs of"
      ) { row in
        if let run = BenchmarkStore.run(row) { found.append((row.number(0) ?? 0, run)) }
      }
      var summaries: [BenchmarkRunSummary] = []
      for (row, run) in found {
        var verdicts: [String: Int] = [:]
        try database.run(
          "SELECT verdict, count(*) FROM result WHERE run = ? GROUP BY verdict", [.number(row)],
          "count results of"
        ) { if let verdict = $0.text(0) { verdicts[verdict] = $0.number(1) } }
        summaries.append(BenchmarkRunSummary(run: run, verdicts: verdicts))
      }
      return summaries
    }
  }

  /// Ids of all runs, the oldest first: for an export, which takes one at a time.
  package func runIDs() throws(Failure) -> [String] {
    try read { (database) throws(Failure) in
      var ids: [String] = []
      try database.run("SELECT name FROM run ORDER BY started, id", [], "read runs of") {
        if let id = $0.text(0) { ids.append(id) }
      }
      return ids
    }
  }

  /// A run with its results; nil when there is none of this id.
  package func run(_ id: String) throws(Failure) -> BenchmarkRun? {
    try read { (database) throws(Failure) in
      var found: (row: Int, run: BenchmarkRun)?
      try database.run(
        BenchmarkStore.selectRuns + " WHERE run.name = ?", [.text(id)], "read a run of"
      ) { row in
        if let run = BenchmarkStore.run(row) { found = (row.number(0) ?? 0, run) }
      }
      guard var found else { return nil }
      found.run.results = try BenchmarkStore.results(run: found.row, database)
      return found.run
    }
  }

  private static let selectRuns = """
    SELECT run.id, run.name, run.started, run.finished, run.boot, run."trigger", run.state,
      run.program, run.quick, run.suites, context.facts, run.sensors
    FROM run LEFT JOIN context ON context.id = run.context
    """

  /// Nil for a run of a kind that this version does not know, as after a downgrade.
  private static func run(_ row: Row) -> BenchmarkRun? {
    guard let id = row.text(1), let started = row.text(2),
      let trigger = row.text(5).flatMap(BenchmarkRun.Trigger.init),
      let state = row.text(6).flatMap(BenchmarkRun.State.init), let program = row.text(7)
    else { return nil }
    var run = BenchmarkRun(
      id: id, started: started, boot: row.text(4), trigger: trigger, program: program,
      isQuick: row.number(8) == 1, suites: value(row.text(9)) ?? [],
      context: facts(row.text(10)).merging(facts(row.text(11))) { stable, _ in stable })
    run.finished = row.text(3)
    run.state = state
    return run
  }

  // MARK: series

  /// Every series with its newest figure, by key. One without figures that count has a count of 0.
  /// - Parameter isImported: those of other machines, instead of those of this one.
  package func series(isImported: Bool = false) throws(Failure) -> [BenchmarkSeriesSummary] {
    var selection = BenchmarkSelection()
    selection.isImported = isImported
    let conditions = BenchmarkStore.conditions(selection)
    return try read { (database) throws(Failure) in
      var all: [BenchmarkSeriesSummary] = []
      // SQLite takes the columns beside max() from the row with the largest
      // (https://sqlite.org/lang_select.html#bareagg).
      try database.run(
        """
        SELECT s.key, s.suite, s.metric, s.subject, s.unit, s.better, found.count, found.value,
          found.started, found.ceiling
        FROM series s LEFT JOIN (
          SELECT result.series, count(*) AS count, result.value, result.ceiling,
            max(run.started) AS started
          FROM result JOIN run ON run.id = result.run WHERE \(conditions) GROUP BY result.series
        ) found ON found.series = s.id
        WHERE s.imported = ? ORDER BY s.key
        """, [.number(isImported ? 1 : 0)], "read series of"
      ) { row in
        guard let series = BenchmarkStore.series(row) else { return }
        all.append(
          BenchmarkSeriesSummary(
            series: series, count: row.number(6) ?? 0, lastValue: row.real(7),
            lastTime: row.text(8), lastCeiling: row.real(9)))
      }
      return all
    }
  }

  /// Every series with its newest figure, and the changes that nobody has acknowledged.
  package func summary() throws(Failure) -> BenchmarkSummary {
    BenchmarkSummary(series: try series(), changes: try changes(openOnly: true))
  }

  /// What is another one after any change of the database, by this program or by another.
  package func version() throws(Failure) -> [Int] {
    try read { (database) throws(Failure) in
      // The first is for other connections alone, the second for this one
      // (https://sqlite.org/pragma.html#pragma_data_version, https://sqlite.org/lang_corefunc.html#total_changes).
      [
        try database.number("PRAGMA data_version", [], "look for changes of") ?? 0,
        try database.number("SELECT total_changes()", [], "look for changes of") ?? 0,
      ]
    }
  }

  /// The newest points of a series, the oldest of them first. A series that is not there has none.
  package func history(
    _ key: String, limit: Int, _ selection: BenchmarkSelection = BenchmarkSelection()
  ) throws(Failure) -> [BenchmarkPoint] {
    try read { (database) throws(Failure) in
      var points: [BenchmarkPoint] = []
      try database.run(
        """
        SELECT run.started, run.name, result.value, result.low, result.high, result.ceiling,
          result.context, run.sensors, result.sensors, result.detailSensors, run."trigger",
          run.state, result.verdict, result.flags
        FROM result JOIN run ON run.id = result.run
        WHERE result.series = (SELECT id FROM series WHERE key = ? AND imported = ?)
          AND \(BenchmarkStore.conditions(selection))
        ORDER BY run.started DESC, run.id DESC LIMIT ?
        """, [.text(key), .number(selection.isImported ? 1 : 0), .number(limit)],
        "read the history of"
      ) { row in if let point = BenchmarkStore.point(row) { points.append(point) } }
      return points.reversed()
    }
  }

  /// The facts under which a point was measured, without readings; nil for a number that none has.
  package func context(_ id: Int) throws(Failure) -> [String: String]? {
    try read { (database) throws(Failure) in
      var facts: [String: String]?
      try database.run("SELECT facts FROM context WHERE id = ?", [.number(id)], "read facts of") {
        facts = BenchmarkStore.facts($0.text(0))
      }
      return facts
    }
  }

  /// What `BenchmarkSelection.includes` says, in the words of SQL.
  private static func conditions(_ selection: BenchmarkSelection) -> String {
    let verdicts = selection.verdicts.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    var conditions = ["result.value IS NOT NULL", "result.verdict IN (\(verdicts))"]
    conditions.append("(run.\"trigger\" = 'imported') = \(selection.isImported ? 1 : 0)")
    if !selection.includesQuick {
      conditions.append("run.quick = 0")
      conditions.append("instr(' ' || ifnull(result.flags, '') || ' ', ' quick ') = 0")
    }
    if !selection.includesDiscarded { conditions.append("run.state <> 'discarded'") }
    return conditions.joined(separator: " AND ")
  }

  private static func point(_ row: Row) -> BenchmarkPoint? {
    guard let time = row.text(0), let run = row.text(1), let value = row.real(2),
      let context = row.number(6), let trigger = row.text(10).flatMap(BenchmarkRun.Trigger.init),
      let state = row.text(11).flatMap(BenchmarkRun.State.init),
      let verdict = row.text(12).flatMap(BenchmarkResult.Verdict.init)
    else { return nil }
    // The nearer to the measurement, the better.
    let readings = facts(row.text(7)).merging(facts(row.text(8))) { _, own in own }
      .merging(facts(row.text(9))) { _, own in own }
    return BenchmarkPoint(
      time: time, run: run, value: value, low: row.real(3), high: row.real(4),
      ceiling: row.real(5), context: context, readings: readings, trigger: trigger, state: state,
      verdict: verdict, flags: flags(row.text(13)))
  }
}
