/// The rate of several lanes of work at once, such as threads or copies: what was done in the window in which
/// all of them worked, over its length. The sum of each lane's own rate would be higher: whoever starts early
/// or ends late has the memory, or the link, for itself then.
package struct CommonWindow: Hashable, Sendable {
  /// A piece of a lane's work, done evenly.
  package struct Piece: Hashable, Sendable {
    /// Its start, seconds of one clock.
    package var start: Double
    /// Its end.
    package var end: Double
    /// Bytes or operations.
    package var amount: Double
    /// Whether nothing disturbed it.
    package var isClean: Bool

    /// A piece of work.
    package init(_ start: Double, _ end: Double, amount: Double, isClean: Bool = true) {
      self.start = start
      self.end = end
      self.amount = amount
      self.isClean = isClean
    }
  }

  /// From the start of the lane that begins last, seconds.
  package var start: Double
  /// To the end of the lane that ends first, seconds.
  package var end: Double
  /// What was done in it; of a piece that is partly outside, its share of the time.
  package var amount: Double
  /// The share of the work in it, by time, that nothing disturbed. 0 to 1.
  package var cleanShare: Double
  /// Its share of the time from the first start to the last end. 0 to 1.
  package var share: Double

  /// How long it is, seconds.
  package var seconds: Double { end - start }
  /// Amount a second.
  package var rate: Double { amount / seconds }

  /// The window of some lanes.
  /// - Parameter lanes: the pieces of each, one after the other.
  /// - Returns: nil where there is none: a lane without work, or no time in common.
  package init?(_ lanes: [[Piece]]) {
    let starts = lanes.compactMap { $0.map(\.start).min() }
    let ends = lanes.compactMap { $0.map(\.end).max() }
    guard !lanes.isEmpty, starts.count == lanes.count, let start = starts.max(),
      let end = ends.min(), let first = starts.min(), let last = ends.max(), end > start
    else { return nil }
    var (amount, working, clean) = (0.0, 0.0, 0.0)
    for piece in lanes.joined() where piece.end > piece.start {
      let inside = min(piece.end, end) - max(piece.start, start)
      guard inside > 0 else { continue }
      amount += piece.amount * inside / (piece.end - piece.start)
      working += inside
      if piece.isClean { clean += inside }
    }
    guard working > 0 else { return nil }
    (self.start, self.end, self.amount) = (start, end, amount)
    cleanShare = clean / working
    share = (end - start) / (last - first)
  }
}
