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
  private let opened = Mutex(Opened())
  /// What was read last, from which store, and of which version of the database.
  private let known = Mutex<(store: BenchmarkStore, version: [Int], summary: BenchmarkSummary)?>(
    nil)

  /// The store that is open.
  private struct Opened {
    /// Nil before it is first asked for, and after it was found damaged.
    var store: BenchmarkStore?
    /// Its file; nil before one was opened.
    var file: FileStamp?
  }

  /// - Parameters:
  ///   - folder: of the state.
  ///   - record: takes events.
  init(folder: String, record: @escaping @Sendable ([EventDraft]) -> Void = { _ in }) {
    self.folder = folder
    self.record = record
  }

  private var path: String { folder + "/benchmarks.db" }

  /// The history. Opened when somebody first asks, and again when another program has put it aside.
  func store() throws(Failure) -> BenchmarkStore {
    let path = path
    return try opened.withLock { (opened) throws(Failure) in
      let found = try? StampedFile.stamp(path)
      if let store = opened.store, let file = opened.file, found?.isSameFile(as: file) == true {
        return store
      }
      let new = try BenchmarkStore.open(path, program: Version.number, time: WallClock.now())
      if let aside = new.putAside {
        record([
          EventDraft(
            .benchmarkHistoryPutAside,
            "\(path) was damaged (\(aside.failure.reason)); it is kept as \(aside.path), and a new "
              + "history was begun")
        ])
      } else if let file = opened.file, let aside = aside(file) {
        record([
          EventDraft(
            .benchmarkHistoryPutAside,
            "\(path) was damaged, as another program found; it is kept as \(aside), and a new history "
              + "was begun")
        ])
      }
      // As it was before it was opened: when it was replaced in between, the next caller opens the new one.
      let file = new.putAside == nil ? found : nil
      opened = Opened(store: new.store, file: file ?? (try? StampedFile.stamp(path)))
      return new.store
    }
  }

  /// Where a file lies that was put aside; nil where it was not.
  private func aside(_ file: FileStamp) -> String? {
    let names = (try? FolderNames.list(folder)) ?? []
    return names.filter { $0.hasPrefix("benchmarks.db.damaged-") }.map { folder + "/" + $0 }
      .first { (try? StampedFile.stamp($0))?.isSameFile(as: file) == true }
  }

  /// Asks the history. One that turns out to be damaged is checked, and put aside, when it is asked again.
  func read<Answer>(
    _ body: (BenchmarkStore) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let store = try store()
    do throws(Failure) {
      return try body(store)
    } catch {
      if error.isDamage {
        opened.withLock { opened in if opened.store === store { opened.store = nil } }
      }
      throw error
    }
  }

  /// Asks the history for runs: one whose process is gone is not going on.
  func readRuns<Answer>(
    _ body: (BenchmarkStore) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let lock = path + ".lock"
    return try read { (store) throws(Failure) in
      try store.markAborted(lock: lock)
      return try body(store)
    }
  }

  /// What the history shows now: for checks and metrics, which ask every few seconds. Read again when the
  /// database has changed. Nil where nothing was measured yet; no database is made for it.
  func summary() throws(Failure) -> BenchmarkSummary? {
    if !(try exists()) { return nil }
    return try read { (store) throws(Failure) in
      try known.withLock { (known) throws(Failure) in
        // Before the reading: what is written meanwhile is read the next time.
        let version = try store.version()
        let summary: BenchmarkSummary
        if let known, known.store === store, known.version == version {
          summary = known.summary
        } else {
          summary = try store.summary()
          known = (store, version, summary)
        }
        // Whoever asked for a list of series has made an empty database.
        return summary.series.isEmpty && summary.changes.isEmpty ? nil : summary
      }
    }
  }

  /// The trials of placement. No database is made for them.
  /// - Parameter onlyLast: only the last of each series.
  func trials(onlyLast: Bool = false) throws(Failure) -> BenchmarkTrialsDocument {
    if !(try exists()) { return BenchmarkTrialsDocument([], hasHistory: false) }
    return BenchmarkTrialsDocument(
      try read { (store) throws(Failure) in try store.trials(onlyLast: onlyLast) })
  }

  private func exists() throws(Failure) -> Bool {
    do throws(Errno) {
      _ = try StampedFile.stamp(path)
      return true
    } catch {
      if error == .ENOENT { return false }
      throw Failure("read \(path)", error)
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
