public import Base
package import Documents
package import Inventory
internal import PeerToPeer
internal import Render

/// `tinyboxctl p2p`.
public struct PeerToPeerCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  static let parts: CollectionOptions.Parts = [
    .machine, .processors, .memory, .pci, .pciDetail, .gpus, .nics, .nvme,
  ]

  /// The matrix, or JSON.
  public func text(_ display: Display) throws(Failure) -> String {
    let inventory = try session.inventory(PeerToPeerCommand.parts)
    let map = PeerMap(inventory)
    if session.json {
      return try JSONOutput.text(PeerToPeerDocument(map, map.pairs, origin: inventory.origin))
    }
    return PeerToPeerView.render(map, display.style).joined(separator: "\n") + "\n"
  }

  /// One ordered pair, hop by hop, or JSON of that pair alone.
  public func explain(
    _ first: String, _ second: String, _ display: Display
  ) throws(Failure) -> String {
    let inventory = try session.inventory(PeerToPeerCommand.parts)
    let map = PeerMap(inventory)
    let pair = try PeerToPeerCommand.pair(first, second, inventory, map)
    let initiator = try PeerToPeerCommand.device(first, inventory, map)
    let target = try PeerToPeerCommand.device(second, inventory, map)
    if session.json {
      return try JSONOutput.text(PeerToPeerDocument(map, [pair], origin: inventory.origin))
    }
    var lines = PeerExplain.render(pair, map, display.style)
    // A drive or a NIC starts transfers with a GPU in both directions of the data.
    if initiator.kind == .gpu, target.kind != .gpu {
      lines += ["", "the way that counts, for \(target.name) starts the transfers:", ""]
      if let other = map.pair(target.address, initiator.address) {
        lines += PeerExplain.render(other, map, display.style)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The document of one ordered pair.
  package static func document(
    _ first: String, _ second: String, _ inventory: Inventory
  ) throws(Failure) -> PeerToPeerDocument {
    let map = PeerMap(inventory)
    return PeerToPeerDocument(
      map, [try pair(first, second, inventory, map)], origin: inventory.origin)
  }

  private static func pair(
    _ first: String, _ second: String, _ inventory: Inventory, _ map: PeerMap
  ) throws(Failure) -> PeerPair {
    let initiator = try device(first, inventory, map)
    let target = try device(second, inventory, map)
    guard let pair = map.pair(initiator.address, target.address) else {
      throw Failure(
        "judge \(first) and \(second)",
        because:
          "two \(initiator.kind == .nic ? "NICs" : "drives") have nothing to tell each other",
        hint: "pairs are GPU and GPU, GPU and drive, GPU and NIC, drive and NIC")
    }
    return pair
  }

  private static func device(
    _ name: String, _ inventory: Inventory, _ map: PeerMap
  ) throws(Failure) -> PeerDevice {
    let subject = try DeviceLookup.subject(name, inventory)
    guard case .function(let address) = subject else {
      throw Failure("judge \(name)", because: "it is on no PCI bus")
    }
    guard let device = map.device(address) else {
      let known = map.devices.map(\.name)
      throw Failure(
        "judge \(name)", because: "it is no GPU, NVMe drive or NIC, or it is a virtual function",
        hint: known.isEmpty
          ? nil
          : "these are: \(known.prefix(12).joined(separator: ", "))"
            + (known.count > 12 ? ", ..." : ""))
    }
    return device
  }
}
