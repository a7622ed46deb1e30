import ArgumentParser
internal import Base
import Commands

struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "Tables of devices, and everything known about one.",
    discussion: """
      'tinyboxctl devices' lists GPUs, network interfaces, drives and bridges; \
      'tinyboxctl devices nvme' one kind; 'tinyboxctl devices 21:00.0' tells everything about \
      one device, hop by hop to its root port.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Argument(
    help: ArgumentHelp(
      "gpu, nic, nvme, bridge or all; or the PCI address or name of one device.",
      valueName: "kind|device"),
    completion: .list(DeviceSelection.kinds))
  var first: String?

  @Argument(help: ArgumentHelp("PCI address or name of one device.", valueName: "device"))
  var second: String?

  func run() throws {
    try perform { () throws(Failure) in
      let selection = try DeviceSelection(first: first, second: second)
      try Output.write(
        try DevicesCommand(session: reading.session).text(selection, display.display))
    }
  }
}
