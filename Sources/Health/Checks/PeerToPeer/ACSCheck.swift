internal import Base
internal import Inventory
internal import PeerToPeer

/// Whether a bridge sends traffic between devices below it up to the root and back.
enum ACSCheck: Check {
  static let info = CheckInfo(
    id: "acs",
    title: "Access Control Services on peer-to-peer paths",
    area: .peerToPeer,
    harm: .largeLoss,
    why: """
      Two devices behind one PCIe switch can reach each other through it, and the link above the \
      switch stays free. ACS redirection takes that away: the port sends every request up to the \
      root, where the IOMMU may look at it, and down again. That protects guests from each other's \
      devices; on a box whose devices all work for one owner it costs bandwidth and, with some \
      drivers, peer access altogether.
      """,
    reads: [
      "pci[].acs (config, extended capability 0x000d, control at +6)", "pci[].hasACS",
      "pci[].parent", "gpus", "nvme", "nics",
    ],
    verdicts: [
      .pass: "no bridge on a common path redirects",
      .warn: "a bridge redirects traffic that could go directly",
      .unknown: "configuration space of a bridge on such a path was not read",
      .notApplicable: "no two devices share a bridge: ACS decides nothing between root ports",
    ],
    fix: """
      BIOS "ACS Enable" (AMD CBS, NBIO) where it reaches the switch, else the kernel argument \
      pci=disable_acs_redir= with the ports' addresses.
      """,
    risk: """
      Devices below these ports reach each other unchecked and share an IOMMU group: a guest can \
      only get all of them together.
      """,
    sources: [
      "kernel: drivers/pci/p2pdma.c, calc_map_type_and_dist: which ports count",
      "kernel: Documentation/admin-guide/kernel-parameters.txt, pci=disable_acs_redir=",
      "NVIDIA AI Enterprise guide: decide it for each path, not one value everywhere",
    ],
    needs: PeerCards.needs)

  static func evaluate(_ box: Box) -> [Finding] {
    let map = box.peers
    let pairs = map.pairs.filter { pair in
      pair.verdict != .itself && !pair.reasons.contains { $0.kind == "noTargetMemory" }
    }
    var findings: [Finding] = []
    var affected: [PCIAddress: [PeerPair]] = [:]
    for pair in pairs where pair.route.commonBridge != nil {
      for bridge in pair.route.redirects { affected[bridge, default: []].append(pair) }
    }
    for (bridge, pairs) in affected.sorted(by: { $0.key < $1.key }) {
      findings.append(redirecting(bridge, pairs, map, box))
    }
    var seen: Set<PeerFactKey> = []
    for pair in pairs where pair.route.kind == .unknown {
      for key in pair.missing where seen.insert(key).inserted {
        switch key {
        case .acs(let address):
          findings.append(
            unknown("ACS bits unknown", box.subject(address), evidence: map.evidence([key])))
        case .place(let address):
          findings.append(
            unknown("place unknown", box.subject(address), evidence: map.evidence([key])))
        default: break
        }
      }
    }
    if !findings.isEmpty { return findings }
    let unseen = PeerCards.unseen(box)
    if !unseen.isEmpty { return [unknown("devices unknown", evidence: unseen)] }
    let shared = pairs.filter { $0.route.commonBridge != nil }
    if shared.isEmpty { return [notApplicable("no two devices share a bridge")] }
    let keys = shared.flatMap { pair in
      pair.route.counted.map { PeerFactKey.acs($0) }
        + (pair.route.fromInitiator + pair.route.fromTarget).map { .place($0) }
    }
    return [pass("no bridge on a common path redirects", evidence: map.evidence(keys))]
  }

  private static func redirecting(
    _ bridge: PCIAddress, _ pairs: [PeerPair], _ map: PeerMap, _ box: Box
  ) -> Finding {
    var bits: [String] = []
    for case .redirect(bridge, _, let found) in pairs.flatMap(\.reasons) { bits = found }
    let names = pairs.prefix(4).map { pair in
      [pair.initiator, pair.target].map { map.device($0)?.name ?? $0.short }
        .joined(separator: " > ")
    }
    let all = Set(pairs.flatMap(\.route.redirects)).sorted()
    return warn(
      "redirects peer traffic: \(bits.joined(separator: " "))", box.subject(bridge),
      evidence: map.evidence([.acs(bridge)]),
      consequence: "\(pairs.count) ordered pairs go up to the root and down again"
        + uplink(pairs, map) + ": " + names.joined(separator: ", ")
        + (pairs.count > 4 ? ", ..." : ""),
      advice: map.remedy(redirects: all).advice)
  }

  /// What all of them then share: the link above the bridge they have in common.
  private static func uplink(_ pairs: [PeerPair], _ map: PeerMap) -> String {
    guard let common = pairs.first?.route.commonBridge,
      pairs.allSatisfy({ $0.route.commonBridge == common }), let bridge = map.function(common),
      bridge.express?.portType == .switchUpstream,
      let rate = bridge.link?.current ?? bridge.express?.linkStatus,
      rate.bytesPerSecond.isFinite, rate.bytesPerSecond > 0, rate.bytesPerSecond < 1e15
    else { return "" }
    let tenths = Int((rate.bytesPerSecond / 1e8).rounded())
    return ", all over the link of \(common.short) (\(tenths / 10).\(tenths % 10) GB/s each way)"
  }
}
