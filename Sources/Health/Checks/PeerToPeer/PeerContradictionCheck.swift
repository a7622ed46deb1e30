internal import Base
internal import Inventory
internal import PeerToPeer

/// Whether the driver's verdict on peer access agrees with what path and kernel say.
enum PeerContradictionCheck: Check {
  static let info = CheckInfo(
    id: "p2p-contradiction",
    title: "Driver and path agree on peer access",
    area: .peerToPeer,
    harm: .largeLoss,
    why: """
      tinybox evaluates each pair of GPUs by the kernel's own procedure, and drivers publish their \
      verdicts. Where the two disagree, one of them is wrong: a driver that allows what the path \
      cannot carry loses data silently, and one that refuses what should work has a reason that \
      is worth finding. HSA also reports whether a CPU can see a card's memory: that has to match \
      the size of the BAR.
      """,
    reads: [
      "gpus[].peerAnswers", "gpus[].hsa.isVisibleToCPU", "gpus[].largeBar",
      "the facts of the peer-to-peer procedure: 'tinyboxctl p2p --explain A B' lists them",
    ],
    verdicts: [
      .pass: "they agree on every pair",
      .warn: "they do not",
      .unknown: "a pair is unknown, so there is nothing to compare",
      .notApplicable: "no driver reports two GPUs",
    ],
    fix: "Measure the pair with data verification before trusting either.",
    risk: "None: measuring reads and writes memory of idle cards only.",
    sources: [
      "kernel: drivers/pci/p2pdma.c; amdgpu_device.c, amdgpu_device_is_peer_accessible",
      "ROCR-Runtime: on kernels without p2p_links HSA allows more than the kernel",
    ],
    needs: PeerCards.needs)

  static func evaluate(_ box: Box) -> [Finding] {
    let unseen = PeerCards.unseen(box, ["GPU"])
    if !unseen.isEmpty { return [unknown("GPUs unknown", evidence: unseen)] }
    let map = box.peers
    var findings = bars(box)
    var proof: [PeerFactKey] = []
    var missing: [PCIAddress: [PeerFactKey]] = [:]
    var isAsked = false
    var contradicted: [PCIAddress: [String]] = [:]
    for pair in map.pairs {
      let isDriven =
        map.device(pair.target)?.kind == .gpu
        && ["amdgpu", "nvidia"].contains(map.device(pair.initiator)?.driver ?? "")
        && map.device(pair.initiator)?.kind == .gpu && pair.verdict != .itself
      guard isDriven || !pair.answers.isEmpty else { continue }
      if !pair.contradictions.isEmpty {
        contradicted[pair.initiator, default: []] += pair.contradictions
        continue
      }
      let answer = pair.answers.first { $0.source != .hsa }
      let isTold =
        map.device(pair.initiator)?.driver != nil && map.device(pair.target)?.driver != nil
      guard answer?.isAllowed != nil, pair.ownVerdict != .unknown, isTold else {
        isAsked = isAsked || answer != nil
        missing[pair.initiator, default: []] += pair.missing
        continue
      }
      isAsked = true
      // Where the path blocks, only the drivers' answers count.
      proof += pair.ownVerdict == .blocked ? [.answers(pair.initiator)] : pair.uses
    }
    for (address, texts) in contradicted.sorted(by: { $0.key < $1.key }) {
      findings.append(contradiction(address, texts, map, box))
    }
    if findings.isEmpty, !isAsked { return [notApplicable("no driver reports two GPUs")] }
    for (address, keys) in missing.sorted(by: { $0.key < $1.key }) {
      findings.append(
        unknown("nothing to compare", box.subject(address), evidence: map.evidence(keys)))
    }
    if !findings.isEmpty { return findings }
    return [pass("driver and path agree on every pair", evidence: map.evidence(proof))]
  }

  private static func contradiction(
    _ address: PCIAddress, _ texts: [String], _ map: PeerMap, _ box: Box
  ) -> Finding {
    let pairs = map.pairs.filter { $0.initiator == address && !$0.contradictions.isEmpty }
    let peers = pairs.map { map.device($0.target)?.name ?? $0.target.short }
    let reasons = pairs.flatMap(\.reasons).filter { $0.effect == .blocks }.map(\.text)
    return warn(
      texts[0], box.subject(address),
      evidence: map.evidence([.answers(address)] + pairs.flatMap(\.uses)),
      consequence: "with \(peers.prefix(4).joined(separator: ", "))"
        + (peers.count > 4 ? ", ..." : "")
        + (reasons.first.map { "; by the procedure: \($0)" } ?? "")
        + "; until measured, neither is to be trusted",
      advice: [
        Advice(
          "see the verdict hop by hop",
          commands: pairs.prefix(1).map {
            "tinyboxctl p2p --explain \($0.initiator.short) \($0.target.short)"
          })
      ])
  }

  /// Cards whose memory a CPU sees by one fact and does not by another.
  private static func bars(_ box: Box) -> [Finding] {
    box.inventory.gpus.compactMap { gpu in
      guard let isVisible = gpu.hsa?.isVisibleToCPU, let isLarge = gpu.largeBar,
        isVisible != isLarge
      else { return nil }
      return warn(
        isVisible ? "HSA sees more memory than the BAR" : "HSA sees less memory than the BAR",
        box.subject(gpu.address),
        evidence: [
          Evidence(
            "gpus[\(gpu.address)].hsa.isVisibleToCPU", isVisible ? "yes" : "no",
            path: "hsa_amd_agent_memory_pool_get_info"),
          Evidence(
            "gpus[\(gpu.address)].largeBar", isLarge ? "yes" : "no",
            path: "/sys/bus/pci/devices/\(gpu.address)/resource"),
        ],
        consequence: "peer access needs the whole memory on the bus; one of the two is wrong",
        advice: [
          Advice(
            "compare the BAR with what the driver reports",
            commands: ["tinyboxctl devices \(gpu.address.short)"])
        ])
    }
  }
}
