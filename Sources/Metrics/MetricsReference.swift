internal import RuntimeCatalog

/// The reference of all families, for the documentation.
package enum MetricsReference {
  private static let start = "<!-- families: written by 'make docs' -->"
  private static let end = "<!-- end of families -->"
  private static let modelStart = "<!-- families of models: written by 'make docs' -->"
  private static let modelEnd = "<!-- end of families of models -->"

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

  /// The families that the gateway adds, in Markdown.
  private static var modelTable: String {
    let rows = ModelMetric.all.map { metric in
      let labels = metric.labels.map { "`\($0.name)`" }.joined(separator: ", ")
      let bounds = metric.bounds.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
      return
        "| `\(metric.sampleName)` | \(metric.kind.rawValue) | \(metric.unit ?? "") | \(labels) "
        + "| \(bounds.joined(separator: ", ")) | \(metric.help) |\n"
    }
    var labels: [ModelMetric.Label] = []
    for label in ModelMetric.all.flatMap(\.labels) where !labels.contains(label) {
      labels.append(label)
    }
    return "| metric | type | unit | labels | bounds of the buckets | what |\n"
      + "| --- | --- | --- | --- | --- | --- |\n" + rows.joined() + "\nLabels:\n\n"
      + labels.sorted { $0.name < $1.name }.map { "- `\($0.name)`: \($0.meaning)\n" }.joined()
  }

  /// A document with the tables and the labels between its marks renewed.
  /// - Returns: nil when the document lacks the marks.
  package static func renewed(_ document: String) -> String? {
    renewed(document, start, end, table + "\nLabels:\n\n" + labels)
      .flatMap { renewed($0, modelStart, modelEnd, modelTable) }
  }

  private static func renewed(
    _ document: String, _ start: String, _ end: String, _ text: String
  ) -> String? {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(of: start[...]), let last = lines.firstIndex(of: end[...]),
      first < last
    else { return nil }
    let head = lines[...first].joined(separator: "\n")
    let tail = lines[last...].joined(separator: "\n")
    return head + "\n\n" + text + "\n" + tail
  }
}
