/// Values as unit files want them (systemd.syntax(7), systemd.service(5), "Command lines").
enum UnitText {
  /// Whether a text has characters that control: no line of a unit can hold them.
  static func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
  }

  /// One word of a line, quoted, with `%` doubled so that no specifier is read in it.
  static func word(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\" + String(scalar)
      case "%": quoted += "%%"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// One argument of a command: there `$` is doubled as well, so that no variable is read in it.
  static func argument(_ text: String) -> String {
    word(text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$"))
  }

  /// A text for a comment: one line, without characters that control.
  static func comment(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : $0 }))
  }
}

/// The command of a runtime and its placeholders.
enum RuntimeCommand {
  /// The names in braces in an argument: `{model}`. Braces around anything but a-z and `-` are left as they
  /// are, so that an argument may be JSON.
  static func placeholders(in argument: String) -> [String] {
    parts(argument).compactMap { $0.isName ? $0.text : nil }
  }

  /// An argument with its placeholders replaced; one without a value stays.
  static func replaced(_ argument: String, _ values: [String: String]) -> String {
    parts(argument).map { part in
      part.isName ? values[part.text] ?? "{\(part.text)}" : part.text
    }.joined()
  }

  private struct Part {
    var text: String
    var isName: Bool
  }

  private static func parts(_ argument: String) -> [Part] {
    var parts: [Part] = []
    var rest = argument[...]
    while let open = rest.firstIndex(of: "{") {
      let name = rest[rest.index(after: open)...].prefix {
        $0.isASCII && ($0.isLowercase || $0 == "-")
      }
      let isClosed = name.endIndex < rest.endIndex && rest[name.endIndex] == "}"
      if isClosed, !name.isEmpty {
        parts.append(Part(text: String(rest[..<open]), isName: false))
        parts.append(Part(text: String(name), isName: true))
        rest = rest[rest.index(after: name.endIndex)...]
      } else {
        let next = rest.index(after: open)
        parts.append(Part(text: String(rest[..<next]), isName: false))
        rest = rest[next...]
      }
    }
    parts.append(Part(text: String(rest), isName: false))
    return parts
  }
}
