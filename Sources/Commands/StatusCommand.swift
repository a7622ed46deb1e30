internal import Health
internal import Inventory
internal import KernelTree
internal import Render
internal import Vendor

/// `tinyboxctl status`.
public struct StatusCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  /// What the screen shows: everything but what only a detailed page needs.
  static let parts: CollectionOptions.Parts = [
    .machine, .processors, .memory, .pci, .gpus, .nics, .nvme, .interrupts, .workloads,
  ]

  /// The screen, or JSON.
  public func text(_ display: Display) throws(CommandFailure) -> String {
    let tree = try session.tree()
    let options = try session.options(session.json ? .all : StatusCommand.parts)
    let inventory = Collection.run(tree, options: options)
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
  public func watch(_ display: Display, seconds: Double) throws(CommandFailure) {
    guard Terminal.isTerminal(0), Terminal.isTerminal(1) else {
      throw CommandFailure(
        "watch", cause: "standard input or output is no terminal",
        hint: "run 'tinyboxctl status' for one screen", status: .usage)
    }
    let tree = try session.tree()
    let options = try session.options(StatusCommand.parts)
    let profile = try ProfileStore(tree).inForce()
    let screen: FullScreen
    do throws(SystemError) {
      screen = try FullScreen.open()
    } catch {
      throw CommandFailure("take the terminal over", cause: error.description)
    }
    var shown: WatchFrame?
    while true {
      let inventory = Collection.run(tree, options: options)
      var redraw = true
      while redraw {
        redraw = false
        let size = Terminal.size(1) ?? (80, 24)
        var style = display.style
        style.width = max(40, size.columns)
        let frame = WatchFrame(
          lines: StatusScreen.render(
            inventory, StatusCommand.health(inventory, profile), style, height: size.rows),
          rows: size.rows, columns: size.columns)
        try Output.write(frame.update(from: shown))
        shown = frame
        switch screen.wait(milliseconds: Int(seconds * 1000)) {
        case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")), .key(0x1b), .key(3): return
        case .terminate: return
        case .resized, .resumed:
          shown = nil
          redraw = true
        case .key, .timeout: break
        }
      }
    }
  }
}
