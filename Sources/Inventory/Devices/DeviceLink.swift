internal import Base

/// The link that "the device's link" means, decided once for the screen, documents and the page.
///
/// On cards with a switch of their own it is not the link directly above the function, because the
/// card's own links do not show what the slot gives.
public struct DeviceLink: Hashable, Sendable {
  /// The rate the slot's link runs at.
  public var current: PCIeRate?
  /// The rate both of its ends support.
  public var possible: PCIeRate?
  /// A link on the path to the root that runs below what both of its ends support: the first that
  /// lacks lanes, else the slowest.
  public var limiting: PCIeHop?
  /// What to show in one figure: what the limiting link runs at, else the slot's.
  public var shown: PCIeRate? { limiting == nil ? current : limiting?.current }
  /// Whether it is used to the full: `below` where any link on the path is.
  public var verdict: PCIeHop.Verdict
  /// Whether the idle GPU alone explains it: the speed is below, the width is not.
  public var isResting: Bool

  /// The link of a function; nil for one without, and for one whose links are all inside a chip:
  /// parts of one chip show a link that does not exist.
  /// - Parameter gpu: the GPU on it, which lowers its link while it is idle.
  package init?(_ function: PCIFunction, gpu: GPU? = nil) {
    let hops = function.path?.hops ?? []
    func hop(_ index: Int?) -> PCIeHop? {
      index.flatMap { hops.indices.contains($0) ? hops[$0] : nil }
    }
    if DeviceLink.isInsideChip(function) { return nil }
    let wires = function.path?.wires ?? []
    let slot = hop(function.path?.slotLink) ?? wires.first
    let below = wires.filter { $0.verdict == .below }
    let narrowest = hop(function.path?.bottleneck)
    // A width stays when the device idles, a speed does not: the hop that lacks lanes says more.
    limiting =
      below.first { $0.current?.width != $0.possible?.width }
      ?? (narrowest?.verdict == .below ? narrowest : below.first)
    // The function's own end shows the link only where its port was not seen. A hop without a rate
    // is one whose ends disagree, or that is down: one end alone would be a guess.
    current =
      slot == nil ? function.link?.current ?? function.express?.linkStatus : slot?.current
    possible =
      slot == nil
      ? function.link?.maximum ?? function.express?.linkCapability : slot?.possible
    if slot == nil && current == nil && possible == nil { return nil }
    verdict = limiting == nil ? slot?.verdict ?? .unknown : .below
    isResting = false
    if verdict == .below, gpu?.isIdle == true {
      isResting = wires.allSatisfy { hop in
        hop.verdict != .below || hop.current?.width == hop.possible?.width
      }
    }
  }
}

extension DeviceLink {
  /// Whether the only links of a function are inside a chip, so that there is no rate to show.
  package static func isInsideChip(_ function: PCIFunction) -> Bool {
    guard let path = function.path else { return false }
    return path.wires.isEmpty && !path.hops.isEmpty
  }
}

extension PCIeRate {
  /// Its usual name: `PCIe 4.0 x16`; a rate that no generation has is written in full.
  public var name: String {
    let generations: [Double: String] = [
      2.5: "1.0", 5: "2.0", 8: "3.0", 16: "4.0", 32: "5.0", 64: "6.0",
    ]
    guard let generation = generations[gigatransfersPerSecond] else { return description }
    return "PCIe \(generation) x\(width)"
  }
}
