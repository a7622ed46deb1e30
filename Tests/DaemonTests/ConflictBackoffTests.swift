import Testing

@testable import Daemon

@Suite struct ConflictBackoffTests {
  private func judge(_ backoff: inout ConflictBackoff, at now: Double) -> ConflictBackoff.Judgement
  {
    backoff.judge("irq", label: "/proc/irq/1/smp_affinity_list", cause: "a script", at: now)
  }

  @Test func `three corrections in a minute are no conflict, the fourth change is`() {
    var backoff = ConflictBackoff()
    for now in [0.0, 1, 2] { #expect(judge(&backoff, at: now) == .correct) }
    #expect(judge(&backoff, at: 3) == .backOff(seconds: 60))
    #expect(judge(&backoff, at: 4) == .suspended)
    #expect(backoff.isSuspended("irq"))
    #expect(backoff.suspended.map(\.cause) == ["a script"])
    #expect(backoff.nextRelease == 63)
  }

  @Test func `changes that are far apart are put back for ever`() {
    var backoff = ConflictBackoff()
    for minute in 0..<100 { #expect(judge(&backoff, at: Double(minute) * 61) == .correct) }
  }

  @Test func `each conflict in a row is left alone for twice as long, up to an hour`() {
    var backoff = ConflictBackoff()
    var now = 0.0
    var suspensions: [Double] = []
    while suspensions.count < 9 {
      if case .backOff(let seconds) = judge(&backoff, at: now) {
        suspensions.append(seconds)
        now += seconds
        #expect(backoff.release(at: now) == ["irq"])
      }
      now += 0.1
    }
    #expect(suspensions == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
  }

  @Test func `a suspension ends when it is due, and a quiet hour forgets it`() {
    var backoff = ConflictBackoff()
    for now in [0.0, 1, 2, 3] { _ = judge(&backoff, at: now) }
    #expect(backoff.release(at: 62.9).isEmpty)
    #expect(backoff.release(at: 63) == ["irq"])
    #expect(backoff.nextRelease == nil)
    // Right after the suspension one correction is tried, and then it is the same conflict.
    var warm = backoff
    #expect(judge(&warm, at: 64) == .correct)
    #expect(judge(&warm, at: 65) == .backOff(seconds: 120))
    for now in [4000.0, 4001, 4002] { #expect(judge(&backoff, at: now) == .correct) }
    #expect(judge(&backoff, at: 4003) == .backOff(seconds: 60))
  }

  @Test func `a program that changes one setting after the other is fought with six times`() {
    var backoff = ConflictBackoff()
    var judgements: [ConflictBackoff.Judgement] = []
    for step in 0..<20 {
      judgements.append(
        backoff.judge(
          "irq \(step)", label: "irq \(step)", cause: "irqbalance (process 8)",
          at: Double(step) * 10))
    }
    #expect(judgements.prefix(6).allSatisfy { $0 == .correct })
    #expect(judgements[6] == .backOff(seconds: 60))
    #expect(judgements.dropFirst(7).prefix(6).allSatisfy { $0 == .suspended })
    // Another program is another matter.
    #expect(backoff.judge("irq 90", label: "x", cause: "bash (process 9)", at: 100) == .correct)
  }

  @Test func `what a program changed at once is one correction`() {
    var backoff = ConflictBackoff()
    for setting in 0..<40 {
      #expect(
        backoff.judge("irq \(setting)", label: "x", cause: "irqbalance", at: 5) == .correct)
    }
  }

  @Test func `settings are judged each by itself`() {
    var backoff = ConflictBackoff()
    for now in 0..<3 {
      _ = backoff.judge("one", label: "one", cause: nil, at: Double(now))
    }
    #expect(backoff.judge("two", label: "two", cause: nil, at: 3) == .correct)
    #expect(backoff.judge("one", label: "one", cause: nil, at: 3) == .backOff(seconds: 60))
    backoff.reset()
    #expect(backoff.judge("one", label: "one", cause: nil, at: 3) == .correct)
  }
}

@Suite struct TimerTests {
  private enum Item: Hashable, CaseIterable { case writes, changes, checks, watchdog }

  @Test func `a burst of notifications is one item, due when it is quiet or the limit is reached`()
  {
    var timers = Timers<Item>()
    timers.debounce(.changes, at: 10, quiet: 0.2, limit: 1)
    #expect(timers.next == 10.2)
    for step in 1...20 {
      timers.debounce(.changes, at: 10 + Double(step) * 0.1, quiet: 0.2, limit: 1)
    }
    #expect(timers.next == 11)
    #expect(timers.due(at: 10.99).isEmpty)
    #expect(timers.due(at: 11) == [.changes])
    #expect(timers.next == nil)
    timers.debounce(.changes, at: 20, quiet: 0.2, limit: 1)
    #expect(timers.next == 20.2)
  }

  @Test func `nothing to do is no moment to wake up at`() {
    var timers = Timers<Item>()
    #expect(timers.next == nil)
    timers.set(.checks, at: 5)
    timers.set(.checks, at: nil)
    #expect(timers.next == nil)
    timers.set(.watchdog, at: 7)
    timers.set(.writes, at: 6)
    #expect(timers.due(at: 8) == [.writes, .watchdog])
  }
}
