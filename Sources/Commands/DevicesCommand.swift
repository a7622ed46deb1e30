internal import ArgumentParser
internal import Base
internal import Documents
internal import Inventory
internal import Operations
internal import Render

/// `tinyboxctl devices`.
struct DevicesCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "Tables of devices, and everything known about one.",
    discussion: """
      'tinyboxctl devices' lists every PCI function; \
      'tinyboxctl devices nvme' one kind; 'tinyboxctl devices 21:00.0' shows everything about \
      one device, hop by hop to its root port.
      """)
  static var documents: [PrintedDocument] {
    [
      .init(Inventory.self, arguments: "[KIND]"), .init(DeviceDocument.self, arguments: "DEVICE"),
    ]
  }

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Argument(
    help: ArgumentHelp(
      "gpu, accelerator, nic, nvme, bridge or all; or the PCI address or name of one device.",
      valueName: "kind|device"),
    completion: .list(DeviceKind.allCases.map(\.rawValue)))
  var first: String?

  @Argument(help: ArgumentHelp("PCI address or name of one device.", valueName: "device"))
  var second: String?

  func run() throws {
    try perform { () throws(Failure) in
      let style = display.display.style
      let name = try device()
      let inventory = try reading.session.inventory()
      let text: String
      if let name {
        let subject = try DeviceLookup.subject(name, inventory)
        text = try reading.session.text(DeviceDocument(inventory, subject)) {
          DevicePage.render(subject, inventory, style)
        }
      } else {
        let kind = first.flatMap(DeviceKind.init) ?? .all
        text = try reading.session.text(inventory.limited(to: kind)) {
          DeviceTables.render(kind, inventory, style)
        }
      }
      try Output.write(text)
    }
  }

  /// The device whose page was asked for; nil for a table of a kind.
  private func device() throws(Failure) -> String? {
    guard let first, DeviceKind(rawValue: first) == nil else { return second }
    if let second {
      throw Failure(
        "list '\(first)' '\(second)'", because: "'\(first)' is no kind of device",
        hint: "kinds are \(DeviceKind.allCases.map(\.rawValue).joined(separator: ", "))",
        code: .usage)
    }
    return first
  }
}
