public import Base
public import Inventory

/// Whether a device reaches another's memory, and how.
public enum PeerVerdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The device itself.
  case itself = "self"
  /// Through a switch that both hang on, without the host's help; or over a
  /// link of the GPUs' own: NVLink, XGMI.
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
/// Three layers are kept apart: the PCIe path, what the kernel of this machine can set up, and
/// the driver's own word. `verdict` is the worst of them. Nothing was measured: `direct` and
/// `viaHostBridge` are predictions.
public struct PeerPair: Hashable, Sendable {
  /// The device that reads and writes. A drive or a NIC is it in both directions of a transfer
  /// with a GPU: a drive that is read writes into the GPU's memory.
  public var initiator: PCIAddress
  /// The device whose memory is read and written.
  public var target: PCIAddress
  /// The verdict.
  public var verdict: PeerVerdict
  /// The verdict without the driver's word: path and kernel alone.
  public var ownVerdict: PeerVerdict
  /// The way through bridges.
  public var route: PeerRoute
  /// What stands in the way, sends the traffic round, or is worth knowing.
  public var reasons: [PeerReason] = []
  /// Facts that are missing for a verdict.
  public var missing: [PeerFactKey] = []
  /// Facts the verdict rests on.
  public var uses: [PeerFactKey] = []
  /// What drivers and libraries say.
  public var answers: [PeerAnswer] = []
  /// Where those disagree with this verdict or with each other, in words.
  public var contradictions: [String] = []

  /// The link of the two GPUs' own that carries their traffic; nil when PCIe does.
  public var link: PeerAnswer.Link? {
    for case .linked(let link, _) in reasons { return link }
    return nil
  }

  /// Whether the driver allows what path and kernel should block: its word stands, and the reasons
  /// that block are told as a disagreement.
  public var isOverruled: Bool { ownVerdict == .blocked && verdict != .blocked }

  /// Whether something is in the way of this kind.
  public func hasReason(_ effect: PeerReason.Effect) -> Bool {
    reasons.contains { $0.effect == effect }
  }
}
