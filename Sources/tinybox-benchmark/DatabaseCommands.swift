import ArgumentParser
internal import Base
internal import BenchmarkRunner
internal import Benchmarks
internal import Glibc
internal import History
internal import Linux
internal import Version

/// Which database.
struct DatabaseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The database of results.", valueName: "file"))
  var store = "/var/lib/tinybox/benchmarks.db"
  @Flag(help: "Keep no results.") var noStore = false

  /// The database, made when it is missing.
  func open() throws(Failure) -> BenchmarkStore {
    let opened = try BenchmarkStore.open(store, program: Version.number, time: WallClock.now())
    if let aside = opened.putAside {
      try? Terminal.write(
        "tinybox-benchmark: \(store) was damaged (\(aside.failure.reason)); it is kept as "
          + "\(aside.path), and a new one was begun\n", to: 2)
    }
    // One that was killed is not going on.
    try opened.store.markAborted(lock: store + ".lock")
    return opened.store
  }

  /// Whether there is a database: to look for trials makes none.
  func exists() throws(Failure) -> Bool {
    do throws(Errno) {
      _ = try StampedFile.stamp(store)
      return true
    } catch {
      if error == .ENOENT { return false }
      throw Failure("read \(store)", error)
    }
  }

  /// One run at a time: two at once would measure each other.
  func lock() throws(Failure) -> RunLock {
    if noStore { return try RunLock(nil) }
    // Packages make its folder; programs that were copied to a machine have none yet.
    if let slash = store.lastIndex(of: "/"), slash > store.startIndex {
      try DurableFile.makeFolder(String(store[..<slash]))
    }
    return try RunLock(store + ".lock")
  }

  /// Where the results of a run go. It holds the lock: runs that the database has as going on are not.
  func sink() throws(Failure) -> StoreSink {
    let store = noStore ? nil : try open()
    try store?.markAborted(boot: "", isAlive: { _ in false })
    return StoreSink(store: store)
  }
}

/// The lock of a run, which goes with the process.
final class RunLock {
  private let lock: FileLock?

  /// - Parameter path: of its file; nil for a run that keeps nothing.
  init(_ path: String?) throws(Failure) {
    guard let path else {
      lock = nil
      return
    }
    do throws(Errno) {
      lock = try RunLock.take(path)
    } catch {
      throw error == .EAGAIN
        ? Failure(
          "start a run", because: "another one is going on",
          hint: "'tinyboxctl benchmark run' follows it; wait for its end", code: .busy)
        : Failure("lock \(path)", error, hint: "run it with sudo")
    }
  }

  /// Tried for half a second: whoever looks whether a run is gone holds it for a moment.
  private static func take(_ path: String) throws(Errno) -> FileLock {
    for _ in 0..<5 {
      do throws(Errno) {
        return try FileLock(path)
      } catch {
        if error != .EAGAIN { throw error }
        usleep(100_000)
      }
    }
    return try FileLock(path)
  }
}

/// Keeps a run in the database, or nowhere.
struct StoreSink: BenchmarkSink {
  let store: BenchmarkStore?

  func begin(_ run: BenchmarkRun) throws(Failure) { try store?.begin(run) }

  func append(_ result: BenchmarkResult, to run: String) throws(Failure) {
    try store?.append(result, to: run, time: WallClock.now())
  }

  func finish(_ run: BenchmarkRun) throws(Failure) {
    try store?.finish(run.id, run.state, finished: run.finished ?? WallClock.now())
  }

