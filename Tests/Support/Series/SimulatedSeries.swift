internal import Foundation

/// A benchmark's results over two years as a detector gets them: a run a week, and runs on the nights that
/// follow a suspicion.
package struct SimulatedSeries: Sendable {
  /// What the noise is like.
  package enum Noise: String, Sendable, CaseIterable {
    /// Normal, independent.
    case normal
    /// Student's t with 3 degrees of freedom: heavy tails.
    case t3
    /// Normal, and one run of twenty 10 to 40 % too low: something else was running.
    case outliers
    /// First-order autoregressive in time, 0.5 from week to week and 0.91 from night to night.
    case autoregressive
    /// Normal, and a wave of a year of 0.5 to 2 % each way: the room is warmer in summer.
    case seasonal
  }

  /// Its kind of noise.
  package var noise: Noise
  /// The standard deviation of the noise, as a part of the level.
  package var deviation: Double
  /// In which week its level changes, from 0; nil for never.
  package var stepWeek: Int?
  /// By which part the level changes: -0.05 for 5 % less.
  package var step = 0.0
  /// What the level gains a year: -0.05 for 5 % less.
  package var driftPerYear = 0.0

  /// How many weeks.
  package static let weeks = 104

  private var wave = 0.0
  private var phase = 0.0
  private var excursion = 0.0
  private var lastDay = -1000.0

  /// A series.
  package init(
    _ noise: Noise, deviation: Double, using generator: inout some RandomNumberGenerator
  ) {
    self.noise = noise
    self.deviation = deviation
    phase = Double.random(in: 0..<1, using: &generator)
    if noise == .seasonal { wave = Double.random(in: 0.005...0.02, using: &generator) }
  }

  /// A result measured on a day, which is not before the last one asked for.
  package mutating func value(
    on day: Double, using generator: inout some RandomNumberGenerator
  ) -> Double {
    var level = 100.0 * (1 + driftPerYear * day / 365.25)
    if let stepWeek, day >= Double(stepWeek * 7) { level *= 1 + step }
    return level * (1 + deviation * error(on: day, using: &generator))
  }

  private mutating func error(
    on day: Double, using generator: inout some RandomNumberGenerator
  ) -> Double {
    let normal = Self.normal(using: &generator)
    switch noise {
    case .normal: return normal
    case .t3:
      // Over its standard deviation.
      let squares = (0..<3).reduce(0.0) { sum, _ in
        let value = Self.normal(using: &generator)
        return sum + value * value
      }
      return normal / (squares / 3).squareRoot() / 3.0.squareRoot()
    case .outliers:
      guard Int.random(in: 0..<20, using: &generator) == 0 else { return normal }
      return normal - Double.random(in: 0.1...0.4, using: &generator) / deviation
    case .autoregressive:
      let kept = pow(0.5, (day - lastDay) / 7)
      lastDay = day
      excursion = kept * excursion + (1 - kept * kept).squareRoot() * normal
      return excursion
    case .seasonal:
      return normal + wave / deviation * sin(2 * .pi * (day / 365.25 + phase))
    }
  }

  /// Box and Muller.
  package static func normal(using generator: inout some RandomNumberGenerator) -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
  }
}
