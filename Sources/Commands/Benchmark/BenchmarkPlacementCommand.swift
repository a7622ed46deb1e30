internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Linux
internal import Operations
internal import Render

extension BenchmarkCommand {
  /// `tinyboxctl benchmark placement`.
  struct Placement: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "placement",
      abstract: "Measure a device without and with its placement, and judge. Root only.",
      discussion: """
        Without a device: the trials that were made. With one, the same load runs with the \
        placement of the device off and on, in pairs whose order alternates. Off means the \
        original settings, and a load that runs wherever the kernel puts it; on means the \
        settings of the plan, and the load on the CPUs and memory of the device's node. After 8, \
        12, 16, 20 and 24 pairs it looks whether they decide: gain, worse (also when the slow \
        tail loses more than the median gains), or at last no gain shown.

        Every setting is as it was found afterwards, also after Ctrl-C, and after a kill -9 of \
        either program. tinyboxd corrects nothing meanwhile. Drives are only read.

        Exit status: 0 gain or no gain shown, 1 worse or failed, 130 stopped.
        """)
    static var documents: [PrintedDocument] {
      [
        .init(BenchmarkTrialsDocument.self),
        .init(BenchmarkTrialDocument.self, arguments: "DEVICE"),
      ]
    }

    @Argument(help: "A drive, network interface or GPU, by any name that 'devices' takes.")
    var device: String?
    @Flag(name: .customLong("dry-run"), help: "Only show what would be switched and measured.")
    var isDry = false
    @OptionGroup var trial: TrialOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      var isWorse = false
      var stopped: TrialFollower.Stopped?
      try perform { () throws(Failure) in
        let session = reading.session
        let style = display.display.style
        guard let device else {
          try trial.refuse(without: "a device")
          let document = try BenchmarkSource().document(
            BenchmarkTrialsDocument.self, "trials", "/v1/benchmarks/trials")
          return try Output.write(
            try session.text(document) { TrialTable.render(document, style) })
        }
        let tried: BenchmarkTrialDocument.Device
        if isDry || reading.sysroot != nil {
          tried = try plan(device)
        } else {
          try check(device)
          do {
            tried = try TrialFollower(trial: trial, policy: policy.policy, style: style).run(device)
          } catch let failure as Failure {
            throw failure
          } catch let stop as TrialFollower.Stopped {
            stopped = stop
            return
          } catch {
            throw Failure("try the placement of \(device)", error)
          }
        }
        let document = BenchmarkTrialDocument([tried])
        isWorse = tried.loads.contains { $0.trial?.verdict == .worse }
        try Output.write(try session.text(document) { TrialTable.render(document, style) })
      }
      if let stopped { throw TrialFollower.stop(stopped) }
      if isWorse { throw ExitCode(1) }
    }

    /// What a trial would do.
    private func plan(_ device: String) throws(Failure) -> BenchmarkTrialDocument.Device {
      try TrialPreparation(
        device, trial.options, loads: trial.loads, onlyChanges: false,
        reading.session.placement(policy.policy)
      ).planned
    }

    private func check(_ device: String) throws(Failure) {
      if !CallingUser.isRoot {
        throw Failure(
          "try the placement of \(device)", because: "only root may change settings",
          hint: "run it with sudo; --dry-run shows what it would do", code: .notPermitted)
      }
    }
  }
}
