internal import ArgumentParser
internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Operations
internal import Render

/// `tinyboxctl check`.
struct CheckCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "What is wrong, why, what it costs and what to do.",
    discussion: """
      Lists failures and warnings, worst first, and counts the other verdicts. --explain shows \
      everything about one check: evidence with the file of each fact, fix, risk, sources.

      Exit status: 0 all fine, 1 warnings, 2 failures, 3 unknown; 64 wrong usage.
      """)
  static var documents: [PrintedDocument] { [.init(HealthReport.self, arguments: "[ID...]")] }

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Argument(
    help: ArgumentHelp("Checks or areas to run; all without any.", valueName: "id"),
    completion: .list(CheckOperations.names))
  var ids: [String] = []

  @Flag(help: "Also list what is fine and what does not apply.")
  var all = false

  @Option(
    help: ArgumentHelp("Everything about one check.", valueName: "id"),
    completion: .list(CheckOperations.names))
  var explain: String?

  @Option(
    help: ArgumentHelp(
      "Sample links, counters and GPUs for this long, while a load runs.", valueName: "seconds"))
  var live: Double?

  @Option(
    help: ArgumentHelp(
      "Compare the box with this profile: a name, a file, or none.", valueName: "name|file"))
  var profile: String?

  func validate() throws {
    if let live, !(1...86_400).contains(live) {
      throw ValidationError("--live must be between 1 and 86400 seconds.")
    }
    if explain != nil && !ids.isEmpty {
      throw ValidationError("--explain describes one check; leave the other ids out.")
    }
  }

  func run() throws {
    var status: Int32 = 0
    // 1 would read as "warnings": a check that could not run is unknown.
    try Self.perform(failed: 3) { () throws(Failure) in
      let checks = try chosen()
      let report = try report(checks)
      try Output.write(try text(report, checks))
      status = CheckCommand.status(report.verdict)
    }
    if status != 0 { throw ExitCode(status) }
  }

  /// The checks that were named. One that does not exist is wrong usage here.
  private func chosen() throws(Failure) -> [any Check.Type] {
    do throws(Failure) {
      return try CheckOperations.named(explain.map { [$0] } ?? ids)
    } catch {
      throw error.with(code: .usage)
    }
  }

  /// A page of each check with what it found here, a table, or JSON.
  private func text(
    _ report: HealthReport, _ checks: [any Check.Type]
  ) throws(Failure) -> String {
    let style = display.display.style
    return try reading.session.text(report) {
      guard explain != nil else {
        return HealthTable.render(report, style, all: all || !ids.isEmpty)
      }
      return checks.flatMap { check in
        HealthPage.render(
          check.info, report.findings.filter { $0.check == check.info.id }, style)
      }
    }
  }

  /// The report of some checks.
  private func report(_ checks: [any Check.Type]) throws(Failure) -> HealthReport {
    var session = reading.session
    let tree = try session.reader.tree()
    let profile = try ProfileStore(tree).profile(profile)
    if live != nil {
      if !tree.isLive {
        throw Failure(
          "look at a recording with --live", because: "nothing changes in a recording",
          hint: "leave --live out", code: .usage)
      }
      // Looking while a load runs needs the machine itself.
      session.source = .machine
    }
    Output.progress("reading the machine ...")
    defer { Output.endProgress() }
    let inventory = try session.inventory(.all, of: tree)
    let samples = live.map { seconds in
      CheckOperations.sample(tree, inventory, seconds: seconds) { passed in
        Output.progress("looking while the load runs: \(Int(passed)) of \(Int(seconds)) s ...")
      }
    }
    return HealthReport(
      Box(
        inventory, profile: profile, samples: samples,
        benchmarks: checks.contains { $0.info.id == "benchmark-decline" }
          ? session.benchmarks() : nil), checks: checks)
  }

  private static func status(_ verdict: Verdict) -> Int32 {
    switch verdict {
    case .pass, .notApplicable: 0
    case .warn: 1
    case .fail: 2
    case .unknown: 3
    }
  }
}
