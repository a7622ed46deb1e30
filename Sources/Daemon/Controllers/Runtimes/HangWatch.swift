internal import RuntimeCatalog

/// Whether a runtime that has requests hangs; pure.
///
/// It is asked only while the gateway says that requests are in flight: a question keeps one on demand awake. A server
/// of one thread answers no question while it works on a request, so a question waits as long as patience lasts, in
/// the runtime's own queue, before what comes after it. Pieces of answers are a sign of life too, but the gateway's word
/// alone: it counts up to a bound. Nothing that the gateway says makes a runtime hang.
struct HangWatch: Hashable {
  /// Seconds with requests and without a sign of life until a runtime hangs, at least.
  static let leastPatience = 180.0
  /// Seconds above `first-token-timeout`: a long prompt ends, or its request is given up, before.
  private static let margin = 60.0
  /// Seconds until this one hangs.
  private(set) var patience = leastPatience
  /// Seconds without an answer to a question, whatever the gateway says: twice the longest generation, 32,768 tokens
  /// at 10 tokens/s.
  static let bound = 7200.0
  /// Seconds without a sign of life until it is asked.
  static let askSeconds = 5.0
  /// Seconds after which a report is none any more: the gateway writes every 5.
  static let reportSeconds = 20.0

  private struct Busy: Hashable {
    var invocation: [UInt8]
    /// When it last answered a question, or its requests began.
    var answered: Double
    /// The same, or when the gateway last saw a piece of an answer.
    var sign: Double
    var pieces: Int
    var reported: Double
    var ask: Double
    var isAsked = false
    /// Its requests have ended while it was asked.
    var isIdle = false
  }

  private var busy: Busy?

  /// Takes what the owner's configuration says of the wait for a first token.
  mutating func take(firstTokenSeconds: Int) {
    patience = max(HangWatch.leastPatience, Double(firstTokenSeconds) + HangWatch.margin)
  }

  /// When it is to be asked; nil for not.
  var due: Double? {
    guard let busy, !busy.isAsked else { return nil }
    return busy.ask
  }

  /// What the gateway says of it.
  /// - Parameters:
  ///   - work: nil without requests.
  ///   - invocation: which start of its program runs; empty for none.
  mutating func report(
    _ work: RuntimeProgress.Work?, _ invocation: [UInt8], at now: Double
  ) {
    guard let work, work.inFlight > 0, !invocation.isEmpty else {
      // A question that waits still finds one that hung before its requests were given up.
      if let known = busy, known.isAsked || known.isIdle { busy?.isIdle = true } else { busy = nil }
      return
    }
    guard var known = busy, known.invocation == invocation else {
      busy = Busy(
        invocation: invocation, answered: now, sign: now, pieces: work.pieces, reported: now,
        ask: now + HangWatch.askSeconds)
      return
    }
    known.reported = now
    known.isIdle = false
    if work.pieces != known.pieces {
      known.pieces = work.pieces
      known.sign = now
      if !known.isAsked { known.ask = now + HangWatch.askSeconds }
    }
    busy = known
  }

  /// The question that is due: how long it may wait for its answer, seconds. Nil for none.
  /// - Parameter invocation: which start of its program runs. Where it is another, or none, a question is none for
  ///   what hung, and would start one on demand.
  mutating func question(_ invocation: [UInt8], at now: Double) -> Double? {
    guard let known = busy, !known.isAsked, known.ask <= now else { return nil }
    guard known.invocation == invocation,
      known.isIdle || now - known.reported <= HangWatch.reportSeconds
    else {
      busy = nil
      return nil
    }
    busy?.isAsked = true
    return max(HangWatch.askSeconds, known.sign + patience - now)
  }

  /// A question has ended.
  /// - Parameter invocation: of the start that was asked.
  /// - Returns: whether the runtime hangs: it is to be restarted.
  mutating func ended(isAnswered: Bool, _ invocation: [UInt8], at now: Double) -> Bool {
    guard var known = busy, known.invocation == invocation, known.isAsked else { return false }
    known.isAsked = false
    known.ask = now + HangWatch.askSeconds
    if isAnswered {
      known.answered = now
      known.sign = now
      busy = known.isIdle ? nil : known
      return false
    }
    // A second for what wakes late.
    if now + 1 >= min(known.sign + patience, known.answered + max(HangWatch.bound, patience)) {
      busy = nil
      return true
    }
    // Without requests too: pieces that came after it was asked have lengthened patience beyond that question.
    busy = known
    return false
  }
}
