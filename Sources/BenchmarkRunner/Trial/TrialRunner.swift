package import Base
package import Benchmarks
internal import Linux
package import Operations

/// Makes the trial of a device's placement: measures loads in pairs, without and with placement, until a look
/// decides, and leaves the settings as they were found.
package struct TrialRunner {
  /// The device, before its trial.
  package var device: BenchmarkTrialDocument.Device
  /// The loads, one after the other.
  package var loads: [TrialLoad]
  /// What is switched.
  package var settings: any SwitchedSettings
  /// Makes one measurement.
  package var measure: (PlannedMeasurement) throws(Failure) -> Observation
  /// What is tried, and on which kernel.
  package var conditions: BenchmarkTrial.Conditions?
  /// Whether the placement is kept when no load is worse with it.
  package var keeps = false
  /// Told before each measurement.
  package var progress: (BenchmarkProgress) -> Void = { _ in }
  /// Whether the trial is to end.
  package var isStopped: () -> Bool = { false }
  /// Takes each trial that came to a verdict.
  package var store: (BenchmarkTrial) throws(Failure) -> BenchmarkTrial = {
    (trial) throws(Failure) in trial
  }
  /// Folder of the leases.
  package var leaseFolder = DeviceLease.folder
  /// Wait for devices in use.
  package var waits = false

  /// A trial.
  package init(
    _ device: BenchmarkTrialDocument.Device, _ loads: [TrialLoad],
    _ settings: any SwitchedSettings,
    measure: @escaping (PlannedMeasurement) throws(Failure) -> Observation
  ) {
    self.device = device
    self.loads = loads
    self.settings = settings
    self.measure = measure
  }

  /// The device with what the trial showed.
  /// - Throws: `Failure` when a device is in use, a measurement fails, something else changes a setting
  ///   meanwhile, or the trial is stopped. The settings are as they were found then, or the failure says which
  ///   are not.
  package func run() throws(Failure) -> BenchmarkTrialDocument.Device {
    var leases = Leases()
    let holder = try leases.take(
      loads.flatMap(\.on.devices), for: "benchmark placement", folder: leaseFolder, waits: waits,
      isStopped: isStopped)
    if let holder {
      if isStopped() { throw TrialRunner.stopped }
      throw Failure(
        step, because: "it is in use by \(holder)",
        hint: "wait for its end, or let the trial wait with --wait", code: .busy)
    }
    // Warms up, and shows before anything is changed what cannot be measured.
    for load in loads { _ = try figure(load, isOn: false, nil) }
    var done = device
    do throws(Failure) {
      try settings.begin()
      for (index, load) in loads.enumerated() {
        let evidence = try pairs(load)
        done.loads[index].tailRatio = evidence.tailRatio
        done.loads[index].isTailWorse = evidence.isTailWorse
        done.loads[index].trial = evidence.trial(
          load.on.series, plan: words(load), time: Clock.utc(), conditions)
      }
      done.refused = settings.refused
      let isWorse = done.loads.contains { $0.trial?.verdict == .worse }
      if keeps, !isWorse {
        try settings.keep()
        done.outcome = .kept
      } else {
        try settings.putBack()
        done.outcome = .putBack
      }
    } catch {
      do throws(Failure) {
        try settings.putBack()
      } catch let second {
        throw Failure(
          second.step, second.cause, hint: "\(second.hint ?? ""); before that: \(error)")
      }
      throw error
    }
    for index in done.loads.indices {
      if let trial = done.loads[index].trial { done.loads[index].trial = try store(trial) }
    }
    return done
  }

  // MARK: Pairs

  /// A measurement of a load.
  private struct Moment {
    /// The number of its pair, from 0.
    var pair: Int
    /// Pairs until the next look.
    var look: Int
    /// Whether it is the second of the pair.
    var isSecond = false

    /// Measurements before it.
    var done: Int { pair * 2 + (isSecond ? 1 : 0) }
  }

  private func pairs(_ load: TrialLoad) throws(Failure) -> TrialEvidence {
    var evidence = TrialEvidence(load.on.series.better)
    while evidence.verdict == nil {
      let isOnFirst = evidence.startsOn
      var moment = Moment(pair: evidence.pairs.count, look: evidence.nextLook)
      let first = try phase(load, isOn: isOnFirst, moment)
      moment.isSecond = true
      let second = try phase(load, isOn: !isOnFirst, moment)
      let (off, on) = isOnFirst ? (second, first) : (first, second)
      evidence.append(
        .init(off: off.value, on: on.value, tailOff: off.tail, tailOn: on.tail))
    }
    return evidence
  }

  private func phase(
    _ load: TrialLoad, isOn: Bool, _ moment: Moment
  ) throws(Failure) -> TrialFigure {
    if isStopped() { throw TrialRunner.stopped }
    try settings.set(isOn)
    let figure = try figure(load, isOn: isOn, moment)
    // What was measured while something else moved an interrupt is worth nothing.
    try settings.check()
    return figure
  }

  private func figure(
    _ load: TrialLoad, isOn: Bool, _ moment: Moment?
  ) throws(Failure) -> TrialFigure {
    if isStopped() { throw TrialRunner.stopped }
    report(load, isOn: isOn, moment)
    let observation: Observation
    do throws(Failure) {
      observation = try measure(isOn ? load.on : load.off)
    } catch {
      if isStopped() { throw TrialRunner.stopped }
      throw Failure(step, error, code: error.code)
    }
    if isStopped() { throw TrialRunner.stopped }
    guard let figure = TrialFigure(observation.samples, load.on.series.better) else {
      throw Failure(step, because: "the load \(load.name) moved nothing")
    }
    return figure
  }

  // MARK: Texts

  private static var stopped: Failure {
    Failure(
      "finish the trial", because: "it was stopped", hint: "every setting is as it was found")
  }

  private var step: String { "try the placement of \(device.device)" }

  /// The plan that a load tried, in words.
  private func words(_ load: TrialLoad) -> String {
    var parts: [String] = []
    if !device.settings.isEmpty {
      let count = device.settings.count - settings.refused.count
      parts.append("\(Units.count(count, "setting")) of \(device.device)")
    }
    if load.movesLoad { parts.append("the load on its node") }
    return "\(device.plan ?? ""): \(parts.joined(separator: ", "))"
  }

  /// Seconds left are those until the next look; what comes after it is not known.
  private func report(_ load: TrialLoad, isOn: Bool, _ moment: Moment?) {
    let done = moment?.done ?? 0
    let planned = 2 * (moment?.look ?? BenchmarkTrial.leastPairs)
    let pair = moment.map { "pair \($0.pair + 1)" } ?? "before the first pair"
    progress(
      BenchmarkProgress(
        run: "trial", state: .running,
        measuring: "\(device.device) \(load.name), \(pair), placement \(isOn ? "on" : "off")",
        done: done, planned: planned, secondsLeft: Double(planned - done) * load.seconds,
        processID: ProcessNames.own))
  }
}
