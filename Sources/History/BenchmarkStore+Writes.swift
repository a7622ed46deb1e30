package import Base
internal import Benchmarks

extension BenchmarkStore {
  /// Milliseconds of the week that the budget of writes counts.
  private static let week: Int64 = 7 * 86_400_000

  /// Bytes that the runs of this machine wrote in the 7 days before a moment, by key of the drive; those of
  /// runs that were aborted or discarded too.
  /// - Parameter now: UTC, ISO 8601.
  /// - Returns: nil when it is not known: a run of this time was shortened to keep the database small.
  package func writtenBytes(now: String) throws(Failure) -> [String: Int]? {
    let since = BenchmarkTime.milliseconds(now).map { $0 - BenchmarkStore.week }
    return try read { (database) throws(Failure) in
      var details: [[String: String]] = []
      var isKnown = true
      try database.run(
        """
        SELECT ifnull(result.time, run.started), run.thinned, details.facts, bulk.numbers
        FROM result JOIN run ON run.id = result.run JOIN series ON series.id = result.series
          LEFT JOIN shared details ON details.id = result.details
          LEFT JOIN bulk ON bulk.result = result.id
        WHERE series.imported = 0 AND series.suite = 'nvme' AND (series.metric LIKE '%write%' OR series.metric LIKE 'file-%')
          AND result.verdict NOT IN ('skipped', 'notApplicable')
        """, [], "read what was written of"
      ) { row in
        // A time that nobody can read is no reason to leave its bytes out.
        let time = row.text(0).flatMap(BenchmarkTime.milliseconds)
        if let time, let since, time < since { return }
        if row.number(1) != 0 { isKnown = false }
        details.append(
          BenchmarkStore.facts(row.text(2)).merging(BenchmarkStore.facts(row.text(3))) { one, _ in
            one
          })
      }
      return isKnown ? WriteBudget.written(by: details) : nil
    }
  }
}
