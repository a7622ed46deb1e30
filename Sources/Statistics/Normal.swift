/// The normal distribution, as far as a module needs it that does not call the C library.
enum Normal {
  /// The probability beyond z on one side, for z >= 0: Abramowitz and Stegun 26.2.17 needs exp(), so
  /// this sums the series 26.2.10 near the middle and the continued fraction 26.2.14 farther out.
  static func tail(_ z: Double) -> Double {
    guard z.isFinite, z > 0 else { return z > 0 ? 0 : 0.5 }
    guard z < 37 else { return 0 }
    let density = exponential(-z * z / 2) * 0.398_942_280_401_432_7
    if z < 3 {
      var term = z
      var sum = z
      var factor = 3.0
      while abs(term) > 1e-16 * abs(sum), factor < 200 {
        term *= z * z / factor
        sum += term
        factor += 2
      }
      return 0.5 - density * sum
    }
    var fraction = 0.0
    for step in stride(from: 60.0, through: 1, by: -1) { fraction = step / (z + fraction) }
    return density / (z + fraction)
  }

  /// The z that such a part of the distribution lies within, both sides together: 1.96 for 0.95; nil
  /// outside 0..<1.
  static func quantile(twoSided part: Double) -> Double? {
    guard part >= 0, part < 1 else { return nil }
    var low = 0.0
    var high = 37.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if 1 - 2 * tail(middle) < part { low = middle } else { high = middle }
    }
    return high
  }

  /// e^x for x <= 0, by halving x until the series is short.
  static func exponential(_ x: Double) -> Double {
    guard x > -745 else { return 0 }
    var reduced = x
    var halvings = 0
    while reduced < -0.5 {
      reduced /= 2
      halvings += 1
    }
    var term = 1.0
    var sum = 1.0
    for step in 1...18 {
      term *= reduced / Double(step)
      sum += term
    }
    for _ in 0..<halvings { sum *= sum }
    return sum
  }
}
