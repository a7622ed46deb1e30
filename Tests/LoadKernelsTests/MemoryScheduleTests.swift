import TestSupport
import Testing

@testable import LoadKernels

@Suite(.seeded) struct MemoryScheduleTests {
  @Test func whatChoseIsReportedOnlyWhereThereIsLittleElse() throws {
    let variant = try #require(MemoryVariant.available.first)
    let operation = variant.operation
    func result(_ later: Int, chosenAt: Double?) -> MemoryResult {
      var result = MemoryResult(arrayBytes: 1, cacheBytes: 1)
      result.fastest = [operation: variant]
      result.chosenAt = chosenAt
      // Five before the choice, by chance higher; then some that are clean, and one that is not.
      for index in 0..<(5 + later + 1) {
        result.samples.append(
          MemorySample(
            variant: variant, start: Double(index), seconds: 1,
            bytesPerSecond: index < 5 ? 9 : 8, isClean: index < 5 + later))
      }
      return result
    }
    #expect(result(7, chosenAt: 5).rates(operation) == Array(repeating: 8, count: 7))
    #expect(result(7, chosenAt: 5).counts(operation) == (8, 7))
    #expect(result(6, chosenAt: 5).rates(operation).count == 11)
    #expect(result(6, chosenAt: 5).counts(operation) == (12, 11))
    #expect(result(7, chosenAt: nil).rates(operation).count == 12)
  }

  static func sample(_ variant: MemoryVariant, _ rate: Double, clean: Bool = true) -> MemorySample {
    MemorySample(variant: variant, start: 0, seconds: 1, bytesPerSecond: rate, isClean: clean)
  }

  @Test func fastestOfEachIsChosen() throws {
    var random = SeededGenerator()
    let variants = MemoryVariant.available
    // A rate for each, in random order, and noise that does not reach the next.
    let rates = Dictionary(
      uniqueKeysWithValues: zip(variants, (1...variants.count).shuffled(using: &random)))
    var schedule = MemorySchedule(variants, seed: 5)
    var ran: [MemoryVariant: Int] = [:]
    while schedule.fastest.isEmpty {
      let turn = schedule.next(isTimeToChoose: false)
      let next = try #require(turn)
      if !schedule.fastest.isEmpty { break }
      ran[next, default: 0] += 1
      let rate = Double(rates[next] ?? 0)
      schedule.add(Self.sample(next, rate + Double.random(in: -0.4...0.4, using: &random)))
      // Disturbed samples say nothing, whichever way they are off.
      schedule.add(Self.sample(next, 1e6, clean: false))
    }
    #expect(ran.count == variants.count)
    #expect(ran.values.allSatisfy { $0 == MemorySchedule.selectionTurns })
    for operation in MemoryOperation.allCases {
      let best = variants.filter { $0.operation == operation }.max {
        rates[$0, default: 0] < rates[$1, default: 0]
      }
      #expect(schedule.fastest[operation] == best)
    }
    // Afterwards only those, each once a round.
    let rest = (0..<59).compactMap { _ in schedule.next(isTimeToChoose: true) }
    #expect(Set(rest) == Set(schedule.fastest.values))
    #expect(rest.count == 59)
  }

  @Test func roundsAreShuffled() {
    let variants = MemoryVariant.available
    func round(_ seed: UInt64) -> [MemoryVariant] {
      var schedule = MemorySchedule(variants, seed: seed)
      return variants.compactMap { _ in schedule.next(isTimeToChoose: false) }
    }
    #expect(round(1) == round(1))
    #expect(round(1) != round(2))
    #expect(Set(round(1)) == Set(variants))
  }

  @Test func everyVariantRunsThreeTimesBeforeTheChoice() {
    let variants = MemoryVariant.available
    var schedule = MemorySchedule(variants, seed: 1)
    for turn in 0..<3 * variants.count {
      let next = schedule.next(isTimeToChoose: true)
      #expect(next != nil)
      #expect(schedule.fastest.isEmpty)
      if let next { schedule.add(Self.sample(next, Double(turn), clean: false)) }
    }
    _ = schedule.next(isTimeToChoose: true)
    // Nothing was clean: a variant is named nevertheless.
    #expect(schedule.fastest.count == MemoryOperation.allCases.count)
  }

  @Test func endsBeforeTheChoice() {
    let variants = MemoryVariant.available
    var schedule = MemorySchedule(variants, seed: 1)
    for variant in variants.dropLast() { schedule.add(Self.sample(variant, 1)) }
    // One variant did not run: the fastest is unknown.
    schedule.finish()
    #expect(schedule.fastest.isEmpty)
    if let last = variants.last {
      schedule.add(Self.sample(last, 2))
      schedule.finish()
      #expect(schedule.fastest[last.operation] == last)
    }
  }

  @Test func storeIsBounded() throws {
    let variant = try #require(MemoryVariant.available.first)
    var store = SampleStore(limit: 100)
    for index in 0..<10_000 { store.add(Self.sample(variant, Double(index))) }
    let kept = store.samples.map(\.bytesPerSecond)
    #expect(kept.count < 100 && kept.count >= 50)
    // Evenly spread from the first on.
    #expect(kept.first == 0)
    let distances = Set(zip(kept, kept.dropFirst()).map { $1 - $0 })
    #expect(distances.count == 1)
    #expect((kept.last ?? 0) > 9_700)
  }
}
