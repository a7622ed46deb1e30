internal import Base
internal import Inventory

/// Judges the links between a device and its root port in one dimension.
///
/// Speed and width are judged alike and reported apart: a lost lane and a lost generation have
/// different causes. One reading proves little, as GPUs lower their links when idle; see the
/// section "Link truth" of the sources named by the checks.
struct LinkJudge {
  /// What is compared.
  enum Dimension {
    case speed, width

    func value(_ rate: PCIeRate) -> Double {
      switch self {
      case .speed: rate.gigatransfersPerSecond
      case .width: Double(rate.width)
      }
    }

    /// `16 GT/s`, `x16`.
    func text(_ rate: PCIeRate) -> String {
      switch self {
      case .speed: Text.decimal(rate.gigatransfersPerSecond, places: 1) + " GT/s"
      case .width: "x\(rate.width)"
      }
    }
  }

  /// The state of a link.
  enum LinkVerdict: Int, Comparable {
    case ok, idleDownshift, unknown, slotLimited, below, capped, belowProfile, belowUnderLoad
    static func < (a: LinkVerdict, b: LinkVerdict) -> Bool { a.rawValue < b.rawValue }
  }

  /// The judgement of one link.
  struct Judgement {
    var hop: PCIeHop
    var verdict: LinkVerdict
    /// One line.
    var summary: String
    /// What it should be, where that is known.
    var expected: PCIeRate?
    /// What that costs, where it is not the difference of two rates.
    var consequence: String?
    /// Whether it is the link of the slot.
    var isSlot = false
  }

  let box: Box
  let dimension: Dimension
  let function: PCIFunction
  private let gpu: GPU?

  init(_ box: Box, _ dimension: Dimension, _ function: PCIFunction) {
    self.box = box
    self.dimension = dimension
    self.function = function
    gpu = box.inventory.gpus.first { $0.address == function.address }
  }

  /// The judgement of every link of the path, the device's own first; links inside a chip are left
  /// out.
  func judgements() -> [Judgement] {
    guard let path = function.path else { return [] }
    return path.hops.enumerated().filter { $0.element.isInsideChip != true }.map { index, hop in
      var judgement = judge(hop, isSlot: index == path.slotLink)
      judgement.isSlot = index == path.slotLink
      return judgement
    }
  }

  private func judge(_ hop: PCIeHop, isSlot: Bool) -> Judgement {
    func result(_ verdict: LinkVerdict, _ summary: String, _ expected: PCIeRate? = nil) -> Judgement
    {
      Judgement(
        hop: hop, verdict: verdict, summary: summary, expected: expected ?? hop.possible)
    }
    guard hop.verdict != .unknown, let current = hop.current, let possible = hop.possible else {
      return result(.unknown, "link not known\(hop.note.map { ": \($0)" } ?? "")")
    }
    let now = dimension.value(current)
    let can = dimension.value(possible)
    if isSlot, let expected = box.profile?.expectedLink(of: function, over: hop),
      can < dimension.value(expected)
    {
      let source = box.profile?.origin == .learned ? "it had" : "the profile expects"
      return result(
        .belowProfile,
        "slot allows \(dimension.text(possible)), \(source) \(dimension.text(expected))", expected)
    }
    if now > can { return result(.unknown, "runs above what its ends say they can do") }
    let verdict = verdict(hop, current, possible, result)
    // What the slot allows is known, whatever an idle link runs at.
    guard isSlot, verdict.verdict <= .unknown, let limit = slotLimit(hop, possible) else {
      return verdict
    }
    var limited = result(.slotLimited, limit.summary, hop.deviceMaximum)
    limited.consequence = limit.consequence
    return limited
  }

  private func verdict(
    _ hop: PCIeHop, _ current: PCIeRate, _ possible: PCIeRate,
    _ result: (LinkVerdict, String, PCIeRate?) -> Judgement
  ) -> Judgement {
    let now = dimension.value(current)
    let can = dimension.value(possible)
    if now == can { return result(.ok, dimension.text(current), nil) }
    let rates = "\(dimension.text(current)) of \(dimension.text(possible))"
    let place = " at \(hop.port.short)"
    if dimension == .speed, let cap = softwareCap(hop), cap < can {
      return result(.capped, "\(rates)\(place), capped by software", nil)
    }
    return below(hop, possible, rates + place, result)
  }

  /// Below what both ends can do: idle, or trained low.
  private func below(
    _ hop: PCIeHop, _ possible: PCIeRate, _ text: String,
    _ result: (LinkVerdict, String, PCIeRate?) -> Judgement
  ) -> Judgement {
    let seen = box.samples?.links.first { $0.port == hop.port && $0.device == hop.device }
    if let seen, seen.readings > 1 {
      if let fastest = seen.fastest, dimension.value(fastest) >= dimension.value(possible) {
        return result(.idleDownshift, "\(text) when idle, full under load", nil)
      }
      if seen.busyReadings > 0 {
        return result(
          .belowUnderLoad, "\(text), in all of \(seen.busyReadings) samples under load", nil)
      }
      if lowersWhenIdle {
        return result(.unknown, "\(text), but nothing used it in \(seen.readings) samples", nil)
      }
      return result(.below, "\(text) in all of \(seen.readings) samples", nil)
    }
    if lowersWhenIdle {
      if let gpu, let busy = gpu.busyShare {
        switch gpu.load {
        case .working:
          return result(.below, "\(text), \(Text.percent(busy)) busy (one sample)", nil)
        case .unknown:
          return result(
            .unknown,
            "\(text): said to be \(Text.percent(busy)) busy, which its power does not "
              + "show", nil)
        case .idle: break
        }
      }
      return result(.unknown, "\(text): idle, or trained low (test under load)", nil)
    }
    return result(.below, "\(text) (one sample)", nil)
  }

  /// Whether the device lowers its link by itself when it has nothing to do. NVIDIA's cards keep
  /// their width.
  private var lowersWhenIdle: Bool {
    guard let gpu else { return function.identity.classCode.map { $0 >> 16 == 0x12 } ?? false }
    return dimension == .speed || gpu.vendor != .nvidia
  }

  private func softwareCap(_ hop: PCIeHop) -> Double? {
    box.function(hop.port)?.express?.targetGigatransfersPerSecond
  }

  /// What a profile says of a device's link: by place, else by kind.
  static func expected(_ profile: Profile, _ function: PCIFunction) -> PCIeRate? {
    let id = function.identity.pciID
    if let place = profile.places?.first(where: { $0.address == function.address }) {
      // Another card in the same place is another question.
      if place.pciID == nil || place.pciID == id { return place.link }
    }
    if let gpu = profile.gpus?.first(where: { $0.pciID != nil && $0.pciID == id }) {
      return gpu.link
    }
    return nil
  }
}