  /// What the histories show with this run.
  func judge(_ run: BenchmarkRun) throws(Failure) -> [BenchmarkChange] {
    try store?.judge(run, now: WallClock.now()).changes ?? []
  }
}

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print a document of the database.")

  enum Document: String, ExpressibleByArgument, CaseIterable {
    case series, history, runs, run, changes, trials
  }

  @Argument(help: "Which.") var document: Document
  @Argument(help: "Key of the series, or id of the run.") var name: String?
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    try ended {
      if document == .trials, !(try database.exists()) {
        return try write(BenchmarkTrialsDocument([], hasHistory: false))
      }
      let store = try database.open()
      switch document {
      case .series: try write(try store.seriesDocument())
      case .history: try write(try store.document(of: name ?? ""))
      case .runs: try write(BenchmarkRunsDocument(try store.runs(limit: 100)))
      case .changes: try write(try store.summary().document)
      case .trials: try write(BenchmarkTrialsDocument(try store.trials()))
      case .run:
        guard let run = try store.run(name ?? "") else {
          throw Failure(
            "show run '\(name ?? "")'", because: "there is no such run", code: .notFound)
        }
        try write(run)
      }
    }
  }

  private func write(_ document: some Encodable) throws {
    try Terminal.write(try JSON.text(document))
  }
}

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print every run.")

  enum Form: String, ExpressibleByArgument, CaseIterable { case lines, csv, openmetrics }

  @Argument(help: "JSON lines, CSV or OpenMetrics.") var form: Form
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    try ended {
      let store = try database.open()
      var metrics = BenchmarkOpenMetrics()
      if form == .csv { try Terminal.write(BenchmarkCSV.header) }
      for id in try store.runIDs() {
        guard let run = try store.run(id) else { continue }
        switch form {
        case .lines:
          try Terminal.write(String(decoding: try BenchmarkLines.line(run), as: UTF8.self))
        case .csv: try Terminal.write(try BenchmarkCSV.records(run))
        case .openmetrics: metrics.add(run)
        }
      }
      if form == .openmetrics { try Terminal.write(metrics.text()) }
    }
  }
}

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Store the runs of a file.")

  @Argument(help: "A file of JSON lines.") var file: String
  @Flag(help: "They are this machine's own, from an export.") var own = false
  /// Lines that are named: of a file of something else every line is wrong.
  private static let shownLines = 5
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    try ended {
      let bytes: [UInt8]
      do throws(Errno) {
        bytes = try StampedFile.read(file, limit: 1 << 30).bytes
      } catch {
        throw Failure("read \(file)", error, code: .usage)
      }
      let report = try database.open().importLines(
        bytes, from: own ? .thisMachine : .elsewhere, now: WallClock.now())
      let counts = "\(report.stored) stored, \(report.duplicates) already there"
      guard report.rejected.isEmpty else {
        let first = report.rejected.prefix(Import.shownLines).map {
          "line \($0.line): \($0.reason)"
        }
        let rest = report.rejected.count - first.count
        throw Failure(
          "import \(Units.count(report.rejected.count, "line")) of \(file)",
          because: "no run is in them; \(counts)",
          hint: (first + (rest > 0 ? ["and \(Units.count(rest)) more"] : []))
            .joined(separator: "\n  "))
      }
      try Terminal.write(counts + "\n")
    }
  }
}

struct Acknowledge: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Mark a change as seen.")

  @Argument(help: "Number of the change.") var change: Int
  @OptionGroup var database: DatabaseOptions

  func run() throws { try ended { try database.open().acknowledge(change) } }
}

struct Discard: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Take a run out of the history.")

  @Argument(help: "Id of the run.") var id: String
  @OptionGroup var database: DatabaseOptions

  func run() throws { try ended { try database.open().discard(id, now: WallClock.now()) } }
}

/// Runs a command; a failure is printed and becomes the exit status.
func ended(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let failure as Failure {
    try? Terminal.write(
      failure.lines(of: "tinybox-benchmark").joined(separator: "\n") + "\n", to: 2)
    switch failure.code {
    case .usage: throw ExitCode(64)
    case .notPermitted: throw ExitCode(77)
    case .notFound: throw ExitCode(4)
    case .busy: throw ExitCode(75)
    default: throw ExitCode(1)
    }
  }
}
