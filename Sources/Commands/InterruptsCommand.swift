public import Inventory
public import Render

/// `tinyboxctl interrupts`.
public struct InterruptsCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  static let parts: CollectionOptions.Parts = [
    .memory, .processors, .pci, .gpus, .nics, .nvme, .interrupts,
  ]

  /// The table, or JSON.
  public func text(
    _ display: Display, each: Bool, device: String?
  ) throws(CommandFailure) -> String {
    var inventory = try session.inventory(InterruptsCommand.parts)
    if let device {
      let address = try DeviceLookup.address(device, inventory)
      inventory.interrupts = inventory.interrupts.filter { $0.device == address }
    }
    if session.json { return try JSONOutput.text(InterruptsDocument(inventory)) }
    let lines =
      each || device != nil
      ? InterruptTable.each(inventory, display.style)
      : InterruptTable.render(inventory, display.style)
    return lines.joined(separator: "\n") + "\n"
  }
}
