internal import Base
internal import Inventory

/// How a function's link is told in a cell or a sentence.
struct LinkText {
  /// The hop a person means by "the device's link": the slot link, which on cards with a switch
  /// of their own is not the one directly above the function.
  let slot: PCIeHop?
  /// A link on the way to the root that runs below what both ends can do: the narrowest if that
  /// is one, else the first.
  let limiting: PCIeHop?
  /// Whether its only links are inside a chip, so that there is no rate to tell.
  let isInsideChip: Bool
  /// What the slot link runs at.
  let current: PCIeRate?
  /// What it could run at.
  let possible: PCIeRate?

  init(_ function: PCIFunction) {
    let hops = function.path?.hops ?? []
    func hop(_ index: Int?) -> PCIeHop? {
      index.flatMap { hops.indices.contains($0) ? hops[$0] : nil }
    }
    let wires = function.path?.wires ?? []
    slot = hop(function.path?.slotLink) ?? wires.first
    isInsideChip = wires.isEmpty && !hops.isEmpty
    let narrowest = hop(function.path?.bottleneck)
    limiting =
      narrowest?.verdict == .below ? narrowest : wires.first(where: { $0.verdict == .below })
    // A hop that names no rate leaves the function's own end to tell.
    let own = isInsideChip ? nil : function.link?.current ?? function.express?.linkStatus
    current = slot?.current ?? own
    possible = slot?.possible ?? (slot == nil && !isInsideChip ? Self.own(function) : nil)
  }

  /// What this end alone could do.
  private static func own(_ function: PCIFunction) -> PCIeRate? {
    function.link?.maximum ?? function.express?.linkCapability
  }

  /// `16 GT/s x16`.
  static func rate(_ rate: PCIeRate) -> String {
    "\(Units.gigatransfers(rate.gigatransfersPerSecond)) x\(rate.width)"
  }

  /// `L1 L1.1`, or `off`.
  static func aspm(_ states: [String]) -> String {
    states.isEmpty ? "off" : states.joined(separator: " ")
  }

  /// `8 GT/s x4 of 16 GT/s x4`, or what of it is known.
  static func rates(_ hop: PCIeHop) -> String {
    let now = hop.current.map(rate) ?? "unknown"
    guard let possible = hop.possible, hop.current != possible else { return now }
    return "\(now) of \(rate(possible))"
  }

  /// The cell of a table: `16 GT/s x16`, with an arrow when a link on the way is below.
  static func cell(_ function: PCIFunction?, _ style: Style) -> Line {
    guard let function else { return Line("-", .dim) }
    let link = LinkText(function)
    if link.isInsideChip { return Line("-", .dim) }
    guard let current = link.current else {
      return FactText(function.unknown).missing(keys)
    }
    var line = Line(rate(current), link.limiting == nil ? .plain : .warning)
    if link.limiting != nil { line.add(style.unicode ? " ↓" : " !", .warning) }
    return line
  }

  /// An edge of a tree: `8 GT/s x4, now 2.5 GT/s x1 ↓`.
  static func edge(
    current: PCIeRate?, possible: PCIeRate?, isBelow: Bool, _ style: Style
  ) -> Line {
    guard let current else {
      return possible.map { Line("\(rate($0)), now unknown", .dim) } ?? Line()
    }
    guard isBelow, let possible else { return Line(rate(current), .dim) }
    return Line(
      "\(rate(possible)), now \(rate(current))" + (style.unicode ? " ↓" : " !"), .warning)
  }

  /// What the port could do beyond the device below it, in words; empty when it
  /// is used to the full.
  static func unused(_ hop: PCIeHop) -> String {
    guard hop.verdict == .full, let current = hop.current, let port = hop.portMaximum,
      port.bytesPerSecond > current.bytesPerSecond
    else { return "" }
    return "port can do \(rate(port))"
  }

  /// Keys under which a link that could not be read is noted.
  static let keys = ["link", "path", "current", "linkStatus", "express"]
}
