/// The known word nearest to a mistyped one.
public enum NearestWord {
  /// The nearest of `known`, when it is near enough to be what was meant: at most a third of the
  /// letters differ. The first of equally near ones, in the given order.
  package static func find(_ word: String, in known: [String]) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in known {
      let distance = distance(Array(word.utf8.prefix(64)), Array(candidate.utf8.prefix(64)))
      if distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(2, max(word.utf8.count, best.word.utf8.count) / 3)
    else { return nil }
    return best.word
  }

  /// Edits between two words: letters put in, left out, replaced, or swapped with their neighbour
  /// (optimal string alignment).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        let same = a[i - 1] == b[j - 1]
        var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          cost = min(cost, beforeLast[j - 2] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
