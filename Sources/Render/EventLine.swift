package import Events

/// An event in lines: time, severity, message.
package enum EventLine {
  /// The lines. The message is not cut: what it names is what somebody looks for.
  package static func render(_ event: Event, _ style: Style) -> [String] {
    let role: Tone =
      switch event.severity {
      case .error: .bad
      case .warning: .warning
      case .notice, .info: .dim
      }
    // Date and time without fractions: `2026-11-24 10:01:02`.
    let time = event.time.prefix(19).map { $0 == "T" ? " " : String($0) }.joined()
    var line = Line(time + "Z", .dim)
    line.add(" ")
    line.add(pad(event.severity.rawValue, 7), role)
    line.add(" \(event.message)")
    return line.wrapped(to: style.columns, indent: 29).map { $0.text(style) }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
