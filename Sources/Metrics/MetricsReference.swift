/// The reference of all families, for the documentation.
package enum MetricsReference {
  private static let start = "<!-- families: written by 'make docs' -->"
  private static let end = "<!-- end of families -->"

  /// A table in Markdown.
  package static var table: String {
    let rows = MetricFamilies.all.map { family in
      let labels = family.labels.map { "`\($0.name)`" }.joined(separator: ", ")
      return "| `\(family.sampleName)` | \(family.kind.rawValue) | \(family.unit ?? "") "
        + "| \(labels) | \(family.bound) | \(family.help) |\n"
    }
    return "| metric | type | unit | labels | series, at most | what |\n"
      + "| --- | --- | --- | --- | --- | --- |\n" + rows.joined()
  }

  /// What the values of each label are, in all families that have it.
  package static var labels: String {
    var meanings: [String: [String]] = [:]
    for label in MetricFamilies.all.flatMap(\.labels)
    where !(meanings[label.name] ?? []).contains(label.meaning) {
      meanings[label.name, default: []].append(label.meaning)
    }
    return meanings.sorted { $0.key < $1.key }
      .map { "- `\($0.key)`: \($0.value.joined(separator: "; or "))\n" }.joined()
  }

  /// A document with the table and the labels between its two marks renewed.
  /// - Returns: nil when the document lacks the marks.
  package static func renewed(_ document: String) -> String? {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(of: start[...]), let last = lines.firstIndex(of: end[...]),
      first < last
    else { return nil }
    let head = lines[...first].joined(separator: "\n")
    let tail = lines[last...].joined(separator: "\n")
    return head + "\n\n" + table + "\nLabels:\n\n" + labels + "\n" + tail
  }
}
