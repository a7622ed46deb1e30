/// The key of a series, made of parts.
enum SeriesKey {
  /// A text as a part of a key: without blanks and slashes, which separate them.
  static func part(_ text: String) -> String {
    String(text.map { $0 == "/" || $0.isWhitespace ? "_" : $0 })
  }
}
