import RuntimeCatalog
import Testing

@testable import Daemon

/// `#expect` changes no values.
private final class Watched {
  private var watch = HangWatch()
  var due: Double? { watch.due }
  func take(firstTokenSeconds: Int) { watch.take(firstTokenSeconds: firstTokenSeconds) }
  func report(_ work: RuntimeProgress.Work?, _ start: [UInt8], at now: Double) {
    watch.report(work, start, at: now)
  }
  func question(_ start: [UInt8] = [1], at now: Double) -> Double? {
    watch.question(start, at: now)
  }
  func ended(isAnswered: Bool, _ start: [UInt8], at now: Double) -> Bool {
    watch.ended(isAnswered: isAnswered, start, at: now)
  }
}

@Suite struct HangWatchTests {
  private static let start: [UInt8] = [1]

  private func work(_ pieces: Int, _ inFlight: Int = 1) -> RuntimeProgress.Work {
    .init(inFlight: inFlight, pieces: pieces)
  }

  @Test func `without requests nobody is asked`() {
    let watch = Watched()
    watch.report(nil, Self.start, at: 0)
    watch.report(work(9, 0), Self.start, at: 0)
    watch.report(work(9), [], at: 0)
    #expect(watch.due == nil && watch.question(at: 1000) == nil)
  }

  @Test func `an answer is a sign of life, however late`() throws {
    let watch = Watched()
    watch.report(work(0), Self.start, at: 0)
    #expect(watch.due == 5 && watch.question(at: 4) == nil)
    #expect(watch.question(at: 5) == 175)
    // One question at a time.
    #expect(watch.due == nil && watch.question(at: 6) == nil)
    #expect(!watch.ended(isAnswered: true, Self.start, at: 179))
    #expect(watch.due == 184)
    watch.report(work(0), Self.start, at: 183)
    #expect(watch.question(at: 184) == 175)
  }

  @Test func `no answer and no progress for three minutes is a hang`() {
    let watch = Watched()
    watch.report(work(0), Self.start, at: 0)
    _ = watch.question(at: 5)
    #expect(watch.ended(isAnswered: false, Self.start, at: 180))
    #expect(watch.due == nil)
    // Refused at once, as while it starts: it is asked again, until patience ends.
    watch.report(work(0), Self.start, at: 200)
    var moments: [Double] = []
    var now = 205.0
    while let _ = watch.question(at: now) {
      moments.append(now)
      watch.report(work(0), Self.start, at: now)
      if watch.ended(isAnswered: false, Self.start, at: now) { break }
      now += 5
    }
    #expect(moments.first == 205 && moments.last == 380)
  }

  @Test func `a first token that may take longer is waited for`() {
    let watch = Watched()
    watch.take(firstTokenSeconds: 600)
    watch.report(work(0), Self.start, at: 0)
    #expect(watch.question(at: 5) == 655)
    #expect(!watch.ended(isAnswered: false, Self.start, at: 200))
    watch.report(work(0), Self.start, at: 204)
    #expect(watch.question(at: 205) == 455)
    #expect(watch.ended(isAnswered: false, Self.start, at: 660))
    // Less than usual shortens nothing.
    watch.take(firstTokenSeconds: 5)
    watch.report(work(0), Self.start, at: 1000)
    #expect(watch.question(at: 1005) == 175)
  }

  @Test func `progress lengthens patience, up to a bound`() {
    let watch = Watched()
    watch.report(work(0), Self.start, at: 0)
    var now = 0.0
    var pieces = 0
    var isHung = false
    // A runtime of one thread that streams without end, or a gateway that says so.
    while !isHung, now < 3 * HangWatch.bound {
      now += 5
      pieces += 1
      watch.report(work(pieces), Self.start, at: now)
      now += HangWatch.askSeconds
      if watch.question(at: now) != nil {
        isHung = watch.ended(isAnswered: false, Self.start, at: now + 1)
      }
    }
    #expect(isHung && now >= HangWatch.bound - 10 && now < HangWatch.bound + 60)
  }

  @Test func `one that hung is found though its requests were given up`() {
    let watch = Watched()
    watch.report(work(0), Self.start, at: 0)
    _ = watch.question(at: 5)
    watch.report(nil, Self.start, at: 125)
    #expect(watch.ended(isAnswered: false, Self.start, at: 180))
    // And one that only had a long prompt answers then.
    watch.report(work(0), Self.start, at: 200)
    _ = watch.question(at: 205)
    watch.report(nil, Self.start, at: 320)
    #expect(!watch.ended(isAnswered: true, Self.start, at: 330) && watch.due == nil)
  }

  @Test func `what hung just after it was asked is asked for the rest of its patience`() {
    let watch = Watched()
    watch.report(work(3), Self.start, at: 0)
    #expect(watch.question(at: 5) == 175)
    // Its last piece came between the report and the question.
    watch.report(work(6), Self.start, at: 5.1)
    watch.report(nil, Self.start, at: 25)
    #expect(!watch.ended(isAnswered: false, Self.start, at: 180))
    watch.report(nil, Self.start, at: 182)
    #expect(watch.due == 185 && watch.question(at: 185) == 5)
    #expect(watch.ended(isAnswered: false, Self.start, at: 190))
    // One that has ended meanwhile is not started by a question.
    watch.report(work(3), Self.start, at: 200)
    _ = watch.question(at: 205)
    watch.report(nil, Self.start, at: 206)
    #expect(!watch.ended(isAnswered: false, Self.start, at: 207) && watch.due == 212)
    #expect(watch.question([], at: 212) == nil && watch.due == nil)
  }

  @Test func `another start begins anew, and old reports are none`() {
    let watch = Watched()
    watch.report(work(0), Self.start, at: 0)
    _ = watch.question(at: 5)
    watch.report(work(0), [2], at: 100)
    #expect(!watch.ended(isAnswered: false, Self.start, at: 185))
    #expect(watch.due == 105)
    // A gateway that has died says nothing more: an idle runtime is not kept awake.
    #expect(watch.question([2], at: 125) == nil && watch.due == nil)
  }

  @Test func `what the gateway writes is read with its bounds`() {
    let text = #"{"runtimes":{"a":{"inFlight":1,"pieces":2},"../b":{"inFlight":1,"pieces":2}}}"#
    #expect(RuntimeProgress.decode(Array(text.utf8)) == RuntimeProgress(["a": work(2)]))
    #expect(RuntimeProgress.decode(Array("{}".utf8)) == nil)
    #expect(RuntimeProgress.decode([UInt8](repeating: 0x20, count: 1 << 19)) == nil)
    // Numbers of any size only differ.
    let watch = Watched()
    watch.report(.init(inFlight: .max, pieces: .min), Self.start, at: 0)
    watch.report(.init(inFlight: .max, pieces: .max), Self.start, at: 1)
    #expect(watch.due == 6)
  }
}
