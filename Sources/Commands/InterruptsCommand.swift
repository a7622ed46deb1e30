internal import ArgumentParser
internal import Base
internal import Documents
internal import Inventory
internal import KernelTree
internal import Operations
internal import Placement
internal import Render

/// `tinyboxctl interrupts`.
struct InterruptsCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "interrupts",
    abstract: "Interrupts of each device, and how many its own NUMA node handles.")
  static var documents: [PrintedDocument] { [.init(InterruptsDocument.self)] }

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Flag(name: .customLong("each"), help: "A line for each interrupt.")
  var each = false

  @Flag(help: "Show where interrupts are handled since they were placed; q ends it.")
  var watch = false

  @Option(
    help: ArgumentHelp("Seconds between redraws with --watch.", valueName: "seconds"))
  var interval: Double = 2

  @Argument(help: ArgumentHelp("PCI address or name of one device.", valueName: "device"))
  var device: String?

  func validate() throws {
    guard interval >= 0.1, interval <= 3600 else {
      throw ValidationError("--interval must be between 0.1 and 3600 seconds.")
    }
    if watch && (reading.json || each || device != nil) {
      throw ValidationError("--watch draws a screen of all devices.")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      if watch { return try redraw() }
      let inventory = try reading.session.inventory(.interruptTable)
      let style = display.display.style
      var address: PCIAddress?
      if let device {
        address = try DeviceLookup.function(device, inventory, for: "report the interrupts of")
      }
      try Output.write(
        try reading.session.text(InterruptsDocument(inventory, of: address)) {
          guard let address else { return InterruptTable.render(inventory, style, irqs: each) }
          return InterruptTable.render(inventory, style, of: address)
        })
    }
  }

  /// Shows where interrupts are handled, until q is pressed: since things were last placed, or
  /// since the start where nothing is.
  private func redraw() throws(Failure) {
    let reader = reading.session.reader
    let tree = try reader.tree()
    let options = try reader.options(.interruptCounts)
    let placed = PlacementOperations.handledBefore(tree)
    var before = placed
    try Watch.run(display.display, seconds: interval, once: "tinyboxctl interrupts") {
      () throws(Failure) in
      let inventory = InventoryReader.read(tree, options: options)
      let start = before ?? HandledCount.all(in: inventory)
      before = start
      return DeviceShare.since(start, inventory)
    } draw: { shares, style, rows in
      let title = "interrupts since " + (placed == nil ? "the start" : "they were placed")
      return Array(PlacementReport.render(shares, title: title, style).prefix(rows))
    }
  }
}
