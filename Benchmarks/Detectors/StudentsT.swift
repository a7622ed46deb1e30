internal import Foundation

/// Student's test of two means with equal variances.
enum StudentsT {
  /// The two-sided p-value; 1 where there is no variance to compare with.
  static func probability(_ one: ArraySlice<Double>, _ other: ArraySlice<Double>) -> Double {
    let freedom = Double(one.count + other.count - 2)
    guard freedom > 0, !one.isEmpty, !other.isEmpty else { return 1 }
    let (n, m) = (Double(one.count), Double(other.count))
    let (a, b) = (moments(one), moments(other))
    // As Otava does: it passes the deviations of the samples themselves, over n, where those of the
    // population, over n - 1, are expected.
    let variance = ((n - 1) * a.variance + (m - 1) * b.variance) / freedom
    guard variance > 0 else { return a.mean == b.mean ? 1 : 0 }
    let t = (a.mean - b.mean) / (variance * (1 / n + 1 / m)).squareRoot()
    return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
  }

  private static func moments(_ values: ArraySlice<Double>) -> (mean: Double, variance: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
  }

  /// The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun
  /// 26.5.8), evaluated from its end.
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast on one side only.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let beta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
    let power: Double = a * log(x) + b * log(1 - x)
    var fraction = 1.0
    for step in stride(from: 200.0, through: 1, by: -1) {
      let middle = a + 2 * step
      let before = a + step - 1
      let odd = -1 * before * (before + b) * x
      let even = step * (b - step) * x
      let below = even / ((middle - 1) * middle * fraction)
      fraction = 1 + odd / ((middle - 2) * (middle - 1) * (1 + below))
    }
    return exp(power - beta) / a / fraction
  }
}
