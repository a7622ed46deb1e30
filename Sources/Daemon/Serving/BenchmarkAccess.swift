internal import Base
internal import Benchmarks
internal import Events
internal import History
internal import Linux
internal import Synchronization
internal import Systemd
internal import Version

/// The benchmarks of this machine: their history, and the unit that measures.
final class BenchmarkAccess: Sendable {
  /// The unit that measures: tinyboxd's own sandbox could not load drives, GPUs and network.
  static let unit = "tinybox-benchmark.service"
  /// What the unit keeps current while it runs.
  private static let progressFile = "/run/tinybox-benchmark/progress.json"

  private let folder: String
  private let record: @Sendable ([EventDraft]) -> Void
  private let opened = Mutex<BenchmarkStore?>(nil)
  /// What was read last, and of which version of the database.
  private let known = Mutex<(version: [Int], summary: BenchmarkSummary)?>(nil)

  /// - Parameters:
  ///   - folder: of the state.
  ///   - record: takes events.
  init(folder: String, record: @escaping @Sendable ([EventDraft]) -> Void = { _ in }) {
    self.folder = folder
    self.record = record
  }

  /// The history. Opened when somebody first asks.
  func store() throws(Failure) -> BenchmarkStore {
    let path = folder + "/benchmarks.db"
    return try opened.withLock { (opened) throws(Failure) in
      if let opened { return opened }
      let new = try BenchmarkStore.open(path, program: Version.number, time: WallClock.now())
      if let aside = new.putAside {
        record([
          EventDraft(
            .benchmarkHistoryPutAside,
            "\(path) was damaged (\(aside.failure.reason)); it is kept as \(aside.path), and a new "
              + "history was begun")
        ])
      }
      opened = new.store
      return new.store
    }
  }

  /// What the history shows now: for checks and metrics, which ask every few seconds. Read again when the
  /// database has changed. Nil where nothing was measured yet; no database is made for it.
  func summary() throws(Failure) -> BenchmarkSummary? {
    do throws(Errno) {
      _ = try StampedFile.stamp(folder + "/benchmarks.db")
    } catch {
      if error == .ENOENT { return nil }
      throw Failure("read \(folder)/benchmarks.db", error)
    }
    let store = try store()
    return try known.withLock { (known) throws(Failure) in
      // Before the reading: what is written meanwhile is read the next time.
      let version = try store.version()
      let summary: BenchmarkSummary
      if let known, known.version == version {
        summary = known.summary
      } else {
        summary = try store.summary()
        known = (version, summary)
      }
      // Whoever asked for a list of series has made an empty database.
      return summary.series.isEmpty && summary.changes.isEmpty ? nil : summary
    }
  }

  /// What a run is doing, or how the last one ended; nil since the last start of the machine.
  func progress() throws(Failure) -> BenchmarkProgress? {
    let text: [UInt8]
    do throws(Errno) {
      text = try StampedFile.read(BenchmarkAccess.progressFile, limit: 1 << 16).bytes
    } catch {
      if error == .ENOENT { return nil }
      throw Failure("read \(BenchmarkAccess.progressFile)", error)
    }
    guard let progress = try? JSON.decode(BenchmarkProgress.self, from: text) else { return nil }
    // A run that was killed left its last word.
    if progress.state == .running, !FileLocks.isAlive(progress.processID) {
      var ended = progress
      ended.state = .aborted
      return ended
    }
    return progress
  }

  /// Starts a run.
  /// - Returns: progress with the id of the run before: the new one has none yet.
  /// - Throws: `Failure` (`busy`) when one is going on.
  func start(_ options: BenchmarkOptions) throws(Failure) -> BenchmarkProgress {
    if let progress = try progress(), progress.state == .running {
      throw Failure(
        "start a run", because: "another one is going on (\(progress.measuring ?? progress.run))",
        hint: "wait for its end, or 'tinyboxctl benchmark stop'", code: .busy)
    }
    if options.scratch != nil {
      throw Failure(
        "start a run with a scratch file",
        because: "\(BenchmarkAccess.unit) sees every place but its own read only",
        hint: "'sudo tinyboxctl benchmark run --scratch ...' measures without it", code: .conflict)
    }
    let path = folder + "/benchmark.request"
    // The unit takes it when it starts: until then another caller is refused, or would follow this run.
    if let stamp = try? StampedFile.read(path, limit: 1 << 20),
      let waiting = try? JSON.decode(BenchmarkRequest.self, from: stamp.bytes),
      waiting.isFresh(boot: try BootID.current(), seconds: Clock.seconds())
    {
      throw Failure(
        "start a run", because: "another one is starting", hint: "try again in a minute",
        code: .busy)
    }
    var options = options
    options.trigger = .manual
    let request = BenchmarkRequest(
      options, boot: try BootID.current(), seconds: Clock.seconds())
    try DurableFile.write(try JSON.line(request), to: path, access: .init(mode: 0o600))
    // Of the run before: this one has another id, once it has begun.
    let before = try progress()?.run ?? ""
    do throws(Failure) {
      try queue(stop: false)
    } catch {
      try? DurableFile.remove(path)
      throw error
    }
    return BenchmarkProgress(
      run: before, state: .running, measuring: nil, done: 0, planned: 0, secondsLeft: 0,
      processID: 0)
  }

  /// Ends the run that is going on.
  func stop() throws(Failure) { try queue(stop: true) }

  private func queue(stop: Bool) throws(Failure) {
    do throws(LibraryError) {
      try SystemManager.queue(stop: stop, BenchmarkAccess.unit)
    } catch {
      throw Failure("\(stop ? "stop" : "start") \(BenchmarkAccess.unit)", error)
    }
  }
}
