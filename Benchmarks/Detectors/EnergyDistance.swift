/// The distance of two parts of a series by energy statistics, as Matteson and James define it for
/// E-divisive (2014, "A nonparametric approach for multiple change point analysis", equation 4, with
/// the absolute difference as distance).
enum EnergyDistance {
  /// Where to divide values so that the parts before and after are farthest from each other; the part
  /// after may end before the values do. Nil of fewer than two values.
  static func strongestSplit(_ values: ArraySlice<Double>) -> (index: Int, distance: Double)? {
    let values = Array(values)
    guard values.count >= 2 else { return nil }
    // sums[last][first]: distances of the value `last` from the values before `first`.
    let sums = values.indices.map { last in
      var sum = 0.0
      return [0.0]
        + values[..<last].map { value in
          sum += abs(value - values[last])
          return sum
        }
    }
    var best: (index: Int, distance: Double)?
    var withinLeft = 0.0
    for split in 1..<values.count {
      withinLeft += sums[split - 1][split - 1]
      let left = Double(split)
      var between = 0.0
      var withinRight = 0.0
      for last in split..<values.count {
        between += sums[last][split]
        withinRight += sums[last][last] - sums[last][split]
        let right = Double(last - split + 1)
        // A single value has no distance within.
        let within =
          right * withinLeft / max(left - 1, 1) + left * withinRight / max(right - 1, 1)
        let distance = 2 / (left + right) * (between - within)
        if distance > best?.distance ?? -.infinity { best = (split, distance) }
      }
    }
    return best
  }

  /// The strongest split of all segments that changes divide values into, as an index of the values.
  static func strongestSplit(
    _ values: [Double], divided changes: [Int]
  ) -> (index: Int, distance: Double)? {
    let ends = [0] + changes + [values.count]
    return zip(ends, ends.dropFirst()).compactMap { start, end in
      strongestSplit(values[start..<end]).map { ($0.index + start, $0.distance) }
    }.max { $0.distance < $1.distance }
  }
}
