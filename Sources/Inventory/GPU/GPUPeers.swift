internal import Base
internal import KernelTree

/// What KFD and the vendors' libraries report about one card's access to another's memory.
extension GPUSweep {
  /// KFD's answer: a link from a node of one card to a node of another. An entry under node A to
  /// node B means that A may access B's memory: `kfd_add_peer_prop` of the kernel's
  /// `kfd_topology.c` asks whether the peer can access a device and puts the link into the peer's
  /// list. GPUs of one XGMI hive are linked in `io_links` instead. Links to CPU nodes are not about
  /// peers.
  mutating func answerPeersByKFD() {
    var owners: [Int: Int] = [:]
    for (index, card) in cards.enumerated() { for node in card.kfd { owners[node.node] = index } }
    if Set(owners.values).count < 2 { return }
    for index in cards.indices where !cards[index].kfd.isEmpty {
      var linked: [Int: Bool] = [:]
      for link in cards[index].kfd.flatMap(\.links) {
        guard let peer = owners[link.toNode], peer != index, let flags = link.flags else {
          continue
        }
        // Flag 1 is "enabled", 16 "no peer-to-peer DMA" (linux/kfd_sysfs.h).
        if flags & 1 == 1, flags & 16 == 0 { linked[peer] = linked[peer] == true || link.isXGMI }
      }
      let gap = cards[index].linkGap
      var isWhole = true
      for (peer, other) in cards.enumerated() where peer != index && !other.kfd.isEmpty {
        // A link of XGMI stands in a list that was read, whatever was not. That there is no link,
        // and that one over PCIe is all, needs both lists.
        if gap != nil, linked[peer] != true {
          isWhole = false
          continue
        }
        let access: PeerAnswer.Access = linked[peer] == nil ? .refused : .allowed
        cards[index].gpu.peerAnswers.append(
          PeerAnswer(
            peer: other.gpu.address, source: .kfd, read: access, write: access,
            link: linked[peer] == true ? .xgmi : nil))
      }
      if let gap, !isWhole {
        cards[index].facts.note("peerAnswers", path: KFDTopology.base, unknown: gap)
      } else {
        cards[index].facts.note("peerAnswers", source: KFDTopology.base)
      }
    }
  }

  /// NVML's answer.
  mutating func answerPeers(_ report: NVMLReport) {
    for answer in report.peers {
      guard let from = answer.from, let to = answer.to, let index = indexes[from],
        let peer = indexes[to], answer.read != nil || answer.write != nil
      else { continue }
      var said = PeerAnswer(peer: to, source: .nvml, read: answer.read, write: answer.write)
      if said.isAllowed == true {
        if answer.isNVLink ?? isLinkedByNVLink(index, peer) {
          said.link = .nvlink
        } else if answer.isNVLink == nil, allowsOverNVLinkAlone(index, peer) {
          said.link = .nvlink
          said.isLinkInferred = true
        }
      }
      cards[index].gpu.peerAnswers.append(said)
    }
  }

  /// Whether a working NVLink leads from one card to the other, or from both to an NVSwitch.
  private func isLinkedByNVLink(_ from: Int, _ to: Int) -> Bool {
    func ends(_ card: Int) -> [PCIAddress] {
      (cards[card].gpu.nvLinks ?? []).filter(\.isActive).compactMap(\.remote)
    }
    if ends(from).contains(cards[to].gpu.address) { return true }
    return [from, to].allSatisfy { ends($0).contains { indexes[$0] == nil } }
  }

  /// Whether the driver's yes can only mean NVLink, on a machine whose links are not known.
  ///
  /// NVIDIA's driver gives GeForce and TITAN cards since Turing no peer access over PCIe. These are
  /// the ones with a connector for an NVLink bridge.
  private func allowsOverNVLinkAlone(_ from: Int, _ to: Int) -> Bool {
    let models = ["RTX 2070 SUPER", "RTX 2080", "TITAN RTX", "RTX 3090"]
    guard cards[from].gpu.nvLinks == nil, cards[to].gpu.nvLinks == nil,
      let name = cards[from].gpu.name, name == cards[to].gpu.name
    else { return false }
    return cards[from].gpu.isGeForce == true
      && models.contains { name.uppercased().contains($0) }
  }

  /// The HSA runtime's answer: `indexes` are the cards of its GPU agents, in the runtime's order.
  mutating func answerPeers(_ report: HSAReport, cardOf: [Int?]) {
    for access in report.accesses {
      guard cardOf.indices.contains(access.to), let to = cardOf[access.to] else { continue }
      guard let agent = access.from else {
        let isVisible = cards[to].gpu.hsa?.isVisibleToCPU == true || access.isAllowed
        cards[to].gpu.hsa?.isVisibleToCPU = isVisible
        continue
      }
      guard cardOf.indices.contains(agent), let from = cardOf[agent], from != to else { continue }
      let peer = cards[to].gpu.address
      let word: PeerAnswer.Access = access.isAllowed ? .allowed : .refused
      // Partitions of a card are agents of their own: the first of them stands for it.
      let isKnown = cards[from].gpu.peerAnswers.contains { $0.peer == peer && $0.source == .hsa }
      if isKnown { continue }
      cards[from].gpu.peerAnswers.append(
        PeerAnswer(peer: peer, source: .hsa, read: word, write: word))
    }
  }
}
