internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Linux
internal import Render

extension BenchmarkCommand {
  /// `tinyboxctl benchmark soak`.
  struct Soak: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "soak",
      abstract: "Load everything at once, watch for errors, and judge. Root only.",
      discussion: """
        For a new box, and after a repair. CPUs and memory compute with known results, drives are \
        read; temperatures, power, clocks, links, ECC, PCIe and drive errors are watched. It ends \
        at once when a temperature reaches its critical limit, a result is wrong, or Ctrl-C is \
        pressed. Nothing is written to any drive, and no setting is changed. A device in use is \
        left out, and its holder is named.

        Exit status: 0 pass, 1 warn, 2 fail, 3 it could not be made.
        """)
    static var documents: [PrintedDocument] { [.init(SoakReport.self)] }

    @Option(help: ArgumentHelp("Minutes that it runs.", valueName: "minutes"))
    var minutes = 60.0
    @Option(
      help: ArgumentHelp(
        "Refused: only this machine can be loaded.", valueName: "dir", visibility: .private))
    var sysroot: String?
    @OptionGroup var output: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      var verdict = SoakReport.Verdict.fail
      // 1 means warn here.
      try Self.perform(failed: 3) { () throws(Failure) in
        try check()
        let report = try soak()
        Output.endProgress()
        verdict = report.verdict
        try Output.write(
          try Session(json: output.json).text(report) {
            SoakTable.render(report, display.display.style)
          })
      }
      switch verdict {
      case .pass: break
      case .warn: throw ExitCode(1)
      case .fail: throw ExitCode(2)
      }
    }

    private func check() throws(Failure) {
      if sysroot != nil {
        throw Failure(
          "soak a recording", because: "only a machine can be loaded",
          hint: "run it without --sysroot", code: .usage)
      }
      // 7 days, in minutes.
      guard minutes.isFinite, minutes * 60 >= 1, minutes <= 10_080 else {
        throw Failure(
          "soak for \(minutes) minutes", because: "it must be from 1 s to 7 days", code: .usage)
      }
      if !CallingUser.isRoot {
        throw Failure(
          "soak this machine", because: "only root may load every device", hint: "run it with sudo",
          code: .notPermitted)
      }
    }

    private func soak() throws(Failure) -> SoakReport {
      let seconds = minutes * 60
      // A drive that does not answer takes these seconds to be given up.
      let outcome = try BenchmarkProgram.follow(
        ["soak", "--seconds", "\(seconds)"], deadlineSeconds: seconds + 120, graceSeconds: 30,
        display.display.style)
      guard let last = outcome.output.split(separator: 0x0a).last,
        let report = try? JSON.decode(SoakReport.self, from: last),
        report.schema == SoakReport.currentSchema
      else { throw BenchmarkProgram.failure(outcome) }
      return report
    }
  }
}
