internal import ArgumentParser
internal import Base
internal import Documents
internal import Inventory
internal import Operations
internal import PeerToPeer
internal import Render

/// `tinyboxctl p2p`.
struct PeerToPeerCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "p2p",
    abstract: "Which devices can exchange data directly, and what prevents it.",
    discussion: """
      A matrix of GPUs, NVMe drives and NICs: direct through a switch, through the host bridge, \
      blocked, or unknown; below it the reasons with their fixes and what those cost. Verdicts \
      follow the rules of the kernel and what the drivers report. They are predictions: no \
      transfer is run.
      """)
  static var documents: [PrintedDocument] { [.init(PeerToPeerDocument.self)] }

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
      let inventory = try reading.session.inventory(.peers)
      let map = PeerMap(inventory)
      let style = display.display.style
      let pair =
        explain.count == 2
        ? try DeviceLookup.pair(explain[0], explain[1], inventory, map) : nil
      let document = PeerToPeerDocument(
        map, pair.map { [$0] } ?? map.pairs, origin: inventory.origin)
      try Output.write(
        try reading.session.text(document) {
          if let pair { return PeerToPeerCommand.page(pair, map, style) }
          return PeerToPeerView.render(map, style)
        })
    }
  }

  /// One ordered pair, hop by hop.
  private static func page(_ pair: PeerPair, _ map: PeerMap, _ style: Style) -> [String] {
    var lines = PeerExplain.render(pair, map, style)
    // A drive or a NIC starts transfers with a GPU in both directions of the data.
    if let initiator = map.device(pair.initiator), let target = map.device(pair.target),
      initiator.kind == .gpu, target.kind != .gpu
    {
      lines += ["", "the direction that counts, because \(target.name) starts the transfers:", ""]
      if let other = map.pair(target.address, initiator.address) {
        lines += PeerExplain.render(other, map, style)
      }
    }
    return lines
  }
}
