package import Base
internal import Linux

/// Why a file, folder or link of a tree could not be read.
///
/// A failure is data for a collector: it becomes a fact that is absent or unknown with this
/// reason, never a reason to stop.
package struct ReadFailure: ReasonedError, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, in the kernel's terms.
  package enum Cause: Hashable, Sendable {
    /// ENOENT or ENOTDIR: there is no such file.
    case notFound
    /// EACCES or EPERM: the caller may not read it.
    case permissionDenied
    /// ENODEV, ENXIO or EIO: the device left, or answers no longer.
    case gone
    /// The text is larger than the reader allows, in bytes.
    case tooLarge(limit: Int)
    /// Links that lead round in circles, or deeper than the kernel follows (ELOOP).
    case linkLoop
    /// The recording names the file but does not hold its content.
    case notRecorded
    /// The read took longer than its deadline.
    case timedOut
    /// Any other errno.
    case system(Errno)
  }

  /// The path as the kernel names it, without the folder of a recording.
  package var path: String
  /// What went wrong.
  package var cause: Cause
  /// Who was denied permission on this machine; nil in a recording, which does not say. Root in a
  /// container gets no advice to use sudo.
  package var caller: Caller?

  /// Who reads.
  package enum Caller: Hashable, Sendable {
    case root
    /// Anybody else.
    case user

    /// Who runs this program.
    static var current: Caller { CallingUser.isRoot ? .root : .user }
  }

  /// A failure of `path`.
  package init(path: String, cause: Cause) {
    self.path = path
    self.cause = cause
  }

  /// A failure of `path` with the errno of a system call.
  package init(path: String, errno: Errno) {
    self.init(path: path, cause: Cause(errno: errno))
  }

  /// The reason alone, for the `unknown` list.
  package var reason: String {
    switch cause {
    case .tooLarge(let limit): "larger than \(limit) bytes"
    case .notRecorded: "not in the recording"
    case .timedOut: "no answer in time"
    case .permissionDenied: ReadFailure.denied(to: caller)
    default: cause.errno?.plainly ?? "not read"
    }
  }

  /// Why somebody may not read something.
  static func denied(to caller: Caller?) -> String {
    switch caller {
    case .user: "permission denied: run with sudo"
    case .root: "permission denied" + UnknownFact.evenToRoot
    case nil: "permission denied"
    }
  }

  /// Path and reason in one line.
  package var description: String { "\(path): \(reason)" }
}
