internal import Base
internal import Benchmarks

extension BenchmarkStore {
  /// Stores a result.
  /// - Parameters:
  ///   - run: the number of its run.
  ///   - context: facts of its run, without readings.
  ///   - isImported: whether another machine measured it.
  ///   - time: when it was measured; nil where that is not known.
  static func insert(
    _ result: BenchmarkResult, run: Int, context: [String: String], isImported: Bool,
    time: String?, _ database: borrowing Database
  ) throws(Failure) {
    let series = try number(of: result.series, isImported: isImported, database)
    let own = BenchmarkFacts(result.context)
    // Numbers differ each time, as readings do, but no history asks for them.
    let numbers = result.details.filter { isNumber($0.key, $0.value) }
    let details = BenchmarkFacts(result.details.filter { !isNumber($0.key, $0.value) })
    let merged = context.merging(own.stable) { _, own in own }
    let contextNumber = try database.shared(json(merged), in: "context")
    let ownContext = try own.stable.isEmpty ? nil : database.shared(json(own.stable), in: "context")
    let why = try result.ceiling.map { (ceiling) throws(Failure) in
      try database.shared(json(ceiling), in: "shared")
    }
    let method =
      try details.stable.isEmpty ? nil : database.shared(json(details.stable), in: "shared")
    let values: [Value?] = [
      .number(run), .number(series), .number(contextNumber), ownContext.map(Value.number),
      time.map(Value.text), .text(result.verdict.rawValue), result.reason.map(Value.text),
      result.value.map(Value.real), result.low.map(Value.real), result.high.map(Value.real),
      result.spread.map(Value.real), .number(result.dropped),
      result.ceiling?.value.map(Value.real), why.map(Value.number),
      result.ceilingShare.map(Value.real),
      result.causes.isEmpty ? nil : .text(try json(result.causes)), column(result.flags),
      method.map(Value.number), try column(own.readings), try column(details.readings),
    ]
    let marks = Array(repeating: "?", count: values.count).joined(separator: ", ")
    try database.run(
      """
      INSERT INTO result (run, series, context, ownContext, time, verdict, reason, value, low, high,
        spread, dropped, ceiling, ceilingWhy, ceilingShare, causes, flags, details,
        sensors, detailSensors) VALUES (\(marks))
      """, values, "store a result in")
    if !result.samples.isEmpty || !numbers.isEmpty {
      let row = database.lastRow
      try database.run(
        "INSERT INTO bulk VALUES (?, ?, ?)",
        [
          .number(row),
          result.samples.isEmpty ? nil : .text(try json(rounded(result.samples))),
          try column(numbers),
        ], "store samples in")
    }
  }

  /// Whether a detail is a number and not the reading of a sensor.
  private static func isNumber(_ name: String, _ value: String) -> Bool {
    Double(value) != nil && !BenchmarkFacts.isReading(name)
  }

  /// The number of a series; it is stored when it is new. Those of other machines are apart: theirs have the
  /// same keys.
  /// - Throws: `Failure` (`conflict`) for a series that had another unit or direction before: its figures
  ///   cannot be compared.
  private static func number(
    of series: BenchmarkSeries, isImported: Bool, _ database: borrowing Database
  ) throws(Failure) -> Int {
    var found: (id: Int, subject: String?, unit: String?, better: String?)?
    let place: [Value?] = [.text(series.key), .number(isImported ? 1 : 0)]
    try database.run(
      "SELECT id, subject, unit, better FROM series WHERE key = ? AND imported = ?", place,
      "look up a series of"
    ) { found = ($0.number(0) ?? 0, $0.text(1), $0.text(2), $0.text(3)) }
    guard let found else {
      try database.run(
        """
        INSERT INTO series (key, imported, suite, metric, subject, unit, better)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        place + [
          .text(series.suite), .text(series.metric), .text(series.subject),
          .text(series.unit.rawValue), .text(series.better.rawValue),
        ], "store a series in")
      return database.lastRow
    }
    if found.unit != series.unit.rawValue || found.better != series.better.rawValue {
      throw Failure(
        "store a result of the series '\(series.key)'",
        because: "its figures were in \(found.unit ?? "no unit") before, \(found.better ?? "no") "
          + "ones better, and are in \(series.unit.rawValue) now, \(series.better.rawValue) ones "
          + "better", code: .conflict)
    }
    // What it is called for people may change: the newest name is shown.
    if found.subject != series.subject {
      try database.run(
        "UPDATE series SET subject = ? WHERE id = ?",
        [.text(series.subject), .number(found.id)], "rename a series of")
    }
    return found.id
  }

  /// Every result of a run, in the order in which they were stored.
  static func results(
    run: Int, _ database: borrowing Database
  ) throws(Failure) -> [BenchmarkResult] {
    var results: [BenchmarkResult] = []
    try database.run(
      """
      SELECT s.key, s.suite, s.metric, s.subject, s.unit, s.better, r.verdict, r.reason, r.value,
        r.low, r.high, r.spread, r.dropped, why.facts, r.ceilingShare, bulk.samples, r.causes, r.flags,
        details.facts, r.detailSensors, own.facts, r.sensors, bulk.numbers
      FROM result r JOIN series s ON s.id = r.series LEFT JOIN context own ON own.id = r.ownContext
        LEFT JOIN bulk ON bulk.result = r.id LEFT JOIN shared why ON why.id = r.ceilingWhy
        LEFT JOIN shared details ON details.id = r.details
      WHERE r.run = ? ORDER BY r.id
      """, [.number(run)], "read results of"
    ) { row in if let result = result(row) { results.append(result) } }
    return results
  }

  /// A series from the six columns from `first` on. Nil for one of a unit that this version does not know,
  /// as after a downgrade.
  static func series(_ row: Row, from first: Int32 = 0) -> BenchmarkSeries? {
    guard let key = row.text(first), let suite = row.text(first + 1),
      let metric = row.text(first + 2), let subject = row.text(first + 3),
      let unit = row.text(first + 4).flatMap(BenchmarkSeries.Unit.init),
      let better = row.text(first + 5).flatMap(BenchmarkSeries.Better.init)
    else { return nil }
    let subjectKey = String(key.dropFirst("\(suite).\(metric)/".count))
    var series = BenchmarkSeries(
      suite: suite, metric: metric, subjectKey: subjectKey, subject: subject, unit: unit,
      better: better)
    series.key = key
    return series
  }

  private static func result(_ row: Row) -> BenchmarkResult? {
    guard let series = series(row),
      let verdict = row.text(6).flatMap(BenchmarkResult.Verdict.init)
    else { return nil }
    var result = BenchmarkResult(series, verdict, reason: row.text(7))
    result.value = row.real(8)
    result.low = row.real(9)
    result.high = row.real(10)
    result.spread = row.real(11)
    result.dropped = row.number(12) ?? 0
    result.ceiling = value(row.text(13))
    result.ceilingShare = row.real(14)
    result.samples = value(row.text(15)) ?? []
    result.causes = value(row.text(16)) ?? []
    result.flags = flags(row.text(17))
    result.details = facts(row.text(18)).merging(facts(row.text(19))) { stable, _ in stable }
      .merging(facts(row.text(22))) { stable, _ in stable }
    result.context = facts(row.text(20)).merging(facts(row.text(21))) { stable, _ in stable }
    return result
  }
}
