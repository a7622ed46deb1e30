internal import Inventory
internal import PeerToPeer

/// Whether the driver lets GPUs reach each other where the path allows it.
enum PeerAccessCheck: Check {
  static let info = CheckInfo(
    id: "peer-access",
    title: "Peer access by the GPU driver",
    area: .peerToPeer,
    harm: .largeLoss,
    why: """
      The path between two cards may be fine and the driver still refuse: NVIDIA's driver does so \
      between GeForce cards, where only patched open modules allow it. Drivers publish their \
      verdict (KFD for AMD, NVML for NVIDIA), for reading and writing apart.
      """,
    reads: [
      "gpus[].peerAnswers (KFD p2p_links and io_links, NVML nvmlDeviceGetP2PStatus)",
      "gpus[].driver", "gpus[].memoryTotalBytes",
    ],
    verdicts: [
      .pass: "the driver allows access to every other card",
      .warn: "the driver refuses although path and kernel allow it",
      .unknown: "the driver was not asked, or a card's facts are missing",
      .notApplicable:
        "fewer than two cards of one maker; or the path or the kernel prevents it first",
    ],
    fix: "GeForce: NVIDIA's open kernel modules with a peer-to-peer patch.",
    risk: "Not supported by NVIDIA, and to be built anew for each driver version.",
    sources: [
      "kernel: kfd_topology.c, kfd_add_peer_prop: an entry under A to B lets A access B",
      "NVML: nvmlDeviceGetP2PStatus", "tinygrad/open-gpu-kernel-modules, README",
    ],
    needs: PeerCards.needs)

  static func evaluate(_ box: Box) -> [Finding] {
    let unseen = PeerCards.unseen(box, ["GPU"])
    if !unseen.isEmpty { return [unknown("GPUs unknown", evidence: unseen)] }
    let map = box.peers
    var findings: [Finding] = []
    for (vendor, driver) in [(GPU.Vendor.amd, "amdgpu"), (.nvidia, "nvidia")] {
      let cards = box.inventory.gpus.filter {
        $0.vendor == vendor && PeerCards.isCard($0) != false
          && ($0.driver == driver || $0.driver == nil)
      }
      // Cards without a kernel driver alone are their user-space driver's business.
      guard cards.count >= 2, cards.contains(where: { $0.driver == driver }) else { continue }
      findings += cards.map { finding($0, cards, driver, map, box) }
    }
    if !findings.isEmpty { return findings }
    let unread = PeerCards.withUnknownDriver(box, [.amd, .nvidia])
    return unread.count >= 2
      ? [unknown("GPU drivers unknown", evidence: unread)]
      : [notApplicable("fewer than two cards whose driver reports it")]
  }

  private static func finding(
    _ gpu: GPU, _ cards: [GPU], _ driver: String, _ map: PeerMap, _ box: Box
  ) -> Finding {
    let subject = box.subject(gpu.address)
    let source: PeerAnswer.Source = driver == "nvidia" ? .nvml : .kfd
    let peers = Set(gpu.peerAnswers.map(\.peer) + cards.map(\.address))
      .filter { $0 != gpu.address && map.device($0) != nil }.sorted()
    let answers = map.evidence([.driver(gpu.address), .answers(gpu.address)])
    var refused: [PeerReason] = []
    var earlier: PeerReason?
    var missing: [PeerFactKey] = []
    for peer in peers {
      let answer = gpu.peerAnswers.first { $0.peer == peer && $0.source == source }
      switch answer?.isAllowed {
      case true?: break
      case nil: missing.append(.answers(gpu.address))
      case false?:
        let word = PeerReason.driverRefuses(
          source: source, read: answer?.read, write: answer?.write)
        switch map.pair(gpu.address, peer)?.ownVerdict {
        case .blocked?: earlier = word
        case .direct?, .viaHostBridge?: refused.append(word)
        default: missing += map.pair(gpu.address, peer)?.missing ?? [.place(peer)]
        }
      }
    }
    if let reason = refused.first {
      return warn(
        reason.text, subject, evidence: answers,
        consequence: "copies to \(refused.count) of \(peers.count) cards go through host memory: "
          + "each byte crosses PCIe twice",
        advice: advice(gpu, map.remedy(reason)))
    }
    if !missing.isEmpty || gpu.driver == nil {
      if gpu.driver == nil { missing.insert(.driver(gpu.address), at: 0) }
      return unknown("peer access unknown", subject, evidence: map.evidence(missing))
    }
    if let earlier {
      return notApplicable(
        "\(earlier.text); path or kernel prevents it first", subject, evidence: answers)
    }
    return pass(
      "driver allows access to every peer", subject,
      evidence: answers + map.evidence(cards.map { .memory($0.address) }))
  }

  private static func advice(_ gpu: GPU, _ remedy: PeerRemedy?) -> [Advice] {
    guard gpu.driver == "nvidia", let remedy else {
      return [
        Advice(
          "look into the kernel log for the reason",
          commands: ["dmesg | grep -iE 'p2p|peer|kfd'"])
      ]
    }
    return [
      Advice(
        remedy.text, risk: remedy.cost, needsReboot: remedy.needsReboot, audience: .consumerGPU)
    ]
  }
}
