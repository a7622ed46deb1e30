/// Series of one kind, of which there are as many as are asked for.
package enum SeriesFamily: String, Sendable, CaseIterable {
  case normal = "normal noise"
  case t3 = "t3 noise"
  case outliers = "outliers"
  case autoregressive = "AR(1) noise"
  case seasonal = "season"
  case step5 = "5 % step, normal 2 %"
  case step5T3 = "5 % step, t3 2 %"
  case step10 = "10 % step, normal 1-3 %"
  case step10Outliers = "10 % step, outliers 1-3 %"
  case step10Seasonal = "10 % step, season 1-3 %"
  /// Noise that lasts for a week can hardly be distinguished from a step by anybody.
  case step10Autoregressive = "10 % step, AR(1) 1-3 %"
  /// Beyond what a good method can find: half the noise, but not more.
  case step5Noisy = "5 % step, normal 5 %"
  case drift = "drift of 5 % a year"

  /// Those that the marks are measured on: as many without a step as with one.
  package static let measured: [SeriesFamily] = [
    .normal, .t3, .outliers, .autoregressive, .seasonal,
    .step5, .step5T3, .step10, .step10Outliers, .step10Seasonal,
  ]

  /// One of its series. Noise is 1, 2, 3 and 5 % in turn where nothing else is said, steps go down and up in
  /// turn, in the second or third quarter.
  package func series(
    _ index: Int, using generator: inout some RandomNumberGenerator
  ) -> SimulatedSeries {
    let any = [0.01, 0.02, 0.03, 0.05][index % 4]
    let low = [0.01, 0.02, 0.03][index % 3]
    let (noise, deviation, step): (SimulatedSeries.Noise, Double, Double) =
      switch self {
      case .normal: (.normal, any, 0)
      case .t3: (.t3, any, 0)
      case .outliers: (.outliers, any, 0)
      case .autoregressive: (.autoregressive, any, 0)
      case .seasonal: (.seasonal, any, 0)
      case .step5: (.normal, 0.02, 0.05)
      case .step5T3: (.t3, 0.02, 0.05)
      case .step10: (.normal, low, 0.1)
      case .step10Outliers: (.outliers, low, 0.1)
      case .step10Seasonal: (.seasonal, low, 0.1)
      case .step10Autoregressive: (.autoregressive, low, 0.1)
      case .step5Noisy: (.normal, 0.05, 0.05)
      case .drift: (.normal, low, 0)
      }
    var series = SimulatedSeries(noise, deviation: deviation, using: &generator)
    if step > 0 {
      series.step = index % 2 == 0 ? -step : step
      series.stepWeek = Int.random(in: 26...78, using: &generator)
    }
    if self == .drift { series.driftPerYear = index % 2 == 0 ? -0.05 : 0.05 }
    return series
  }
}
