internal import Foundation
internal import SimulatedSeries
internal import Statistics
internal import TestSupport

// Prints how the detector of changes, E-divisive and Otava do on the same simulated series. Ends with 1
// when ours misses a mark. Argument: series of each family, 320 without.

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 320

/// Scores of every family for one detector, on so many series of each.
func scores(
  _ count: Int, _ detector: (Int) -> any SeriesDetector
) -> [SeriesFamily: DetectionScore] {
  var scores: [SeriesFamily: DetectionScore] = [:]
  for family in SeriesFamily.allCases {
    var score = DetectionScore()
    for index in 0..<count {
      // Each series has a stream of its own, the same for all detectors up to what they ask for.
      var generator = SeededGenerator(round: index, function: family.rawValue)
      let series = family.series(index, using: &generator)
      score.watch(series, with: detector(index), using: &generator)
    }
    scores[family] = score
  }
  return scores
}

func text(_ value: Double?, _ format: String) -> String {
  value.map { String(format: format, $0) } ?? "-"
}

func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(width - text.count, 0)) + text
}

func printTable(_ name: String, _ count: Int, _ scores: [SeriesFamily: DetectionScore]) {
  print("\(name), \(count) series of a kind")
  func row(_ name: String, _ score: DetectionScore) {
    let cells = [
      text(score.falseAlarmsPerYear, "%.3f"), text(score.recall, "%.3f"),
      text(score.precision, "%.2f"), text(score.delay(0.5), "%.1f"), text(score.delay(0.9), "%.1f"),
      text(score.nightsPerYear, "%.1f"),
    ]
    print(
      "  " + name + String(repeating: " ", count: max(26 - name.count, 0))
        + zip(cells, [12, 8, 10, 8, 6, 13]).map(padded).joined())
  }
  print(
    "                            false/year  recall precision   delay   p90  nights/year")
  for family in SeriesFamily.allCases {
    if let score = scores[family] { row(family.rawValue, score) }
  }
  row("the first ten together", measured(scores))
  print("")
  fflush(nil)
}

func measured(_ scores: [SeriesFamily: DetectionScore]) -> DetectionScore {
  SeriesFamily.measured.compactMap { scores[$0] }.reduce(DetectionScore(), +)
}

var missed: [String] = []
@MainActor func mark(
  _ name: String, _ value: Double?, atMost most: Double = .infinity, atLeast least: Double = 0
) {
  let holds = value.map { $0 <= most && $0 >= least } ?? false
  let bound = most < .infinity ? "at most \(most)" : "at least \(least)"
  print("  \(holds ? "held  " : "MISSED") \(name): \(text(value, "%.3f")), \(bound)")
  if !holds { missed.append(name) }
}

let ours = scores(count) { _ in WatchingDetector() }
printTable("tinybox, robust likelihood ratio with confirming nights", count, ours)
// The others do over the whole series every week, and cost a hundred times as much.
let some = min(count, 64)
printTable("Otava, p 0.001", some, scores(some) { EveryWeek(Otava(), round: $0) })
let few = min(count, 32)
for level in [0.05, 0.01] {
  printTable(
    "E-divisive, p \(level)", few,
    scores(few) { EveryWeek(EDivisive(level: level), round: $0) })
}

print("marks")
let together = measured(ours)
mark("false alarms a series-year", together.falseAlarmsPerYear, atMost: 0.10)
for family in [SeriesFamily.normal, .t3, .outliers] {
  mark("false alarms, \(family.rawValue)", ours[family]?.falseAlarmsPerYear, atMost: 0.03)
}
for family in [SeriesFamily.step5, .step5T3] {
  mark("recall, \(family.rawValue)", ours[family]?.recall, atLeast: 0.95)
  mark("weeks until 90 % are found, \(family.rawValue)", ours[family]?.delay(0.9), atMost: 5)
}
for family in [SeriesFamily.step10, .step10Outliers, .step10Seasonal] {
  mark("recall, \(family.rawValue)", ours[family]?.recall, atLeast: 0.97)
}
mark("precision", together.precision, atLeast: 0.85)
exit(missed.isEmpty ? 0 : 1)
