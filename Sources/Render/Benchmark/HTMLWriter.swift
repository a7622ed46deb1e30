internal import Base

/// Writes HTML that is well-formed XML as well. Text and attributes are cleaned and escaped here and
/// nowhere else: names of devices come from their firmware.
struct HTMLWriter {
  private(set) var text = ""
  private var open: [String] = []

  /// Attributes by name. Names are of this program, values may come from anywhere.
  typealias Attributes = KeyValuePairs<String, String>

  /// Starts an element; `close` ends it.
  mutating func open(_ name: String, _ attributes: Attributes = [:]) {
    start(name, attributes, ">")
    open.append(name)
  }

  /// Ends the element that was started last.
  mutating func close() {
    guard let name = open.popLast() else { return }
    text += "</\(name)>\n"
  }

  /// An element with text alone.
  mutating func element(_ name: String, _ content: String, _ attributes: Attributes = [:]) {
    start(name, attributes, ">")
    add(content)
    // A line feed is a blank, which must not stand between a word and a comma.
    text += "</\(name)>" + (name == "b" || name == "span" ? "" : "\n")
  }

  /// An element without content, of HTML (`meta`) or SVG.
  mutating func empty(_ name: String, _ attributes: Attributes = [:]) {
    start(name, attributes, "/>\n")
  }

  /// Text inside an element.
  mutating func add(_ content: String) {
    text += SVGWriter.escaped(DisplayText.clean(content))
  }

  /// An element with what a closure writes.
  mutating func element(
    _ name: String, _ attributes: Attributes = [:], _ content: (inout HTMLWriter) -> Void
  ) {
    open(name, attributes)
    content(&self)
    close()
  }

  /// A picture of `width` x `height` pixels for readers and for screen readers: what it shows in `title`,
  /// its numbers in `description`.
  mutating func picture(
    _ kind: String, width: Double, height: Double, title: String, description: String,
    _ content: (inout HTMLWriter) -> Void
  ) {
    let size = "\(HTMLWriter.number(width)) \(HTMLWriter.number(height))"
    element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": kind, "viewBox": "0 0 \(size)",
        "width": HTMLWriter.number(width), "height": HTMLWriter.number(height), "role": "img",
        "aria-label": title,
      ]
    ) { svg in
      svg.element("title", title)
      svg.element("desc", description)
      content(&svg)
    }
  }

  /// Markup of this program, such as its style sheet.
  mutating func raw(_ markup: String) { text += markup }

  private mutating func start(_ name: String, _ attributes: Attributes, _ end: String) {
    text += "<\(name)"
    for (name, value) in attributes {
      text += " \(name)=\"\(SVGWriter.escaped(DisplayText.clean(value)))\""
    }
    text += end
  }

  /// A coordinate.
  static func number(_ value: Double) -> String {
    value.isFinite ? Units.decimal(value, places: 1) : "0"
  }
}
