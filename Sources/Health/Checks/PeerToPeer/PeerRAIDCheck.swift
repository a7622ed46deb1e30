internal import Inventory
internal import PeerToPeer

/// Whether an array or mapping keeps drives from writing into GPU memory.
enum PeerRAIDCheck: Check {
  static let info = CheckInfo(
    id: "p2p-raid",
    title: "RAID between drives and GPUs",
    area: .peerToPeer,
    harm: .smallLoss,
    why: """
      A drive can write straight into a card's memory when path, kernel and driver allow it. md \
      arrays and device mapper (LVM, encryption) stand between file and drive, and such transfers \
      then go through host memory. Where nothing else prevents direct transfers, this is a choice: \
      an array of four drives may still be faster than direct access to each.
      """,
    reads: [
      "nvme[].namespaces (holders in /sys/block)", "gpus[].driver",
      "the facts of the peer-to-peer procedure",
    ],
    verdicts: [
      .pass: "a plain drive, and every card can be reached directly",
      .warn: "only an array or mapping prevents direct transfers",
      .unknown: "what is on the drive, or the path to it, is unknown",
      .notApplicable: "no drive or no card; or something else prevents direct transfers",
    ],
    fix: "use the drives one by one, or stay with copies through host memory.",
    risk: "Everything on an array is lost when it is taken apart.",
    sources: [
      "NVIDIA GPUDirect Storage documentation: software RAID is not supported",
      "tinygrad #5035: 14.7-15.4 GB/s through host memory from a four-drive array",
    ],
    needs: PeerCards.needs)

  static func evaluate(_ box: Box) -> [Finding] {
    let unseen = PeerCards.unseen(box, ["GPU", "NVMe"])
    if !unseen.isEmpty { return [unknown("devices unknown", evidence: unseen)] }
    let map = box.peers
    let gpus = box.inventory.gpus.filter {
      PeerCards.isCard($0) != false && ($0.vendor == .amd || $0.vendor == .nvidia)
    }
    let driven = gpus.filter { $0.driver == "amdgpu" || $0.driver == "nvidia" }
    if driven.isEmpty {
      let unread = PeerCards.withUnknownDriver(box, [.amd, .nvidia])
      return unread.isEmpty
        ? [notApplicable("no card that a drive could write to")]
        : [unknown("GPU drivers unknown", evidence: unread)]
    }
    let lost = gpus.filter { $0.driver == nil }.map { PeerFactKey.driver($0.address) }
    if !lost.isEmpty { return [unknown("driver of a GPU unknown", evidence: map.evidence(lost))] }
    let cards = Set(driven.map(\.address))
    let drives = map.devices.filter { $0.kind == .nvme }
    if drives.isEmpty { return [notApplicable("no NVMe drive on PCIe")] }
    return drives.map { drive in
      finding(
        drive, map.pairs.filter { $0.initiator == drive.address && cards.contains($0.target) },
        map, box)
    }
  }

  private static func finding(
    _ drive: PeerDevice, _ pairs: [PeerPair], _ map: PeerMap, _ box: Box
  ) -> Finding {
    let subject = box.subject(drive.address)
    func isLayer(_ reason: PeerReason) -> Bool { reason.kind == "raidLayer" }
    let layered = pairs.filter { $0.reasons.contains(where: isLayer) }
    let alone = layered.filter { pair in
      pair.missing.isEmpty && pair.reasons.allSatisfy { $0.effect != .blocks || isLayer($0) }
    }
    let isBoot = box.inventory.nvme.first { $0.address == drive.address }?.isBootDisk == true
    if let pair = alone.first, let reason = pair.reasons.first(where: isLayer) {
      if isBoot { return notApplicable("boot disk: its mapping does not matter", subject) }
      guard case .layer(_, let holder, let kind) = reason else {
        return notApplicable("", subject)
      }
      return warn(
        "part of \(holder): no direct way to GPUs", subject,
        evidence: map.evidence([.uses(drive.address)]),
        consequence: "reads go through host memory: each byte crosses PCIe and memory twice "
          + "(14.7-15.4 GB/s measured where the drives gave 18-20)",
        advice: [
          Advice(
            kind == .raid
              ? "leave the array where bandwidth matters more than memory traffic; measure both"
              : "use the drive without device mapper for data that GPUs read",
            risk: "taking \(holder) apart loses everything on it: back it up first")
        ])
    }
    if !layered.isEmpty { return notApplicable("something else prevents it first", subject) }
    if pairs.contains(where: { $0.verdict == .blocked }) {
      return notApplicable("something else is in the way", subject)
    }
    let missing = pairs.flatMap(\.missing)
    if !missing.isEmpty || pairs.isEmpty {
      return unknown("the path to a GPU is unknown", subject, evidence: map.evidence(missing))
    }
    return pass(
      "plain drive, every card can be reached directly", subject,
      evidence: map.evidence(pairs.flatMap(\.uses)))
  }
}
