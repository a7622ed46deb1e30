internal import Apply
public import Base
package import Documents
package import Inventory
internal import KernelTree
internal import Placement
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
  ) throws(Failure) -> String {
    let inventory = try session.inventory(InterruptsCommand.parts)
    if session.json {
      return try JSONOutput.text(try InterruptsCommand.document(inventory, device: device))
    }
    if let device {
      let address = try InterruptsCommand.address(device, inventory)
      return InterruptTable.render(inventory, display.style, of: address)
        .joined(separator: "\n") + "\n"
    }
    return InterruptTable.render(inventory, display.style, irqs: each)
      .joined(separator: "\n") + "\n"
  }

  /// The document of all interrupts, or of one device's.
  package static func document(
    _ inventory: Inventory, device: String?
  ) throws(Failure) -> InterruptsDocument {
    guard let device else { return InterruptsDocument(inventory) }
    let address = try address(device, inventory)
    var inventory = inventory
    inventory.interrupts = inventory.interrupts.filter { $0.device == address }
    return InterruptsDocument(inventory)
  }

  private static func address(
    _ device: String, _ inventory: Inventory
  ) throws(Failure) -> PCIAddress {
    guard case .function(let address) = try DeviceLookup.subject(device, inventory) else {
      throw Failure("tell interrupts of \(device)", because: "it is on no PCI bus")
    }
    return address
  }

  /// Shows where interrupts are handled, until q is pressed: since things were last placed, or
  /// since the start where nothing is.
  public func watch(_ display: Display, seconds: Double) throws(Failure) {
    let tree = try session.tree()
    // Counts and names are all it shows: no file of each interrupt is read.
    let options = try session.options([.memory, .pci, .nics, .nvme, .interrupts])
    let placed = InterruptsCommand.handledBefore(tree)
    var before = placed
    try Watch.run(display, seconds: seconds, once: "tinyboxctl interrupts") {
      () throws(Failure) in
      let inventory = Collection.run(tree, options: options)
      let start = before ?? HandledCount.all(in: inventory)
      before = start
      return DeviceShare.since(start, inventory)
    } draw: { shares, style, rows in
      let title = "interrupts since " + (placed == nil ? "the start" : "they were placed")
      return Array(PlacementReport.render(shares, title: title, style).prefix(rows))
    }
  }

  /// The counts when things were last placed in this boot; nil when nothing is.
  private static func handledBefore(_ tree: KernelTree) -> [String: HandledCount]? {
    guard let file = try? tree.bytes(Ledger.path, limit: 64 << 20),
      let ledger = try? Ledger.decode(file), !ledger.entries.isEmpty,
      ledger.bootID == tree.textIfPresent("/proc/sys/kernel/random/boot_id")
    else { return nil }
    return ledger.handledBefore
  }
}
