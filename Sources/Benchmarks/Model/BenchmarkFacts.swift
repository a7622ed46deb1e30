/// Facts about a measurement in two parts: what stays from run to run until somebody changes it, and
/// readings of sensors (`BenchmarkContext.readings`), which differ each time and are no change of the machine.
package struct BenchmarkFacts: Hashable, Sendable {
  /// Facts that stay: driver, power cap, link. Figures with different ones are not compared without
  /// saying so.
  package var stable: [String: String]
  /// Readings of sensors: temperature, clock.
  package var readings: [String: String]

  /// Words that make a fact a reading, wherever they stand in its name: `processor.temperatureCelsius`,
  /// `coreClockHertz`.
  private static let readingWords: Set<String> = [
    "temperature", "temperatures", "clock", "clocks", "power", "draw", "fan", "utilization",
    "load", "pressure", "uptime",
  ]
  /// Words that make it a setting all the same: `powerCapWatts`.
  private static let limitWords: Set<String> = [
    "limit", "cap", "maximum", "minimum", "target", "state", "profile",
  ]

  /// Facts by name, taken apart.
  package init(_ all: [String: String]) {
    stable = all.filter { !BenchmarkFacts.isReading($0.key) }
    readings = all.filter { BenchmarkFacts.isReading($0.key) }
  }

  /// Every fact again.
  package var all: [String: String] { stable.merging(readings) { stable, _ in stable } }

  /// Whether a fact of this name is the reading of a sensor.
  package static func isReading(_ name: String) -> Bool {
    let words = words(name)
    return !words.isDisjoint(with: readingWords) && words.isDisjoint(with: limitWords)
  }

  /// `gpu0.coreClockHertz` has the words gpu, core, clock and hertz.
  private static func words(_ name: String) -> Set<String> {
    var words: Set<String> = []
    var word = ""
    for character in name {
      if character.isUppercase || !character.isLetter {
        words.insert(word.lowercased())
        word = ""
      }
      if character.isLetter { word.append(character) }
    }
    words.insert(word.lowercased())
    return words
  }
}
