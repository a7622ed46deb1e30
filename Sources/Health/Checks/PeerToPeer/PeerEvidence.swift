internal import Base
internal import Inventory
internal import PeerToPeer

extension Evidence {
  /// A fact of the peer-to-peer procedure.
  init(_ fact: PeerFact) {
    if fact.isMissing {
      self.init(missing: fact.fact, path: fact.path, reason: fact.value)
    } else {
      self.init(fact.fact, fact.value, path: fact.path)
    }
  }
}

extension PeerMap {
  /// Facts in words, each once.
  func evidence(_ keys: some Sequence<PeerFactKey>) -> [Evidence] {
    var seen: Set<PeerFactKey> = []
    return keys.filter { seen.insert($0).inserted }.map { Evidence(fact($0)) }
  }
}

extension PeerRemedy {
  /// As advice of a finding.
  var advice: [Advice] {
    var found: [Advice] = []
    let argument = kernelArgument.map { ": kernel argument \($0)" } ?? ""
    found.append(Advice(text + argument, risk: cost, needsReboot: needsReboot))
    if !commands.isEmpty {
      found.append(Advice("for a try, until the next boot", commands: commands, risk: cost))
    }
    return found
  }
}

/// What the checks of this folder share.
enum PeerCards {
  /// Memory from which on a GPU is a card worth reaching: cards of 8 GB show a little less, and
  /// processors with graphics of their own set aside less.
  static let leastBytes = 7 << 30

  /// Whether a GPU is such a card; nil when its memory is not known.
  static func isCard(_ gpu: GPU) -> Bool? { gpu.memoryTotalBytes.map { $0 >= leastBytes } }

  /// Whether direct links lead from a card to every other card of its driver, and back. No when it
  /// is alone.
  static func isLinkedToAll(_ gpu: GPU, _ box: Box) -> Bool {
    let others = box.inventory.gpus.filter {
      $0.address != gpu.address && $0.driver == gpu.driver && isCard($0) != false
    }
    return !others.isEmpty
      && others.allSatisfy { other in
        box.peers.pair(gpu.address, other.address)?.link != nil
          && box.peers.pair(other.address, gpu.address)?.link != nil
      }
  }

  /// Cards of a maker whose driver is not known: not the same as one without a driver.
  static func withUnknownDriver(_ box: Box, _ vendors: Set<GPU.Vendor>) -> [Evidence] {
    box.inventory.gpus.compactMap { gpu in
      guard vendors.contains(gpu.vendor), gpu.driver == nil, isCard(gpu) != false else {
        return nil
      }
      let unknown = gpu.unknown + (box.function(gpu.address)?.unknown ?? [])
      guard let noted = unknown.first(where: { $0.fact == "driver" }) else { return nil }
      return Evidence(
        missing: "gpus[\(gpu.address)].driver", path: noted.path, reason: noted.reason)
    }
  }

  /// Parts of the inventory that the procedure reads.
  static let needs: CollectionOptions.Parts = [
    .machine, .processors, .pci, .pciDetail, .gpus, .nvme, .nics,
  ]

  /// Kinds of devices that could not be looked for: a list that is empty although its collector
  /// found something, or failed.
  static func unseen(_ box: Box, _ kinds: [String] = ["GPU", "NVMe", "NIC"]) -> [Evidence] {
    let inventory = box.inventory
    let isEmpty = [
      "GPU": inventory.gpus.isEmpty, "NVMe": inventory.nvme.isEmpty, "NIC": inventory.nics.isEmpty,
    ]
    let lists = ["GPU": "gpus", "NVMe": "nvme", "NIC": "nics"]
    return kinds.compactMap { kind in
      let report = inventory.collectors.first { $0.name == kind }
      guard isEmpty[kind] == true, report?.outcome != .nothing else { return nil }
      return Evidence(
        missing: lists[kind] ?? kind, path: "collectors[\(kind)]",
        reason: report?.note ?? (report == nil ? "not collected" : "nothing was found"))
    }
  }
}
