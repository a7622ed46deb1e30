/// Answers as the text of a file.
struct SetupAnswerText: Hashable, Sendable {
  var hostName: String?
  var keys: [String] = []
  var consoleOnly = false
  var gpus: Int?
  var drives: [String] = []
  var layout: String?
  var model: String?
  var modelName: String?
  var runtime: String?
  var modelGPUs: Int?

  /// The file: what was not answered is not in it.
  var text: String {
    var lines: [String] = []
    if let hostName { lines.append("host-name = \(Self.quoted(hostName))") }
    add("check", [gpus.map { "gpus = \($0)" }], to: &lines)
    add(
      "ssh",
      [
        keys.isEmpty ? nil : "keys = [\n\(keys.map { "  \(Self.quoted($0)),\n" }.joined())]",
        consoleOnly ? "console-only = true" : nil,
      ], to: &lines)
    add(
      "storage",
      [
        drives.isEmpty ? nil : "drives = [\(drives.map(Self.quoted).joined(separator: ", "))]",
        layout.map { "layout = \(Self.quoted($0))" },
      ], to: &lines)
    add(
      "model",
      [
        model.map { "source = \(Self.quoted($0))" }, modelName.map { "name = \(Self.quoted($0))" },
        runtime.map { "runtime = \(Self.quoted($0))" }, modelGPUs.map { "gpus = \($0)" },
      ], to: &lines)
    return lines.map { $0 + "\n" }.joined()
  }

  private func add(_ table: String, _ entries: [String?], to lines: inout [String]) {
    let entries = entries.compactMap { $0 }
    if entries.isEmpty { return }
    if !lines.isEmpty { lines.append("") }
    lines += ["[\(table)]"] + entries
  }

  /// A basic string of TOML.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A line without white space at its ends.
  static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
