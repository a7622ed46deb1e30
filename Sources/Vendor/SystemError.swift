internal import Glibc

/// A step of ours that a system call refused.
public struct SystemError: Error, CustomStringConvertible, Sendable {
  /// What was tried.
  public var step: String
  /// The errno it left.
  public var errno: Int32
  /// Step and cause.
  public var description: String { unsafe "\(step): \(String(cString: strerror(errno)))" }
  /// Whether nobody reads any more, as after `| head`.
  public var isBrokenPipe: Bool { errno == EPIPE }
}
