internal import API
internal import Base
internal import Benchmarks
internal import Events
internal import History

/// What this machine delivers, and has delivered.
extension Endpoints {
  static let benchmarks: [Endpoint<Service>] = [
    .get(
      "benchmarkSeries", "/v1/benchmarks/series", "Every series with its newest figures."
    ) { service, _ in
      try Encoded(
        try service.benchmarks.read { (store) throws(Failure) in try store.seriesDocument() })
    },

    .get(
      "benchmarkHistory", "/v1/benchmarks/history", "The history of a series and what it shows.",
      [series], problems: [404]
    ) { service, call in
      try Encoded(
        try service.benchmarks.read { (store) throws(Failure) in
          try store.document(of: call.text(series) ?? "")
        })
    },

    .get(
      "benchmarkRuns", "/v1/benchmarks/runs", "The last hundred runs, without their results."
    ) { service, _ in
      try Encoded(
        BenchmarkRunsDocument(
          try service.benchmarks.readRuns { (store) throws(Failure) in try store.runs(limit: 100) })
      )
    },

    .get("benchmarkRun", "/v1/benchmarks/runs/{run}", "A run with its results.", [run]) {
      service, call in
      let id = call.segment(run)
      let found = try service.benchmarks.readRuns { (store) throws(Failure) in try store.run(id) }
      guard let run = found else {
        throw Failure("show run '\(id)'", because: "there is no such run", code: .notFound)
      }
      return try Encoded(run)
    },

    .get(
      "benchmarkChanges", "/v1/benchmarks/changes",
      "Declines, suspicions and changed facts that nobody has acknowledged."
    ) { service, _ in
      try Encoded(
        try service.benchmarks.read { (store) throws(Failure) in try store.summary().document })
    },

    .get(
      "benchmarkTrials", "/v1/benchmarks/trials", "The trials of the placement of devices."
    ) { service, _ in
      try Encoded(try service.benchmarks.trials())
    },

    .get(
      "benchmarkProgress", "/v1/benchmarks/progress",
      "What the run that is going on does, or how the last one ended.", problems: [404]
    ) { service, _ in
      guard let progress = try service.benchmarks.progress() else {
        throw Failure(
          "show the progress", because: "no run was made since this machine started",
          code: .notFound)
      }
      return try Encoded(progress)
    },

    .post(
      "startBenchmark", "/v1/benchmarks/start", "Starts a run.", [options], problems: [409]
    ) { service, call in
      do {
        let options = try JSON.decode(
          BenchmarkOptions.self, from: (call.text(options) ?? "{}").utf8)
        return try Encoded(try service.benchmarks.start(options))
      } catch let error as DecodingError {
        throw Failure("understand the options", because: "\(error)", code: .usage)
      }
    },

    .post("stopBenchmark", "/v1/benchmarks/stop", "Ends the run that is going on.") {
      service, _ in
      try service.benchmarks.stop()
      return try Encoded(
        try service.benchmarks.progress()
          ?? BenchmarkProgress(
            run: "", state: .aborted, measuring: nil, done: 0, planned: 0, secondsLeft: 0,
            processID: 0))
    },

    .post(
      "acknowledgeChange", "/v1/benchmarks/acknowledge", "Marks a change as seen.", [change],
      problems: [404]
    ) { service, call in
      try Encoded(
        try service.benchmarks.read { (store) throws(Failure) in
          try store.acknowledge(call.integer(change) ?? 0)
          return try store.summary().document
        })
    },

    // tinybox-benchmark calls it at the end of a run: events come from one program.
    .post(
      "reportBenchmark", "/v1/benchmarks/report", "Records events for what a run has shown.",
      [changes]
    ) { service, call in
      let wanted = Set((call.text(changes) ?? "").split(separator: ".").compactMap { Int($0) })
      var document = try service.benchmarks.read { (store) throws(Failure) in
        try store.summary().document
      }
      document.changes.removeAll { !wanted.contains($0.id) }
      service.log.record(BenchmarkEvents.drafts(document.changes))
      return try Encoded(document)
    },
  ]

  private static let series = Parameter.text(
    "series", "key of the series", example: "memory.triad/cpu0-memory0")
  private static let run = Parameter.text("run", "id of the run", example: "00c0ffee00c0ffee")
  private static let options = Parameter.text(
    "options", "what to measure: the JSON of `BenchmarkOptions`; without it, everything",
    example: "{}")
  private static let change = Parameter.integer(
    "change", "number of the change", in: 1...Int(Int32.max), example: 1)
  private static let changes = Parameter.text(
    "changes", "numbers of the changes, with dots in between", example: "1.2")
}

/// Events of what histories show: one for each cause, however many series show it.
enum BenchmarkEvents {
  static func drafts(_ changes: [BenchmarkChange]) -> [EventDraft] {
    changes.byCause.compactMap { group in
      guard let first = group.first else { return nil }
      let rest = group.count == 1 ? "" : " and \(group.count - 1) more"
      let why =
        first.explanation.isEmpty ? "no known cause" : first.explanation.joined(separator: "; ")
      let what = "\(first.series)\(rest)"
      let amount = first.amount.map { ": \($0)" } ?? ""
      switch first.verdict {
      case .suspicion:
        return EventDraft(.benchmarkSuspected, "\(what) may be worse\(amount); \(why)")
      case .decline: return EventDraft(.benchmarkDeclined, "\(what) is worse\(amount); \(why)")
      case .drift: return EventDraft(.benchmarkDeclined, "\(what) gets worse slowly: \(why)")
      case .improvement:
        return EventDraft(.benchmarkImproved, "\(what) is better\(amount); \(why)")
      case .contextChange:
        return EventDraft(.benchmarkContextChanged, "\(what) measured under other facts: \(why)")
      }
    }
  }
}
