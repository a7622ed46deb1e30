package import Base
package import Benchmarks

extension BenchmarkStore {
  // MARK: changes

  /// Stores a change.
  /// - Returns: the change with its number.
  @discardableResult package func append(
    _ change: BenchmarkChange
  ) throws(Failure) -> BenchmarkChange {
    var stored = change
    stored.id = try write("store a change in") { (database) throws(Failure) in
      try database.run(
        """
        INSERT INTO change (series, at, found, before, after, z, verdict, explanation, acknowledged)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, try BenchmarkStore.columns(change), "store a change in")
      return database.lastRow
    }
    return stored
  }

  /// Stores what became of a change, such as a suspicion that was confirmed, under its number.
  package func update(_ change: BenchmarkChange) throws(Failure) {
    try write("store a change in") { (database) throws(Failure) in
      try database.run(
        """
        UPDATE change SET series = ?, at = ?, found = ?, before = ?, after = ?, z = ?, verdict = ?,
          explanation = ?, acknowledged = ? WHERE id = ?
        """, try BenchmarkStore.columns(change) + [.number(change.id)], "store a change in")
      try BenchmarkStore.requireChanged(database, "store the change \(change.id)")
    }
  }

  /// Takes changes away that the history does not show any more. No later one gets their numbers.
  func remove(_ changes: [BenchmarkChange]) throws(Failure) {
    if changes.isEmpty { return }
    try write("remove changes of") { (database) throws(Failure) in
      for change in changes {
        try database.run(
          "DELETE FROM change WHERE id = ?", [.number(change.id)], "remove a change of")
      }
    }
  }

  /// Notes that an owner has seen a change.
  package func acknowledge(_ id: Int) throws(Failure) {
    try write("acknowledge a change in") { (database) throws(Failure) in
      try database.run(
        "UPDATE change SET acknowledged = 1 WHERE id = ?", [.number(id)], "acknowledge a change in")
      try BenchmarkStore.requireChanged(database, "acknowledge the change \(id)")
    }
  }

  /// Changes in the order in which they were found.
  /// - Parameters:
  ///   - openOnly: only those that no owner has seen, and that have not recovered.
  ///   - series: only those of the series of this key.
  package func changes(
    openOnly: Bool = false, series: String? = nil
  ) throws(Failure) -> [BenchmarkChange] {
    let conditions = [
      openOnly ? "acknowledged = 0" : nil, series == nil ? nil : "series = ?",
    ].compactMap { $0 }
    return try read { (database) throws(Failure) in
      var changes: [BenchmarkChange] = []
      try database.run(
        """
        SELECT id, series, at, found, before, after, z, verdict, explanation, acknowledged
        FROM change \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
        ORDER BY id
        """, series.map { [.text($0)] } ?? [], "read changes of"
      ) { row in if let change = BenchmarkStore.change(row) { changes.append(change) } }
      return changes
    }
  }

  private static func requireChanged(
    _ database: borrowing Database, _ step: String
  ) throws(Failure) {
    if database.changedRows == 0 {
      throw Failure(step, because: "there is none of this number", code: .notFound)
    }
  }

  private static func columns(_ change: BenchmarkChange) throws(Failure) -> [Value?] {
    [
      .text(change.series), .text(change.time), .text(change.foundAt),
      change.before.map(Value.real), change.after.map(Value.real), change.z.map(Value.real),
      .text(change.verdict.rawValue), .text(try json(change.explanation)),
      .number(change.acknowledged ? 1 : 0),
    ]
  }

  /// Nil for a verdict that this version does not know, as after a downgrade.
  private static func change(_ row: Row) -> BenchmarkChange? {
    guard let id = row.number(0), let series = row.text(1), let time = row.text(2),
      let foundAt = row.text(3), let verdict = row.text(7).flatMap(BenchmarkChange.Verdict.init)
    else { return nil }
    var change = BenchmarkChange(
      series: series, time: time, foundAt: foundAt, before: row.real(4), after: row.real(5),
      z: row.real(6), verdict: verdict, explanation: value(row.text(8)) ?? [])
    change.id = id
    change.acknowledged = row.number(9) == 1
    return change
  }

  // MARK: trials of placement

  /// Stores a trial.
  /// - Returns: the trial with its number.
  @discardableResult package func append(
    _ trial: BenchmarkTrial
  ) throws(Failure) -> BenchmarkTrial {
    var stored = trial
    stored.id = try write("store a trial in") { (database) throws(Failure) in
      try database.run(
        """
        INSERT INTO placementTrial (time, device, series, plan, pairs, ratio, low, high, looks,
          verdict, conditions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(trial.time), .text(trial.device), .text(trial.series), .text(trial.plan),
          .text(try BenchmarkStore.json(trial.pairs)), .real(trial.ratio), .real(trial.low),
          .real(trial.high), .number(trial.looks), .text(trial.verdict.rawValue),
          try trial.conditions.map { (now) throws(Failure) in .text(try BenchmarkStore.json(now)) },
        ], "store a trial in")
      return database.lastRow
    }
    return stored
  }

  /// Trials in the order in which they were stored.
  /// - Parameters:
  ///   - device: only those of this device.
  ///   - onlyLast: only the last of each series.
  package func trials(
    device: String? = nil, onlyLast: Bool = false
  ) throws(Failure) -> [BenchmarkTrial] {
    try read { (database) throws(Failure) in
      var trials: [BenchmarkTrial] = []
      try database.run(
        """
        SELECT id, time, device, series, plan, pairs, ratio, low, high, looks, verdict,
          conditions
        FROM placementTrial WHERE \(device == nil ? "1" : "device = ?") AND
          \(onlyLast ? "id IN (SELECT max(id) FROM placementTrial GROUP BY series)" : "1")
        ORDER BY id
        """, device.map { [.text($0)] } ?? [], "read trials of"
      ) { row in if let trial = BenchmarkStore.trial(row) { trials.append(trial) } }
      return trials
    }
  }

  /// Nil for a verdict that this version does not know, as after a downgrade.
  private static func trial(_ row: Row) -> BenchmarkTrial? {
    guard let id = row.number(0), let time = row.text(1), let device = row.text(2),
      let series = row.text(3), let plan = row.text(4),
      let pairs: [BenchmarkTrial.Pair] = value(row.text(5)), let ratio = row.real(6),
      let low = row.real(7), let high = row.real(8), let looks = row.number(9),
      let verdict = row.text(10).flatMap(BenchmarkTrial.Verdict.init)
    else { return nil }
    var trial = BenchmarkTrial(
      time: time, device: device, series: series, plan: plan, pairs: pairs, ratio: ratio, low: low,
      high: high, looks: looks, verdict: verdict, conditions: value(row.text(11)))
    trial.id = id
    return trial
  }
}
