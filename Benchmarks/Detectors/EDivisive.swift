/// E-divisive (Matteson and James 2014): divides at the strongest split as long as a permutation test
/// finds it improbable.
struct EDivisive: BatchDetector {
  /// From which p-value on a split is taken for chance.
  var level: Double
  /// How many permutations; the least p-value is one of that many and one.
  var permutations = 99

  func changes(
    in values: [Double], using generator: inout some RandomNumberGenerator
  ) -> [Int] {
    var changes: [Int] = []
    while let split = EnergyDistance.strongestSplit(values, divided: changes),
      isSignificant(split.distance, values, changes, &generator)
    {
      changes.append(split.index)
      changes.sort()
    }
    return changes
  }

  private func isSignificant(
    _ distance: Double, _ values: [Double], _ changes: [Int],
    _ generator: inout some RandomNumberGenerator
  ) -> Bool {
    let ends = [0] + changes + [values.count]
    let most = Int(level * Double(permutations + 1) + 1e-9) - 1
    var larger = 0
    for _ in 0..<permutations {
      var shuffled = values
      for (start, end) in zip(ends, ends.dropFirst()) {
        shuffled[start..<end].shuffle(using: &generator)
      }
      let other = EnergyDistance.strongestSplit(shuffled, divided: changes)
      if other?.distance ?? 0 >= distance { larger += 1 }
      // No later permutation can make it improbable.
      if larger > most { return false }
    }
    return true
  }
}
