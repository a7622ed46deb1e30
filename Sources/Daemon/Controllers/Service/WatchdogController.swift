internal import HTTPService
internal import Linux
internal import Systemd

/// Reports to systemd that the daemon lives: the main thread runs this, and HTTP answers itself.
final class WatchdogController: Controller {
  private let server: HTTPServer
  private let manager: ServiceManager
  private let limit: Double?
  private(set) var due: Double?

  init(_ server: HTTPServer, _ manager: ServiceManager) {
    self.server = server
    self.manager = manager
    limit = manager.watchdogSeconds
    due = limit.map { Clock.seconds() + $0 / 2 }
  }

  func run(at now: Double) {
    guard let limit else { return }
    due = now + limit / 2
    WorkerPool.task { [server, manager] in
      if await server.isAlive(within: limit / 4) { try? manager.notify(ServiceManager.alive) }
    }
  }
}
