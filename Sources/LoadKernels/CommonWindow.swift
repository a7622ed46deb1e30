/// The rate of several threads at once: what was done in the window in which all of them worked,
/// divided by its length. The sum of each thread's own rate would be higher: whoever
/// starts early or ends late has the memory for itself then.
struct CommonWindow: Hashable {
  /// One piece of a thread's work: an amount of bytes or operations, done evenly.
  struct Piece: Hashable {
    var timing: Timing
    var amount: Double
  }

  /// Nanoseconds on CLOCK_MONOTONIC.
  var start: Int64
  var end: Int64
  /// What was done in it.
  var amount: Double
  /// The share of the threads' work in it, by time, that nothing disturbed. 0 to 1.
  var cleanShare: Double

  /// How long it was.
  var seconds: Double { Double(end - start) / 1e9 }
  /// Amount a second.
  var rate: Double { amount / seconds }

  /// The window from the last thread's start to the first thread's end. A piece that lies in it
  /// in part counts in part.
  /// - Returns: nil where there is none: a thread without work, or no time in common.
  init?(_ threads: [[Piece]]) {
    guard let start = threads.map({ $0.first?.timing.start ?? .max }).max(),
      let end = threads.map({ $0.last?.timing.end ?? .min }).min(), start < end
    else { return nil }
    var (amount, working, clean) = (0.0, 0.0, 0.0)
    for piece in threads.joined() where piece.timing.end > piece.timing.start {
      let inside = min(piece.timing.end, end) - max(piece.timing.start, start)
      guard inside > 0 else { continue }
      amount += piece.amount * Double(inside) / Double(piece.timing.end - piece.timing.start)
      working += Double(inside)
      if piece.timing.isClean { clean += Double(inside) }
    }
    guard working > 0 else { return nil }
    (self.start, self.end, self.amount) = (start, end, amount)
    cleanShare = clean / working
  }
}
