internal import Base
package import HTTPService
internal import Linux
package import Systemd

/// The gateway as a service: signals, systemd, and its messages to its owner.
package struct GatewayProgram: Sendable {
  private let gateway: Gateway
  private let manager: ServiceManager
  private let say: @Sendable (String) -> Void

  /// Seconds that requests get when it ends; systemd gives 15 (TimeoutStopSec of its unit).
  private static let patience = 10.0
  // asm-generic/signal.h
  private static let hangUp: Int32 = 1

  /// A gateway program.
  /// - Parameters:
  ///   - encryption: for addresses with a certificate.
  ///   - say: writes a line for its owner.
  package init(
    _ options: GatewayOptions, manager: ServiceManager, encryption: any Encryption,
    say: @escaping @Sendable (String) -> Void
  ) {
    gateway = Gateway(options, encryption: encryption)
    self.manager = manager
    self.say = say
  }

  /// Serves until a signal ends it: SIGHUP reads settings and certificates again, every other one
  /// ends it.
  /// - Returns: the exit status.
  package func run(signals: AsyncStream<Int32>) async -> Int32 {
    let inherited: [Int32]
    do {
      inherited = try manager.listenDescriptors().map(\.descriptor)
      try await listen(inherited)
    } catch {
      say("cannot \(error)")
      await gateway.stop(seconds: 0)
      return 1
    }
    let watchdog = WorkerPool.task { await feedWatchdog() }
    for await signal in signals {
      guard signal == GatewayProgram.hangUp else { break }
      tell(ServiceManager.reloading())
      do throws(Failure) {
        try await listen(inherited)
      } catch {
        // What it has keeps being served.
        let lost = error.lostListeners.map { "; nothing listens on \($0) any more" }.joined()
        say("cannot \(error); the settings before stay in force\(lost)")
        tell(ServiceManager.ready(status: "serving with old settings: cannot \(error)\(lost)"))
      }
    }
    watchdog.cancel()
    tell(ServiceManager.stopping)
    await gateway.stop(seconds: GatewayProgram.patience)
    return 0
  }

  private func listen(_ inherited: [Int32]) async throws(Failure) {
    let (bound, warnings) = try await gateway.listen(inherited: inherited)
    let places = bound.map(\.description).joined(separator: ", ")
    say("listening on \(places)")
    for warning in warnings { say("warning: \(warning)") }
    tell(ServiceManager.ready(status: "listening on \(places)"))
  }

  private func feedWatchdog() async {
    guard let limit = manager.watchdogSeconds else { return }
    while !Task.isCancelled {
      if await gateway.isAlive(within: limit / 4) { tell(ServiceManager.alive) }
      // Half, as sd_watchdog_enabled(3) has it: each beat wakes five threads.
      await gateway.sleep(seconds: limit / 2)
    }
  }

  private func tell(_ lines: [String]) {
    do throws(Failure) {
      try manager.notify(lines)
    } catch {
      say("cannot \(error)")
    }
  }
}
