internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Linux
internal import Render

extension BenchmarkCommand {
  /// `tinyboxctl benchmark run`.
  struct RunBenchmarks: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Measure, and compare with physics and with before.",
      discussion: """
        tinyboxd starts tinybox-benchmark.service, which measures; without tinyboxd, root \
        measures directly. Ctrl-C ends the run: what was measured until then is kept, nothing is \
        left running and nothing is changed. A device in use is left out, and its holder is named.

        Exit status: 0 measured, 1 a measurement failed, 130 stopped.
        """)
    static var documents: [PrintedDocument] { [.init(BenchmarkRun.self)] }

    @Argument(
      help: "Suites, such as memory or nvme; all without one.",
      completion: .list(SuitePlans.all.map { $0.info.name }))
    var suites: [String] = []
    @Flag(help: "A shorter run; its figures are no part of the history that is judged.")
    var quick = false
    @Option(
      name: .customLong("device"),
      help: ArgumentHelp("Only this device; may be given several times.", valueName: "device"))
    var devices: [String] = []
    @Option(
      help: ArgumentHelp(
        "Write to this file, or to a new one in this folder.", valueName: "file|dir"),
      completion: .file())
    var scratch: String?
    @Option(
      name: .customLong("consent-serial"),
      help: ArgumentHelp(
        "Overwrite the drive with this serial number: all data on it is lost.",
        valueName: "serial"))
    var consentSerials: [String] = []
    @Option(
      help: ArgumentHelp("Address of a machine where 'iperf3 -s' runs.", valueName: "address"))
    var peer: String?
    @Option(help: ArgumentHelp("Send from this address.", valueName: "address"))
    var local: String?
    @Option(help: ArgumentHelp("An NFS server and its export.", valueName: "address:/export"))
    var nfs: String?
    @Flag(help: "Wait for devices in use.") var wait = false
    @Flag(help: "Also show how each ceiling comes about.") var explain = false
    @OptionGroup var output: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      var isComplete = true
      var isStopped = false
      try perform { () throws(Failure) in
        try check()
        let options = options
        try SuitePlans.check(suites)
        let run = try measure(options)
        Output.endProgress()
        try Output.write(
          try Session(json: output.json).text(run) {
            BenchmarkTable.render(run, display.display.style, explain: explain)
          })
        isStopped = run.state != .done
        isComplete = !run.results.contains { $0.verdict == .failed || $0.verdict == .invalid }
      }
      // As a shell has it for a program that SIGINT ended.
      if isStopped { throw ExitCode(130) }
      if !isComplete { throw ExitCode(1) }
    }

    /// What is given must mean something: an empty path would be the folder of the caller.
    private func check() throws(Failure) {
      for (name, value) in [
        ("--scratch", scratch), ("--peer", peer), ("--local", local), ("--nfs", nfs),
      ] where value?.isEmpty == true {
        throw Failure("use \(name)", because: "it is empty", code: .usage)
      }
      if let nfs, nfs.hasPrefix(":") || !nfs.contains(":/") {
        throw Failure(
          "use --nfs '\(nfs)'", because: "it is not SERVER:/EXPORT, such as 10.0.0.2:/export",
          code: .usage)
      }
    }

    private var options: BenchmarkOptions {
      var options = BenchmarkOptions()
      options.suites = suites
      options.isQuick = quick
      options.devices = devices
      options.scratch = scratch.map(BenchmarkProgram.absolute)
      options.consentSerials = consentSerials
      options.networkPeer = peer
      options.networkLocal = local
      options.nfsServer = nfs
      options.waits = wait
      return options
    }

    private func measure(_ options: BenchmarkOptions) throws(Failure) -> BenchmarkRun {
      // The unit sees every place but its own read only.
      if options.scratch != nil { return try measureDirectly(options, because: nil) }
      do {
        let text = String(decoding: try JSON.line(options), as: UTF8.self)
        let before = try DaemonClient.document(
          BenchmarkProgress.self,
          "/v1/benchmarks/start?options=\(PercentEncoding.encode(text))", method: "POST")
        return try followUnit(after: before.run)
      } catch let absence as DaemonClient.Absence {
        return try measureDirectly(options, because: absence.reason)
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure("ask tinyboxd", error)
      }
    }

    // MARK: by the unit

    /// Seconds within which a run has begun: it reads the machine and its history first.
    private static var beginSeconds: Double { 120 }

    /// Follows the unit until it ends; Ctrl-C ends it.
    /// - Parameter before: id of the run before it.
    private func followUnit(after before: String) throws -> BenchmarkRun {
      let signals = try SignalReader()
      var end = Clock.seconds() + Self.beginSeconds
      var isStopped = false
      while true {
        if signals.next() != nil {
          isStopped = true
          end = Clock.seconds() + 15
          _ = try? DaemonClient.document(
            BenchmarkProgress.self, "/v1/benchmarks/stop", method: "POST")
        }
        Clock.sleep(seconds: 0.3)
        if let progress = try progress(), progress.run != before {
          BenchmarkProgram.show(progress, display.display.style)
          if progress.state != .running {
            return try DaemonClient.document(
              BenchmarkRun.self, "/v1/benchmarks/runs/\(progress.run)")
          }
        } else if Clock.seconds() > end {
          if isStopped {
            throw Failure("finish the run", because: "it was stopped before it began to measure")
          }
          throw Failure(
            "follow the run", because: "tinybox-benchmark.service has not begun to measure",
            hint: "'journalctl -u tinybox-benchmark' shows why")
        }
      }
    }

    private func progress() throws -> BenchmarkProgress? {
      do {
        return try DaemonClient.document(BenchmarkProgress.self, "/v1/benchmarks/progress")
      } catch let failure as Failure where failure.code == .notFound {
        return nil
      }
    }

    // MARK: without tinyboxd

    private func measureDirectly(
      _ options: BenchmarkOptions, because reason: String?
    ) throws(Failure) -> BenchmarkRun {
      var arguments = [
        "run", "--options", String(decoding: try JSON.line(options), as: UTF8.self),
      ]
      if !CallingUser.isRoot {
        arguments.append("--no-store")
        Output.note(
          "results are not kept, and drives and other nodes may be out of reach: this is not root"
            + (reason.map { ", and tinyboxd is not there (\($0))" } ?? ""))
      }
      let outcome = try BenchmarkProgram.follow(
        arguments, deadlineSeconds: 86_400, graceSeconds: 5, display.display.style)
      let lines = outcome.output.split(separator: 0x0a)
      for line in lines.reversed() {
        if let run = try? JSON.decode(BenchmarkRun.self, from: line), !run.started.isEmpty {
          BenchmarkProgram.note(outcome)
          return run
        }
      }
      throw BenchmarkProgram.failure(outcome)
    }
  }
}
