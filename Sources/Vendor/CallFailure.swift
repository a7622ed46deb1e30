/// A system call about a device that failed, and the errno it left.
public struct CallFailure: Error, Hashable, Sendable {
  /// The errno.
  public var errno: Int32

  /// A failure.
  public init(errno: Int32) { self.errno = errno }
}
