internal import API
internal import Documents
internal import Inventory
internal import Operations
internal import PeerToPeer

/// Which devices reach each other's memory.
extension Endpoints {
  static let peers: [Endpoint<Service>] = [
    .get(
      "peers", "/v1/p2p", "Which devices can exchange data directly, and what prevents it."
    ) { service, _ in
      Encoded<PeerToPeerDocument>(
        made: try await service.reader.document("p2p") { reading in
          let map = PeerMap(reading.inventory)
          return try Encoded(
            PeerToPeerDocument(map, map.pairs, origin: reading.inventory.origin)
          ).bytes
        })
    },

    .get(
      "peerPair", "/v1/p2p/{initiator}/{target}", "One ordered pair of devices.",
      [initiator, target]
    ) { service, call in
      let inventory = await service.reader.full().inventory
      let map = PeerMap(inventory)
      let pair = try DeviceLookup.pair(
        call.segment(initiator), call.segment(target), inventory, map)
      return try Encoded(PeerToPeerDocument(map, [pair], origin: inventory.origin))
    },
  ]

  private static let initiator = Parameter.text(
    "initiator",
    "the device that reads and writes: PCI address, interface or drive name",
    example: "0000:21:00.0")
  private static let target = Parameter.text(
    "target", "the device whose memory is read and written: PCI address, interface or drive name",
    example: "nvme0")
}
