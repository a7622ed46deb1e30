internal import Inventory
internal import Render

/// `tinyboxctl interrupts`.
public struct InterruptsCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  static let parts: CollectionOptions.Parts = [
    .memory, .processors, .pci, .gpus, .nics, .nvme, .interrupts, .interruptDetail,
  ]

  /// The table, or JSON.
  public func text(
    _ display: Display, each: Bool, device: String?
  ) throws(CommandFailure) -> String {
    var inventory = try session.inventory(InterruptsCommand.parts)
    if let device {
      guard case .function(let address) = try DeviceLookup.subject(device, inventory) else {
        throw CommandFailure("tell interrupts of \(device)", cause: "it is on no PCI bus")
      }
      if !session.json {
        return InterruptTable.render(inventory, display.style, of: address)
          .joined(separator: "\n") + "\n"
      }
      inventory.interrupts = inventory.interrupts.filter { $0.device == address }
    }
    if session.json { return try JSONOutput.text(InterruptsDocument(inventory)) }
    return InterruptTable.render(inventory, display.style, irqs: each)
      .joined(separator: "\n") + "\n"
  }
}
