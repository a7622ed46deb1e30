/// The name somebody most likely meant.
enum Nearest {
  /// The nearest of some names, if it is near enough to be meant.
  static func of(_ name: String, in names: [String]) -> String? {
    let best = names.map { ($0, distance(name, $0)) }.min { $0.1 < $1.1 }
    guard let best, best.1 <= max(2, name.utf8.count / 3) else { return nil }
    return best.0
  }

  /// Letters to change, add or take away (Levenshtein).
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8.prefix(64))
    let b = Array(b.utf8.prefix(64))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
