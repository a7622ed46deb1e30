internal import Base

/// Writes SVG elements. Text is cleaned and escaped here and nowhere else.
struct SVGWriter {
  private(set) var body = ""
  private(set) var width = 0
  private(set) var height = 0

  /// A box. It also grows the picture.
  mutating func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ kind: String, round: Int = 4)
  {
    body +=
      "<rect class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
      + " rx=\"\(round)\"/>\n"
    grow(x + width, y + height)
  }

  /// Which part of a text stands at its x.
  enum Anchor: String { case start, middle, end }

  /// What an element shows, for scripts of a page that keeps the picture up to date.
  struct Mark {
    /// The attribute as it is written: an address needs no escaping.
    var attribute: String

    /// A device or a port: the group of its box.
    static func device(_ address: PCIAddress) -> Mark { Mark("device", address) }
    /// The line of the link above a device or port.
    static func link(_ address: PCIAddress) -> Mark { Mark("link", address) }
    /// The text of what that link runs at.
    static func rate(_ address: PCIAddress) -> Mark { Mark("rate", address) }
    /// The text below it: what the link could do, or where it starts.
    static func note(_ address: PCIAddress) -> Mark { Mark("note", address) }

    private init(_ name: String, _ address: PCIAddress) {
      attribute = " data-\(name)=\"\(address)\""
    }
  }

  /// A text with its baseline at `y`, cut to a width in pixels.
  mutating func text(
    _ x: Int, _ y: Int, _ text: String, _ kind: String, size: Int, room: Int,
    at anchor: Anchor = .start, _ mark: Mark? = nil
  ) {
    let shown = SVGWriter.cut(text, size: size, room: room)
    if shown.isEmpty { return }
    let place = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    body +=
      "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\"\(place)"
      + "\(mark?.attribute ?? "")>"
      + "\(SVGWriter.escaped(shown))</text>\n"
    grow(anchor != .start ? x : x + SVGWriter.width(shown, size: size), y)
  }

  /// A line with right angles: `points` are x and y in turn.
  mutating func line(_ points: [(x: Int, y: Int)], _ kind: String, _ mark: Mark? = nil) {
    let list = points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
    body += "<polyline class=\"\(kind)\"\(mark?.attribute ?? "") points=\"\(list)\"/>\n"
  }

  /// The start of a group with a tooltip.
  mutating func open(title: String, _ mark: Mark? = nil) {
    body +=
      "<g\(mark?.attribute ?? "")><title>\(SVGWriter.escaped(DisplayText.clean(title)))</title>\n"
  }

  /// The end of a group.
  mutating func close() { body += "</g>\n" }

  mutating func grow(_ x: Int, _ y: Int) {
    width = max(width, x)
    height = max(height, y)
  }

  // MARK: Text

  /// Pixels a text takes at most, judged by a wide sans-serif.
  static func width(_ text: String, size: Int) -> Int {
    DisplayText.width(text) * size * 61 / 100
  }

  static func cut(_ text: String, size: Int, room: Int) -> String {
    DisplayText.cut(DisplayText.clean(text), to: max(0, room * 100 / (size * 61)))
  }

  /// Escaped for XML. The text must be clean: a cleaned text has no characters XML forbids but
  /// these.
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Colours for paper and for a dark page. What a colour means is also said by a dash or a word.
  static let style = """
    text{font-family:"DejaVu Sans",Helvetica,Arial,sans-serif;fill:#1f2733}
    .page{fill:#ffffff}
    .socket{fill:#f3f5f8;stroke:#b9c1cc}
    .node{fill:#ffffff;stroke:#7c8899}
    .bridge{fill:#eef1f5;stroke:#98a3b3}
    .device{fill:#fbfcfd;stroke:#98a3b3}
    .gpu{fill:#7a4fd0}.nic{fill:#1f7fd1}.nvme{fill:#1d8f5f}.other{fill:#7c8899}
    .bar{fill:#dfe4ea}.used{fill:#8796aa}
    .direct{fill:#c9ead8}.host{fill:#f6e6c4}.blocked{fill:#f3c8c2}.untold,.itself{fill:#e1e5ea}
    .title,.name{font-weight:bold}
    .soft{fill:#5b6675}
    .low{fill:#b3470a;font-weight:bold}
    polyline{fill:none;stroke:#7c8899;stroke-width:1.5}
    .wire{stroke:#c3cad3}
    .below{stroke:#d9590f;stroke-width:2.5;stroke-dasharray:6 3}
    .unknown{stroke-dasharray:1.5 3}
    @media (prefers-color-scheme:dark){
    text{fill:#e3e8ef}
    .page{fill:#14181e}
    .socket{fill:#1b2129;stroke:#465160}
    .node{fill:#20272f;stroke:#6a7788}
    .bridge{fill:#29323d;stroke:#5f6c7c}
    .device{fill:#252d37;stroke:#5f6c7c}
    .gpu{fill:#a98af0}.nic{fill:#5cb0f2}.nvme{fill:#4cc58f}.other{fill:#93a0b1}
    .bar{fill:#333d49}.used{fill:#8796aa}
    .direct{fill:#1f5b41}.host{fill:#5f4a1c}.blocked{fill:#6b2a23}.untold,.itself{fill:#3a4552}
    .soft{fill:#a5b0be}
    .low{fill:#ff9a55}
    polyline{stroke:#8b97a7}
    .wire{stroke:#4a5665}
    .below{stroke:#ff8a3d}
    }
    """
}
