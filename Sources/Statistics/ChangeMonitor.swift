/// A change detector that is given one evening after the other, and remembers the series.
package struct ChangeMonitor: Sendable {
  /// The changes so far. Their points are numbered as they were added, in the unit they were added in.
  package private(set) var changes: [ChangeDetector.Change] = []

  private let detector: ChangeDetector
  private var days: [Double] = []
  private var values: [Double] = []
  private var confirms: [Bool] = []
  /// Where the series starts anew.
  private var start = 0

  /// A monitor of a series without points.
  package init(_ detector: ChangeDetector) { self.detector = detector }

  /// What the series shows with one more evening.
  /// - Parameters:
  ///   - day: when, in days: finite, and half a day or more after the last one.
  ///   - value: the median of the evening's runs; finite.
  ///   - isConfirmation: whether it was measured because of a suspicion.
  package mutating func add(
    day: Double, _ value: Double, isConfirmation: Bool
  ) -> ChangeDetector.State {
    days.append(day)
    values.append(value)
    confirms.append(isConfirmation)
    let least = changes.isEmpty ? ChangeDetector.burnIn : StepScan.leastLeft + 1
    guard values.count - start >= least else {
      return .starting(missing: least - (values.count - start))
    }
    guard let step = StepScan.strongest(values, from: start, to: values.count),
      step.z >= detector.suspicion
    else { return .steady }
    let evidence = StepEvidence(step, from: start, days: days, values: values, confirms: confirms)
    let right = values[step.start...].sorted()
    var change = ChangeDetector.Change(
      index: step.start, found: values.count - 1, before: step.before,
      after: Summary.middle(right, 0, right.count), z: evidence.z,
      isBetter: (step.difference > 0) == detector.higherIsBetter, isGradual: false)
    if evidence.z >= detector.decision, evidence.isEnough {
      change.isGradual = evidence.isGradual
      if !change.isGradual {
        changes.append(change)
        start = step.start
        return .changed
      }
    }
    // Where five nights nearly decide, five more do; where nights are alike, z says so.
    let runs = ChangeDetector.confirmingRuns
    let nearlyDecides = evidence.confirmed >= runs && evidence.z >= detector.decision - 1
    let wanted = (nearlyDecides ? 2 * runs : runs) - evidence.confirmed
    return .suspicion(change, runsWanted: change.isGradual ? 0 : max(0, wanted))
  }

  /// The least change that the series can show, as a part of its level; nil with too few points.
  ///
  /// What z needs to be 4.5 in most cases with ten points of the new level: those of two to five weeks, and
  /// the nights between. Measured with 14 to 50 weeks of normal, t3 and outlier noise of 1 to 3 %, such a
  /// change is found within five weeks in 0.81 to 0.90 of all cases.
  var leastChange: Double? {
    let first = max(start, values.count - StepScan.longestLeft)
    let part = values[first...]
    guard values.count >= ChangeDetector.burnIn, part.count >= StepScan.leastLeft,
      let level = Summary.median(part), let spread = StepScan.spread(part, level: level),
      level != 0
    else { return nil }
    let count = Double(part.count)
    let likeness = StepEvidence.likeness(part, confirms[first...], level: level, spread: spread)
    let widened = ((1 + likeness) / (1 - likeness)).squareRoot()
    // 1.6 / n: what chance likeness of few points takes from z.
    let error =
      (1.0 / 10 + 1 / count).squareRoot() * (1 + 6 / count) * (1 + 1.6 / count) * widened
    let least = (detector.decision + 1.28) * error * spread / abs(level)
    return least.isFinite ? max(least, StepScan.leastChange) : nil
  }
}
