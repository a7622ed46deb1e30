/// The method of Apache Otava, before that Hunter (Fleming and others 2023, "Hunter: using change point
/// detection to hunt for performance regressions"), with its defaults: windows of 50 points that overlap
/// by half, the splits of E-divisive judged by Student's t instead of permutations at ten times the
/// level, and of those the ones kept that are below the level between their neighbours.
struct Otava: BatchDetector {
  /// From which p-value on a change is taken for chance.
  var level = 0.001
  /// Points of a window.
  var window = 50

  func changes(in values: [Double], using _: inout some RandomNumberGenerator) -> [Int] {
    var changes: [Int] = []
    var start = 0
    while start < values.count {
      let found = weakChanges(Array(values[start..<min(start + window, values.count)]))
        .map { $0 + start }
      changes += found.filter { !changes.contains($0) }
      start = max(found.last ?? 0, start + window / 2)
    }
    changes.sort()
    return merged(changes, values)
  }

  private func weakChanges(_ values: [Double]) -> [Int] {
    var changes: [Int] = []
    while let split = EnergyDistance.strongestSplit(values, divided: changes) {
      let divided = (changes + [split.index]).sorted()
      guard let place = divided.firstIndex(of: split.index),
        probability(place, divided, values) <= level * 10
      else { break }
      changes = divided
    }
    return changes
  }

  /// Leaves out the least probable change until all are below the level.
  private func merged(_ changes: [Int], _ values: [Double]) -> [Int] {
    var changes = changes
    while let weakest = changes.indices.max(by: {
      probability($0, changes, values) < probability($1, changes, values)
    }), probability(weakest, changes, values) >= level {
      changes.remove(at: weakest)
    }
    return changes
  }

  private func probability(_ place: Int, _ changes: [Int], _ values: [Double]) -> Double {
    let start = place > 0 ? changes[place - 1] : 0
    let end = place + 1 < changes.count ? changes[place + 1] : values.count
    return StudentsT.probability(values[start..<changes[place]], values[changes[place]..<end])
  }
}
