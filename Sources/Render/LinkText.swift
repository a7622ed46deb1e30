internal import Base
internal import Inventory

/// A function's link in a cell or a sentence.
enum LinkText {
  /// `PCIe 4.0 x16`.
  static func rate(_ rate: PCIeRate) -> String { rate.name }

  /// `PCIe 4.0 x16 (16 GT/s, 31.5 GB/s)`, where there is room.
  static func full(_ rate: PCIeRate) -> String {
    let bandwidth = Units.decimal(rate.bytesPerSecond / 1e9, places: 1)
    return "\(rate.name) (\(Units.gigatransfers(rate.gigatransfersPerSecond)), \(bandwidth) GB/s)"
  }

  /// `L1 L1.1`, or `off`.
  static func aspm(_ states: [String]) -> String {
    states.isEmpty ? "off" : states.joined(separator: " ")
  }

  /// `PCIe 3.0 x4 of PCIe 4.0 x4`, or what of it is known.
  static func rates(_ hop: PCIeHop) -> String {
    let now = hop.current.map(rate) ?? "unknown"
    guard let possible = hop.possible, hop.current != possible else { return now }
    return "\(now) of \(rate(possible))"
  }

  /// The cell of a table: `PCIe 4.0 x16`, with an arrow when a link on the way is below.
  static func cell(_ function: PCIFunction?, _ index: DeviceIndex, _ style: Style) -> Line {
    guard let function else { return Line("-", .dim) }
    if DeviceLink.isInsideChip(function) { return Line("-", .dim) }
    guard let link = index.link(function.address), let current = link.shown else {
      // There is a link, and what it runs at is not known: its device's page says why.
      if function.path?.hops.isEmpty == false { return Line("unknown", .warning) }
      return FactText(function.unknown).missing(keys)
    }
    if link.limiting == nil { return Line(rate(current)) }
    // An idle GPU lowers its link: shown, and no warning.
    let tone: Tone = link.isResting ? .dim : .warning
    return Line(rate(current), tone).with(Line(style.unicode ? " ↓" : " !", tone))
  }

  /// An edge of a tree: `PCIe 3.0 x4, now PCIe 1.0 x1 ↓`.
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
