import ArgumentParser
internal import Base
internal import BenchmarkRunner
internal import Benchmarks
internal import Configuration
internal import History
internal import Inventory
internal import Linux
internal import LoadKernels
internal import Operations
internal import Version

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure. Prints progress and, last, the run.")

  @Option(help: ArgumentHelp("What to measure, as JSON.", valueName: "json"))
  var options: String?
  @Option(
    help: ArgumentHelp(
      "Read what to measure from this file and remove it; without it the run is a scheduled one.",
      valueName: "file"))
  var request: String?
  @Option(help: ArgumentHelp("Keep the progress in this file too.", valueName: "file"))
  var progress: String?
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    try ended {
      // Before any thread is made, so that all have the signals blocked.
      let signals = try SignalReader()
      let stop = StopFlag()
      Task.detached { watch(signals, stop) }
      // Taken first, whatever becomes of this run: it must not be there for the next one.
      let asked = try asked()
      let lock = try database.lock()
      defer { withExtendedLifetime(lock) {} }
      let sink = try database.sink()
      guard let options = try asked ?? scheduled(sink) else { return }
      let reader = MachineReader()
      if options.trigger == .scheduled || options.trigger == .confirmation,
        let reason = IdleJudge.reason(try reader.inventory(.all, of: try reader.tree()))
      {
        throw Failure("start a scheduled run", because: reason, code: .busy)
      }
      let checks = FailedChecks(reader)
      var runner = BenchmarkRunner(
        options: options, program: Version.number, sink: sink,
        readMachine: { () throws(Failure) in
          var reader = reader
          reader.serials = true
          return try reader.inventory(.all, of: try reader.tree())
        },
        readSensors: { () throws(Failure) in
          try reader.inventory([.processors, .pci, .gpus, .nvme], of: try reader.tree())
        },
        progress: { report($0) }, stop: stop)
      runner.failedChecks = { checks.on($0) }
      runner.writeBudget = try writeBudget(sink.store, options)
      let run = try runner.run()
      let judged = try sink.judge(run)
      try Terminal.write(String(decoding: JSON.line(run), as: UTF8.self) + "\n")
      for change in judged {
        try Terminal.write(String(decoding: JSON.line(change), as: UTF8.self) + "\n")
      }
      record(judged)
      // Set-up shows it. A mark that cannot be kept spoils no measurement.
      if options.trigger == .scheduled, run.state == .done {
        try? SetupOperations.keepFullBaseline()
      }
      if run.state != .done { throw ExitCode(130) }
    }
  }

  /// Has tinyboxd record events for new changes, where it runs: all events come from one program.
  private func record(_ changes: [BenchmarkChange]) {
    if changes.isEmpty { return }
    let numbers = changes.map { "\($0.id)" }.joined(separator: ".")
    let socket = Terminal.environment("TINYBOX_SOCKET") ?? "/run/tinybox/api.sock"
    _ = try? UnixClient.request(
      socket: socket, method: "POST", path: "/v1/benchmarks/report?changes=\(numbers)",
      timeoutSeconds: 30)
  }

  /// What somebody asked for; nil when nobody did, and the timer started it.
  /// - Throws: `Failure` when the request is malformed, or was not made just now.
  private func asked() throws(Failure) -> BenchmarkOptions? {
    if let options {
      do {
        return try JSON.decode(BenchmarkOptions.self, from: options.utf8)
      } catch {
        throw Failure("understand --options", error, code: .usage)
      }
    }
    guard let path = request else { return nil }
    let text: [UInt8]
    do throws(Errno) {
      text = try StampedFile.read(path, limit: 1 << 20).bytes
    } catch {
      if error == .ENOENT { return nil }
      throw Failure("read \(path)", error)
    }
    try DurableFile.remove(path)
    let request: BenchmarkRequest
    do {
      request = try JSON.decode(BenchmarkRequest.self, from: text)
    } catch {
      throw Failure("understand \(path)", error)
    }
    guard request.isFresh(boot: try BootID.current(), seconds: Clock.seconds()) else {
      throw Failure(
        "carry out \(path)", because: "it was not made just now; it was removed",
        hint: "ask again: 'tinyboxctl benchmark run'", code: .conflict)
    }
    return request.options
  }

  /// What the timer's run of this night measures; nil when nothing is due.
  private func scheduled(_ sink: StoreSink) throws(Failure) -> BenchmarkOptions? {
    let due = try sink.store?.scheduledRun(now: WallClock.now()) ?? .everything
    guard var options = due.options else { return nil }
    // A mistake in the files keeps nobody from measuring this machine alone.
    let settings = try? ServiceSettings.read(.live).benchmark
    options.networkPeer = settings?.peer?.value
    options.nfsServer = settings?.nfs?.value
    return options
  }

  /// What the run may write, by the configuration and what the last 7 days wrote; nil where that is not known.
  private func writeBudget(
    _ store: BenchmarkStore?, _ options: BenchmarkOptions
  ) throws(Failure) -> WriteBudget? {
    // A mistake in a file keeps only a run from starting that writes.
    if options.scratch == nil, options.consentSerials.isEmpty { return nil }
    let settings: ServiceSettings
    do throws(ConfigurationFailure) {
      settings = try ServiceSettings.read(.live)
    } catch {
      throw Failure("use the configuration", because: error.description, code: .usage)
    }
    var written = try store?.writtenBytes(now: WallClock.now())
    // Who asks for it at a terminal may write what the week has, as if nothing was written before.
    if written == nil, options.trigger == .manual { written = [:] }
    return written.map {
      WriteBudget(bytesPerWeek: settings.benchmark.driveWriteBytes, written: $0)
    }
  }

  private func report(_ now: BenchmarkProgress) {
    guard let line = try? JSON.line(now) else { return }
    try? Terminal.write(String(decoding: line, as: UTF8.self) + "\n")
    // Whoever follows the unit reads it at any time; a file that cannot be written stops no measurement.
    if let progress { try? DurableFile.write(line, to: progress, access: .init(mode: 0o644)) }
  }
}

/// Ends the run at SIGTERM and SIGINT.
func watch(_ signals: SignalReader, _ stop: StopFlag) {
  var poller = Poller()
  while !stop.isStopped {
    _ = try? poller.wait([(signals.descriptor, false)], seconds: nil)
    // SIGHUP, of a terminal that went away, ends it too.
    if signals.next() != nil { stop.stop() }
  }
}
