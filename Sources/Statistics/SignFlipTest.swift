/// The exact sign-flip test of paired differences (Fisher 1935, "The Design of Experiments", 21).
///
/// Where the two sides of a pair do not differ, each difference has either sign with the same
/// probability. The p-value is the part of all 2^n choices of signs whose sum is at least as large as
/// the one measured. All are counted, up to 32 differences: the sums of either half are made in ascending
/// order, and what adds up to enough is counted from both ends (Horowitz and Sahni 1974).
package enum SignFlipTest {
  /// The most differences: 2^16 sums for each half.
  package static let most = 32

  /// The probability of a sum at least this large on the side of larger differences, at least 2^-n; nil
  /// of none, of more than `most`, or when one is not finite.
  package static func probability(_ differences: [Double]) -> Double? {
    guard !differences.isEmpty, differences.count <= most,
      differences.allSatisfy(\.isFinite)
    else { return nil }
    let scale = differences.reduce(0) { max($0, abs($1)) }
    guard scale > 0 else { return 1 }
    let values = differences.map { $0 / scale }
    let half = values.count / 2
    let first = sums(values[..<half])
    let second = sums(values[half...])
    // Sums of other order differ in their last bits: those equal but for that count as equal.
    let observed = values.reduce(0, +) - 1e-9
    var count = 0
    var other = second.count
    for sum in first {
      while other > 0, sum + second[other - 1] >= observed { other -= 1 }
      count += second.count - other
    }
    return Double(count) / (Double(first.count) * Double(second.count))
  }

  /// All sums of the values with either sign, in ascending order: each value makes of the list two,
  /// lower and higher by it, which are merged.
  private static func sums(_ values: ArraySlice<Double>) -> [Double] {
    var sums = [0.0]
    for value in values.map(abs) {
      var merged: [Double] = []
      merged.reserveCapacity(2 * sums.count)
      var low = 0
      var high = 0
      while high < sums.count {
        if low < sums.count, sums[low] - value <= sums[high] + value {
          merged.append(sums[low] - value)
          low += 1
        } else {
          merged.append(sums[high] + value)
          high += 1
        }
      }
      sums = merged
    }
    return sums
  }
}
