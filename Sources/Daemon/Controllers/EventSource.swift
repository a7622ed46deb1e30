/// A source that reports changes to the daemon, so that it need not look for them: a descriptor
/// that is polled, and what is read from it.
///
/// Each works or fails by itself. A failure is reported once, and the checks at their interval find
/// what the source would have reported.
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
  /// Takes what came, and passes each on at once: what was read before a failure counts.
  /// Notifications that are made without a pause come faster than they are read: no more than
  /// `EventLoop.turn` at once, the rest waits until everything else had its turn.
  /// - Throws: why it cannot be read any more; it is closed then.
  func read(_ tell: (Notification) -> Void) throws
  /// Closes the descriptor.
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
