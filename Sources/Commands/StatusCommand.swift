public import Base
internal import Health
package import Inventory
internal import Render

/// `tinyboxctl status`.
public struct StatusCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  /// What the screen shows: everything but what only a detailed page needs.
  package static let parts: CollectionOptions.Parts = [
    .machine, .processors, .memory, .pci, .gpus, .nics, .nvme, .interrupts, .workloads, .system,
  ]

  /// The screen, or JSON.
  public func text(_ display: Display) throws(Failure) -> String {
    let tree = try session.tree()
    let inventory = try session.inventory(
      session.json ? .all : StatusCommand.parts, of: tree)
    if session.json { return try JSONOutput.text(inventory) }
    let health = StatusCommand.health(inventory, try ProfileStore(tree).inForce())
    return StatusScreen.render(
      inventory, health, display.style, height: display.rows.map { $0 - 1 } ?? 24
    ).joined(separator: "\n") + "\n"
  }

  /// What the checks say that need no more than the screen reads.
  private static func health(_ inventory: Inventory, _ profile: Profile?) -> HealthReport {
    HealthReport(Box(inventory, profile: profile), parts: StatusCommand.parts)
  }

  /// Redraws the screen until q, Escape or a signal ends it. The terminal is left as it was.
  public func watch(_ display: Display, seconds: Double) throws(Failure) {
    let tree = try session.tree()
    let options = try session.options(StatusCommand.parts)
    let profile = try ProfileStore(tree).inForce()
    try Watch.run(display, seconds: seconds, once: "tinyboxctl status") {
      () throws(Failure) in
      Collection.run(tree, options: options)
    } draw: { inventory, style, rows in
      StatusScreen.render(
        inventory, StatusCommand.health(inventory, profile), style, height: rows)
    }
  }
}
