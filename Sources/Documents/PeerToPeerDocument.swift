public import Base
public import Inventory
public import PeerToPeer

/// `tinyboxctl p2p --json`.
public struct PeerToPeerDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.p2p/1`.
  public var schema = PeerToPeerDocument.currentSchema
  package static let currentSchema = "tinybox.p2p/1"
  /// Where the facts come from: `live`, or the recording that was replayed.
  public var origin: String
  /// Devices that take part: GPUs, then drives, then NICs, each by address.
  public var devices: [PeerDevice]
  /// Collectors that could not look for devices.
  public var unseen: [CollectorReport]
  /// The reasons for the verdicts, each once; pairs refer to them by their index in this list.
  public var reasons: [Reason]
  /// Facts that are missing, each once; pairs refer to them by their index in this list.
  public var missing: [PeerFact]
  /// Ordered pairs, by initiator, then target, in the order of `devices`.
  public var pairs: [Pair]

  /// A reason for a verdict.
  public struct Reason: Codable, Hashable, Sendable {
    /// Its name: `acsRedirect`, `barSmall`, ...
    public var kind: String
    /// `blocks`, `redirects` or `note`.
    public var effect: PeerReason.Effect
    /// In words.
    public var text: String
    /// Address of the bridge, for `acsRedirect`.
    public var bridge: PCIAddress?
    /// Offset of its ACS control register in configuration space, bytes.
    public var registerOffset: Int?
    /// Names of the bits that redirect.
    public var bits: [String]?
    /// How to remove it.
    public var remedy: PeerRemedy?
    /// Where the rule comes from.
    public var source: String
  }

  /// An ordered pair.
  public struct Pair: Codable, Hashable, Sendable {
    /// The device that reads and writes.
    public var initiator: PCIAddress
    /// The device whose memory it is.
    public var target: PCIAddress
    /// The verdict: the worst of path, kernel and driver.
    public var verdict: PeerVerdict
    /// The verdict on the path alone: `direct`, `viaHostBridge` or `unknown`; absent for a device
    /// and itself.
    public var path: PeerVerdict?
    /// The direct link between the GPUs that carries their traffic, `nvlink` or `xgmi`; absent over
    /// PCIe.
    public var link: PeerAnswer.Link?
    /// The bridge both are below; absent when they share none.
    public var commonBridge: PCIAddress?
    /// Bridges on the path, from the initiator to the target.
    public var bridges: [PCIAddress]
    /// Distance as the kernel counts it.
    public var distance: Int?
    /// Indexes into `reasons`.
    public var reasons: [Int]
    /// Indexes into `missing`.
    public var missing: [Int]
    /// What drivers and libraries say.
    public var answers: [PeerAnswer]
    /// Where those disagree.
    public var contradictions: [String]
    /// Whether it was measured: always `notMeasured`.
    public var measurement: String
  }

  /// The document of a map.
  package init(_ map: PeerMap, _ chosen: [PeerPair], origin: String) {
    self.origin = origin
    devices = map.devices
    unseen = map.unseen
    var reasons: [Reason] = []
    var reasonIndex: [PeerReason: Int] = [:]
    var missing: [PeerFact] = []
    var missingIndex: [PeerFactKey: Int] = [:]
    var pairs: [Pair] = []
    for pair in chosen {
      let isSelf = pair.verdict == .itself
      pairs.append(
        Pair(
          initiator: pair.initiator, target: pair.target, verdict: pair.verdict,
          path: isSelf ? nil : pair.route.kind, link: pair.link,
          commonBridge: pair.route.commonBridge,
          bridges: Array(pair.route.fromInitiator.dropFirst())
            + (pair.route.commonBridge.map { [$0] } ?? [])
            + pair.route.fromTarget.dropFirst().reversed(),
          distance: pair.route.distance,
          reasons: pair.reasons.map { reason in
            if let index = reasonIndex[reason] { return index }
            reasonIndex[reason] = reasons.count
            reasons.append(Reason(reason, map))
            return reasons.count - 1
          },
          missing: pair.missing.map { key in
            if let index = missingIndex[key] { return index }
            missingIndex[key] = missing.count
            missing.append(map.fact(key))
            return missing.count - 1
          },
          answers: pair.answers, contradictions: pair.contradictions,
          measurement: "notMeasured"))
    }
    self.reasons = reasons
    self.missing = missing
    self.pairs = pairs
  }
}

extension PeerToPeerDocument.Reason {
  init(_ reason: PeerReason, _ map: PeerMap) {
    kind = reason.kind
    effect = reason.effect
    text = reason.text
    remedy = map.remedy(reason)
    source = reason.source
    if case .redirect(let bridge, let register, let bits) = reason {
      self.bridge = bridge
      registerOffset = register
      self.bits = bits
    }
  }
}
