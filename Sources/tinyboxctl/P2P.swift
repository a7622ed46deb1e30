import ArgumentParser
internal import Base
import Commands

struct P2P: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "p2p",
    abstract: "Which devices reach each other's memory, and what stands in the way.",
    discussion: """
      A matrix of GPUs, NVMe drives and NICs: direct through a switch, through the host bridge, \
      blocked, or unknown; below it the reasons with their fixes and what those cost. Verdicts \
      follow the kernel's own procedure and the drivers' word. They are predictions: nothing is \
      measured.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Two devices, by PCI address or name: one pair hop by hop, the first starts transfers.",
      valueName: "device device"))
  var explain: [String] = []

  func validate() throws {
    if !explain.isEmpty && explain.count != 2 {
      throw ValidationError("--explain takes two devices, such as: --explain 21:00.0 nvme0")
    }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let command = PeerToPeerCommand(session: reading.session)
      try Output.write(
        explain.count == 2
          ? try command.explain(explain[0], explain[1], display.display)
          : try command.text(display.display))
    }
  }
}
