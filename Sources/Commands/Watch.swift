internal import Base
internal import Linux
internal import Render

/// A screen that is drawn again every few seconds, until a key or a signal ends it. The terminal is
/// left as it was.
enum Watch {
  /// - Parameters:
  ///   - once: the command that prints one screen, for those without a terminal.
  ///   - look: looks at the machine; once a redraw, not for a change of the terminal's size.
  ///   - draw: what is shown of it in so many rows.
  static func run<Seen>(
    _ display: Display, seconds: Double, once: String,
    look: () throws(Failure) -> Seen, draw: (Seen, Style, _ rows: Int) -> [String]
  ) throws(Failure) {
    guard Terminal.isTerminal(0), Terminal.isTerminal(1) else {
      throw Failure(
        "watch", because: "standard input or output is no terminal",
        hint: "run '\(once)' for one screen", code: .usage)
    }
    let screen: FullScreen
    do throws(Failure) {
      screen = try FullScreen.open()
    } catch {
      throw Failure("take the terminal over", error)
    }
    var shown: WatchFrame?
    while true {
      let seen = try look()
      var redraw = true
      while redraw {
        redraw = false
        let size = Terminal.size(1) ?? (80, 24)
        var style = display.style
        style.width = max(40, size.columns)
        let frame = WatchFrame(
          lines: draw(seen, style, size.rows), rows: size.rows, columns: size.columns)
        try Output.write(frame.update(from: shown))
        shown = frame
        switch screen.wait(milliseconds: Int(seconds * 1000)) {
        case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")), .key(0x1b), .key(3): return
        case .terminate: return
        case .resized, .resumed:
          shown = nil
          redraw = true
        case .key, .timeout: break
        }
      }
    }
  }
}
