/// The message catalog of the journal (https://systemd.io/CATALOG): what `journalctl -x` adds to
/// an event. Installed as /usr/lib/systemd/catalog/tinybox.catalog.
public enum Catalog {
  /// The file.
  public static var text: String {
    var text = "# Made by 'make docs' from Sources/Events/Kinds.\n"
    for kind in EventKind.all {
      text += """

        -- \(kind.messageID)
        Subject: \(kind.subject)
        Defined-By: tinybox
        Documentation: man:tinyboxctl(1)

        \(wrapped(kind.explanation))

        """
    }
    return text
  }

  /// Lines of at most 76 characters.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count >= 76 {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
