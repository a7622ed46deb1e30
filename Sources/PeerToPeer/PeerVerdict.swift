public import Base
public import Inventory

/// Whether a device reaches another's memory, and how.
public enum PeerVerdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The device itself.
  case itself = "self"
  /// Through a switch above both, without the host's help; or over a direct link between the GPUs:
  /// NVLink, XGMI.
  case direct
  /// Through the host bridge: two root ports, or a bridge that redirects (ACS).
  case viaHostBridge
  /// Not at all; the reasons say why.
  case blocked
  /// A deciding fact is missing.
  case unknown
}

/// The verdict on an ordered pair: may `initiator` read and write memory of `target`?
///
/// Three layers are kept apart: the PCIe path, what the kernel of this machine can set up, and the
/// driver's answer. `verdict` is the worst of them. `direct` and `viaHostBridge` are predictions:
/// no transfer was run.
public struct PeerPair: Hashable, Sendable {
  /// The device that reads and writes. A drive or a NIC is the initiator of both directions of a
  /// transfer with a GPU: a drive that is read writes into the GPU's memory.
  public var initiator: PCIAddress
  /// The device whose memory is read and written.
  public var target: PCIAddress
  /// The verdict.
  public var verdict: PeerVerdict
  /// The verdict without the driver's answer: path and kernel alone.
  public var ownVerdict: PeerVerdict
  /// The way through bridges.
  public var route: PeerRoute
  /// What blocks or redirects the traffic, or is worth knowing.
  public var reasons: [PeerReason] = []
  /// Facts that are missing for a verdict.
  public var missing: [PeerFactKey] = []
  /// Facts the verdict rests on.
  public var uses: [PeerFactKey] = []
  /// What drivers and libraries say.
  public var answers: [PeerAnswer] = []
  /// Where those disagree with this verdict or with each other, in words.
  public var contradictions: [String] = []

  /// The direct link between the two GPUs that carries their traffic; nil when PCIe does.
  public var link: PeerAnswer.Link? {
    for case .linked(let link, _) in reasons { return link }
    return nil
  }

  /// Whether the driver allows what path and kernel should block: the driver decides, and the
  /// reasons that block are reported as a disagreement.
  public var isOverruled: Bool { ownVerdict == .blocked && verdict != .blocked }

  /// Whether a reason has this effect.
  package func hasReason(_ effect: PeerReason.Effect) -> Bool {
    reasons.contains { $0.effect == effect }
  }
}
