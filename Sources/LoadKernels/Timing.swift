internal import CLoadKernels
internal import Statistics

/// When a piece of work ran.
struct Timing: Sendable, Hashable {
  /// Nanoseconds on CLOCK_MONOTONIC.
  var start: Int64
  var end: Int64
  /// Whether the thread had the CPU to itself: it ran for more than 98 % of the time and the
  /// scheduler did not take the CPU away. What neighbours do to caches and memory does not show
  /// here.
  var isClean: Bool

  init(start: Int64, end: Int64, isClean: Bool) {
    self.start = start
    self.end = end
    self.isClean = isClean
  }

  init(_ timing: tbx_timing) {
    start = timing.start
    end = timing.start + timing.wall
    isClean = timing.switches == 0 && Double(timing.cpu) > 0.98 * Double(timing.wall)
  }

  /// How long it took.
  var seconds: Double { Double(end - start) / 1e9 }

  /// It as a piece of work.
  /// - Parameter begin: the moment that its seconds count from: so near that a `Double` holds nanoseconds.
  func piece(of amount: Double, since begin: Int64) -> CommonWindow.Piece {
    CommonWindow.Piece(
      Double(start - begin) / 1e9, Double(end - begin) / 1e9, amount: amount, isClean: isClean)
  }

  /// Now on the clock of `start`.
  static var now: Int64 { tbx_now() }
}
