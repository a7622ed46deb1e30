internal import Base
internal import Configuration
internal import Events
internal import Placement
internal import Systemd

/// Reads the configuration again, when asked to.
final class ConfigurationController: Controller {
  private let context: Context
  private let placement: PlacementController
  private let manager: ServiceManager
  /// The one line for `systemctl status`; set once the loop is made.
  var statusText: () -> String = { "" }

  init(_ context: Context, _ placement: PlacementController, _ manager: ServiceManager) {
    self.context = context
    self.placement = placement
    self.manager = manager
  }

  func handle(_ notification: Notification) {
    guard case .reload = notification else { return }
    try? manager.notify(ServiceManager.reloading())
    reload()
    try? manager.notify(ServiceManager.ready(status: statusText()))
  }

  /// Reads it again. What cannot be used changes nothing.
  func reload() {
    context.log.open()
    do {
      let settings = try ServiceSettings.read(ConfigurationSource(context.tree))
      try placement.takePolicy(context.inventory)
      context.rejected = nil
      context.settings = settings
      context.log.setLimit(settings.daemon.eventCount)
      context.send(.configured(settings))
      context.log.record([EventDraft(.daemonReloaded, "the configuration was read again")])
    } catch {
      // What was in force before stays in force.
      if placement.hasPolicy {
        context.rejected = Context.text(error)
      }
      context.configurationFailed(error)
    }
    context.send(.machineStale)
  }
}
