internal import Benchmarks

/// The ends of an axis: numbers with few digits that enclose all values.
struct PlotScale {
  let low: Double
  let high: Double

  /// The axis of values, those that are no number left out; nil without any.
  init?(_ values: [Double]) {
    // Beyond these a difference or a step overflows or is lost; no figure of a machine is there.
    let values = values.filter { $0.isFinite && abs($0) < 1e200 }
    guard let least = values.min(), let most = values.max() else { return nil }
    // A flat series is a line in the middle; noise of a thousandth is not drawn as a mountain.
    let size = max(abs(least), abs(most))
    let span = max(most - least, size * 0.02, 1e-200)
    let middle = least / 2 + most / 2
    let step = PlotScale.step(span / 4)
    let low = ((middle - span * 0.55) / step).rounded(.down) * step
    self.low = least >= 0 ? max(0, low) : low
    high = ((middle + span * 0.55) / step).rounded(.up) * step
  }

  /// Where a value stands between the ends: 0 to 1.
  func position(_ value: Double) -> Double {
    guard high > low, value.isFinite else { return 0.5 }
    return min(1, max(0, (value - low) / (high - low)))
  }

  /// 1, 2 or 5 times a power of ten, at most the width.
  private static func step(_ width: Double) -> Double {
    var power = 1.0
    while power > width, power > 1e-250 { power /= 10 }
    while power * 10 <= width { power *= 10 }
    return power * (width >= power * 5 ? 5 : width >= power * 2 ? 2 : 1)
  }
}

/// The times of a history as places from 0 to 1.
struct PlotTimes {
  private let first: Double
  private let span: Double

  /// The axis of these times; those that cannot be read are left out.
  init?(_ times: [String]) {
    let moments = times.compactMap(BenchmarkTime.milliseconds)
    guard let first = moments.min(), let last = moments.max() else { return nil }
    self.first = Double(first)
    span = Double(last - first)
  }

  /// Where a time stands; nil for one that cannot be read. A single time stands at the end.
  func position(_ time: String) -> Double? {
    guard let moment = BenchmarkTime.milliseconds(time) else { return nil }
    return span > 0 ? min(1, max(0, (Double(moment) - first) / span)) : 1
  }
}
