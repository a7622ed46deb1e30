/// Something that tells the daemon of changes, so that it need not look for them: a descriptor that is
/// polled, and what is read from it.
///
/// Each works or does not by itself. One that fails is reported once, and what it would have told is
/// found at the interval of the checks.
protocol EventSource: AnyObject {
  /// Its name in `tinyboxctl daemon`; nil for one that is not listed there.
  var name: String? { get }
  /// Opens it.
  /// - Returns: what it watches, for people.
  /// - Throws: why it cannot be watched.
  func open() throws -> String
  /// What to poll; nil while there is nothing.
  var descriptor: Int32? { get }
  /// Whether it also waits to be written to.
  var wantsWriting: Bool { get }
  /// Seconds after which it wants to be read although nothing came; nil when it does not.
  var seconds: Double? { get }
  /// Whether it is to be read at every turn of the loop.
  var isReadAlways: Bool { get }
  /// Takes what came, and tells each of it at once: what was read before a failure counts. Who makes
  /// notifications without a pause makes them faster than they are read: no more than `EventLoop.turn`
  /// at once, the rest waits until everything else had its turn.
  /// - Throws: why it cannot be read any more; it is closed then.
  func read(_ tell: (Notification) -> Void) throws
  /// Lets go of the descriptor.
  func close()
  /// Seconds after which one that was lost, or could not be opened, is opened again; nil for never.
  var reopenSeconds: (lost: Double, refused: Double)? { get }
}

extension EventSource {
  var name: String? { nil }
  func open() throws -> String { "" }
  var wantsWriting: Bool { false }
  var seconds: Double? { nil }
  var isReadAlways: Bool { false }
  func close() {}
  var reopenSeconds: (lost: Double, refused: Double)? { nil }
}
