/// A command that prints JSON with `--json`, and says what, for docs/json.md.
package protocol JSONPrinting {
  /// What it prints, for each way to call it.
  static var documents: [PrintedDocument] { get }
}

/// What a command prints with `--json`.
package struct PrintedDocument {
  /// The arguments with which it prints this, as the reference shows them: `[ID...]`.
  package var arguments: String
  /// The type that becomes JSON.
  package var type: any Encodable.Type
  /// What to know of it, in place of the document's schema.
  package var remark: String?

  init(_ type: any Encodable.Type, arguments: String = "", remark: String? = nil) {
    self.type = type
    self.arguments = arguments
    self.remark = remark
  }
}
