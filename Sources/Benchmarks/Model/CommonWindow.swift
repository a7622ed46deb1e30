/// The rate of copies that run at the same time.
///
/// It is the bytes in the window in which all of them run, never the sum of their single rates: those
/// count the times in which some have not begun or have ended.
package struct CommonWindow: Hashable, Sendable {
  /// When a copy ran, seconds of one clock.
  package struct Span: Hashable, Sendable {
    /// Its start.
    package var start: Double
    /// Its end, later.
    package var end: Double

    /// A copy that ran from start to end.
    package init(_ start: Double, _ end: Double) {
      self.start = start
      self.end = end
    }
  }

  /// From the start of the lane that begins last.
  package var start: Double
  /// To the end of the lane that ends first.
  package var end: Double
  /// Bytes that all lanes moved in between; of a copy that is partly outside, its share of the time.
  package var bytes: Double
  /// Bytes a second.
  package var rate: Double { bytes / (end - start) }
  /// Share of the time from the first start to the last end.
  package var share: Double

  /// The window of some lanes.
  /// - Parameters:
  ///   - lanes: the copies of each lane, one after the other.
  ///   - bytes: bytes of each copy.
  /// - Returns: nil when there is no moment at which all lanes run.
  package init?(_ lanes: [[Span]], bytes each: Int) {
    let starts = lanes.compactMap { $0.map(\.start).min() }
    let ends = lanes.compactMap { $0.map(\.end).max() }
    guard !lanes.isEmpty, starts.count == lanes.count, let start = starts.max(),
      let end = ends.min(), let first = starts.min(), let last = ends.max(), end > start
    else { return nil }
    var bytes = 0.0
    for span in lanes.joined() where span.end > span.start {
      let inside = min(span.end, end) - max(span.start, start)
      if inside > 0 { bytes += Double(each) * inside / (span.end - span.start) }
    }
    guard bytes > 0 else { return nil }
    self.start = start
    self.end = end
    self.bytes = bytes
    share = (end - start) / (last - first)
  }
}
