/// Median, spread and percentiles of numbers in ascending order.
///
/// Every function leaves out what is not a number or infinite, so that one bad sample never decides a
/// figure; what is left of no sample is nil, never zero.
package enum Summary {
  /// The finite numbers in ascending order.
  package static func sorted(_ values: some Sequence<Double>) -> [Double] {
    values.filter(\.isFinite).sorted()
  }

  /// The middle number, or the middle of the two; nil of none.
  package static func median(_ values: some Sequence<Double>) -> Double? {
    median(sorted: sorted(values))
  }

  /// The same of numbers that are in ascending order and finite.
  package static func median(sorted values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    return middle(values, 0, values.count)
  }

  /// The median distance from the median, times 1.4826, which makes it the standard deviation where
  /// the numbers are normal (Hampel 1974, "The influence curve and its role in robust estimation");
  /// nil of none.
  package static func spread(_ values: some Sequence<Double>) -> Double? {
    let values = sorted(values)
    guard let median = median(sorted: values) else { return nil }
    // Distances of the largest doubles from each other are infinite: they count as the largest.
    let distances = values.map { min(abs($0 - median), .greatestFiniteMagnitude) }
    guard let middle = Summary.median(distances) else { return nil }
    return min(middle * consistency, .greatestFiniteMagnitude)
  }

  /// What the median distance is multiplied by: 1 / 0.6745, the upper quartile of the normal distribution.
  static let consistency = 1.4826

  /// A percentile, between two numbers in proportion (definition 7 of Hyndman and Fan 1996, "Sample
  /// quantiles in statistical packages"); nil of none, or outside 0...1.
  /// - Parameter fraction: 0.1 for the 10th percentile.
  package static func percentile(_ fraction: Double, of values: some Sequence<Double>) -> Double? {
    let values = sorted(values)
    guard !values.isEmpty, fraction >= 0, fraction <= 1 else { return nil }
    let position = fraction * Double(values.count - 1)
    let below = Int(position)
    let above = min(below + 1, values.count - 1)
    let part = position - Double(below)
    return values[below] * (1 - part) + values[above] * part
  }

  /// The middle of a part of numbers in ascending order, which is not empty. Halves before it adds:
  /// the sum of two large doubles is infinite.
  static func middle(_ values: [Double], _ start: Int, _ end: Int) -> Double {
    let half = (start + end) / 2
    if (end - start) % 2 == 1 { return values[half] }
    return values[half - 1] / 2 + values[half] / 2
  }
}
