internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Linux
internal import Operations
internal import Render

/// Options of a trial.
struct TrialOptions: ParsableArguments {
  @Option(
    name: .customLong("load"),
    help: ArgumentHelp(
      "Only this load, such as random-read; may be given several times.", valueName: "load"))
  var loads: [String] = []
  @Flag(help: "Shorter measurements, which show large differences only.") var quick = false
  @Option(
    help: ArgumentHelp(
      "For a network interface: address of a machine where 'iperf3 -s' runs.",
      valueName: "address"))
  var peer: String?
  @Option(
    help: ArgumentHelp("For a network interface: send from this address.", valueName: "address"))
  var local: String?
  @Flag(help: "Wait for a device in use.") var wait = false

  /// As tinybox-benchmark takes them.
  var options: BenchmarkOptions {
    var options = BenchmarkOptions()
    options.isQuick = quick
    options.networkPeer = peer
    options.networkLocal = local
    options.waits = wait
    return options
  }

  /// Refuses options that would have no effect.
  func refuse(without flag: String) throws(Failure) {
    if !loads.isEmpty || quick || peer != nil || local != nil || wait {
      throw Failure(
        "use these options", because: "they belong to \(flag)",
        hint: "add \(flag), or leave them out",
        code: .usage)
    }
  }
}

/// Has tinybox-benchmark make trials, and ends what one of them has left when it is killed.
struct TrialFollower {
  var trial: TrialOptions
  var policy: String?
  /// Keep what is not worse.
  var keeps = false
  var style: Style

  /// A trial was stopped.
  struct Stopped: Error { var failure: Failure }

  /// Makes the trial of a device.
  /// - Throws: `Stopped` after Ctrl-C, else `Failure`. The settings are as they were found then.
  func run(_ device: String) throws -> BenchmarkTrialDocument.Device {
    var arguments = [
      "trial", device, "--options", String(decoding: try JSON.line(trial.options), as: UTF8.self),
    ]
    for load in trial.loads { arguments += ["--load", load] }
    if let policy { arguments += ["--policy", BenchmarkProgram.absolute(policy)] }
    if keeps { arguments.append("--prove") }
    // It puts the settings back before it ends; a drive or a driver may take its time.
    let outcome = try BenchmarkProgram.follow(
      arguments, deadlineSeconds: 86_400, graceSeconds: 30, style)
    Output.endProgress()
    // It may have been killed, as by the kernel when memory is short.
    if let ended = try PlacementOperations(policyFile: policy).endDeadTrial() {
      Self.notePutBack(ended.subject, ended.count)
    }
    guard outcome.status == 0, let last = outcome.output.split(separator: 0x0a).last,
      let document = try? JSON.decode(BenchmarkTrialDocument.self, from: last),
      let device = document.devices.first
    else {
      let failure = BenchmarkProgram.failure(outcome)
      if outcome.status == 130 || outcome.ended == .stopped { throw Stopped(failure: failure) }
      throw failure
    }
    BenchmarkProgram.note(outcome)
    return device
  }

  /// Says what was put back.
  static func notePutBack(_ subject: String, _ count: Int) {
    Output.note(
      "a trial of the placement of \(subject) was killed: \(Units.count(count, "setting")) put back "
        + "to what it had found")
  }

  /// Ends with the status that a shell has for a program that SIGINT ended.
  static func stop(_ stopped: Stopped) -> ExitCode {
    Output.failure(stopped.failure)
    return ExitCode(130)
  }
}
