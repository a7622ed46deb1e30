internal import Base
internal import Events
internal import RuntimeCatalog
internal import Runtimes
internal import Systemd

/// Runtimes that hang.
extension RuntimeSupervisor {
  /// Takes what the gateway says of requests in flight.
  /// - Parameter firstTokenSeconds: that a request waits for its first token, by the configuration.
  func progress(firstTokenSeconds: Int, at now: Double) {
    let report = target.progress()
    for name in runtimes.keys.sorted() {
      guard let runtime = runtimes[name] else { continue }
      // One that loads is waited for by other rules, and a job answers nobody.
      let isWatched = runtime.instance.state == .ready && !runtime.isJob
      runtimes[name]?.hang.take(firstTokenSeconds: firstTokenSeconds)
      runtimes[name]?.hang.report(
        isWatched ? report?.runtimes[name] : nil, runtime.invocation, at: now)
    }
  }

  /// The questions that are due, each with the seconds that it may wait. Each ends in `questioned`.
  func questions(at now: Double) -> [(probe: Probe, seconds: Double)] {
    runtimes.keys.sorted().compactMap { name in
      guard let runtime = runtimes[name],
        let seconds = runtimes[name]?.hang.question(runtime.invocation, at: now)
      else { return nil }
      let probe = Probe(
        name: name, socket: runtime.instance.socket, invocation: runtime.invocation)
      return (probe, seconds)
    }
  }

  /// A question has ended. What hangs is restarted, whatever it works on.
  func questioned(
    _ probe: Probe, answered: Bool, at now: Double
  ) throws(Failure) -> [EventDraft] {
    let patience = runtimes[probe.name]?.hang.patience ?? HangWatch.leastPatience
    let isHung =
      runtimes[probe.name]?.hang.ended(isAnswered: answered, probe.invocation, at: now) ?? false
    // It may have ended by itself meanwhile.
    guard isHung, runtimes[probe.name]?.invocation == probe.invocation else { return [] }
    let unit = RuntimeUnit.service(probe.name)
    // SIGTERM, and SIGKILL to what does not end by it: TimeoutStopSec=. To kill at once takes CAP_KILL.
    try target.queue(.restartIfRunning, unit)
    runtimes[probe.name]?.countRestart()
    return [
      EventDraft(
        .runtimeHung, subject: probe.name,
        "runtime \(probe.name) had requests and did not answer for \(Int(patience)) s: it "
          + "is restarted: journalctl -u \(unit)")
    ]
  }
}
