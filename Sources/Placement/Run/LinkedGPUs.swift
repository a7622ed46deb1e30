internal import Base
internal import Inventory

/// Which of some GPUs work best together: those with links of their own, NVLink or XGMI.
struct LinkedGPUs {
  private let links: [PCIAddress: [PCIAddress: PeerAnswer.Link]]

  /// The links that drivers report.
  init(_ inventory: Inventory) {
    var links: [PCIAddress: [PCIAddress: PeerAnswer.Link]] = [:]
    for gpu in inventory.gpus {
      for answer in gpu.peerAnswers where answer.isAllowed == true {
        if let link = answer.link { links[gpu.address, default: [:]][answer.peer] = link }
      }
    }
    self.links = links
  }

  /// So many of the free GPUs, with as many links among them as possible; else the first.
  ///
  /// Each GPU in turn is the first of a group, and the one with the most links to the group is added
  /// until there are enough. Where links make cliques, as bridges, hives and NVSwitches do, that
  /// finds the best group.
  func choose(_ count: Int, from free: [PCIAddress]) -> [PCIAddress] {
    guard count > 1, count < free.count else { return Array(free.prefix(count)) }
    var best = Array(free.prefix(count))
    var most = linkCount(best)
    for first in free {
      var group = [first]
      while group.count < count {
        let rest = free.filter { !group.contains($0) }
        let next = rest.max { linksOf($0, in: group) < linksOf($1, in: group) }
        guard let next else { break }
        group.append(next)
      }
      if linkCount(group) > most {
        most = linkCount(group)
        best = group.sorted()
      }
    }
    return best
  }

  /// How a group is linked, in a line; nil for one without links.
  func reason(_ group: [PCIAddress]) -> String? {
    let names = Set(
      group.flatMap { from in group.compactMap { links[from]?[$0]?.name } }
    ).sorted()
    guard !names.isEmpty else { return nil }
    let isWhole = linkCount(group) == group.count * (group.count - 1)
    return "GPUs \(isWhole ? "" : "partly ")linked by \(names.joined(separator: " and "))"
  }

  private func linksOf(_ gpu: PCIAddress, in group: [PCIAddress]) -> Int {
    group.count { links[gpu]?[$0] != nil }
  }

  /// Ordered pairs with a link.
  private func linkCount(_ group: [PCIAddress]) -> Int {
    group.reduce(0) { $0 + linksOf($1, in: group) }
  }
}
