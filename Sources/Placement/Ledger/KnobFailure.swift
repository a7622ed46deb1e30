public import Base

/// Why a knob could not be read or set.
public struct KnobFailure: ReasonedError, Hashable, Sendable, CustomStringConvertible {
  /// The errno of the call; absent when no system call failed.
  public var errno: Errno?
  /// Why, in words.
  public var reason: String

  /// A failure with this reason.
  package init(errno: Errno? = nil, reason: String) {
    self.errno = errno
    self.reason = reason
  }

  /// Why, in words.
  public var description: String { reason }

  /// The setting does not exist (any more): ENOENT, ENXIO, ENODEV.
  public var isGone: Bool { errno == .ENOENT || errno == .ENXIO || errno == .ENODEV }
  /// No vector is free on the CPU asked for: ENOSPC.
  public var isOutOfRoom: Bool { errno == .ENOSPC }
  /// It may work in a moment: EBUSY, EAGAIN, ENOMEM, EINTR.
  public var isTransient: Bool {
    errno == .EBUSY || errno == .EAGAIN || errno == .ENOMEM || errno == .EINTR
  }
}
