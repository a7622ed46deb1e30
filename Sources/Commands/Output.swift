internal import Base
internal import Linux
internal import Render

/// How to print on the terminal the program has, or into whatever its output is sent to.
struct Display: Sendable {
  /// Colors, width and characters.
  var style: Style
  /// Rows of the terminal; nil when output is none.
  var rows: Int?

  init(style: Style, rows: Int? = nil) {
    self.style = style
    self.rows = rows
  }

  /// The display behind standard output. Color only on a terminal, without `NO_COLOR` set
  /// (https://no-color.org) and unless `TERM` is `dumb`; 80 columns when output is no terminal.
  static func standard(ascii: Bool) -> Display {
    let size = Terminal.isTerminal(1) ? Terminal.size(1) : nil
    let noColor = Terminal.environment("NO_COLOR").map { !$0.isEmpty } ?? false
    let dumb = Terminal.environment("TERM") == "dumb"
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(Terminal.environment)
      .first { !$0.isEmpty } ?? ""
    // Only a locale that says it is not UTF-8 is believed: a bare "C" often means "not set".
    let eightBit = locale.contains(".") && !locale.uppercased().contains("UTF")
    return Display(
      style: Style(
        color: Terminal.isTerminal(1) && !noColor && !dumb,
        width: max(40, size?.columns ?? 80), unicode: !ascii && !eightBit),
      rows: size?.rows)
  }
}

/// Standard output and standard error of the program.
enum Output {
  /// Writes to standard output, or a file whole or not at all. A file named `-` is standard output
  /// too. A reader of standard output that has gone, as after `| head`, is no failure.
  static func write(_ text: String, file named: String? = nil) throws(Failure) {
    let file = isStandardOutput(named) ? nil : named
    do throws(Failure) {
      guard let file else { return try Terminal.write(text) }
      try OutputFile.write(Array(text.utf8), to: file)
    } catch {
      if file == nil, error.errno == .EPIPE { return }
      let isDenied = error.errno == .EACCES || error.errno == .EPERM
      throw Failure(
        file.map { "write \($0)" } ?? "write the output", error,
        hint: isDenied ? "name a file in a folder of yours, or run it with sudo" : nil,
        code: isDenied ? .notPermitted : .failed)
    }
  }

  /// Whether a file that was asked for is standard output.
  static func isStandardOutput(_ file: String?) -> Bool { file == "-" }

  /// Prints a failure to standard error.
  static func failure(_ failure: Failure) {
    try? Terminal.write(lines(failure).joined(separator: "\n") + "\n", to: 2)
  }

  /// The lines of a failure. Names and values in it come from files and devices, and must not
  /// control the terminal; a reason may have several lines.
  static func lines(_ failure: Failure) -> [String] {
    failure.lines(of: "tinyboxctl")
      .flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
      .map { DisplayText.clean(String($0)) }
  }

  /// Prints a line for a person to standard error.
  static func note(_ line: String) {
    try? Terminal.write("tinyboxctl: \(DisplayText.clean(line))\n", to: 2)
  }

  /// Prints a line of progress to standard error, only on a terminal.
  static func progress(_ line: String) {
    if Terminal.isTerminal(2) { try? Terminal.write("\r\u{1b}[K" + line, to: 2) }
  }

  /// Removes the line of progress.
  static func endProgress() {
    if Terminal.isTerminal(2) { try? Terminal.write("\r\u{1b}[K", to: 2) }
  }
}
