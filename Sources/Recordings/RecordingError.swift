package import Base

/// Why a recording could not be opened or written.
package struct RecordingError: ReasonedError, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong.
  package enum Cause: Hashable, Sendable {
    /// The file or folder cannot be opened; with the errno.
    case system(Errno)
    /// Neither a folder nor a file.
    case notAFile
    /// libarchive is missing or lacks something.
    case library
    /// No tar archive, or a damaged one.
    case damaged
    /// An archive that says what no recording says, such as a path with `..`.
    case refused
    /// Larger than a recording may be.
    case tooLarge
    /// Neither `/sys` nor `/proc` is in it.
    case noKernelFiles
    /// More than one recording is in it.
    case ambiguous
    /// The notes of a recording are malformed, or of a later version.
    case notes
    /// The file to be written exists.
    case exists
  }

  /// The recording, as it was named by the caller.
  package var path: String
  /// What kind of thing went wrong.
  package var cause: Cause
  /// What went wrong, in words.
  package var reason: String

  /// An error of the recording at `path`.
  package init(path: String, cause: Cause, reason: String) {
    self.path = path
    self.cause = cause
    self.reason = reason
  }

  /// An error with an errno.
  init(path: String, errno: Errno, doing: String) {
    self.init(path: path, cause: .system(errno), reason: "\(doing): \(errno)")
  }

  /// Path and reason in one line.
  package var description: String { "\(path): \(reason)" }
}

/// How large a recording may be. The largest true one, a box of 1,024 CPUs and 10,000 interrupts,
/// has a `/proc/interrupts` of 100 MB; what is beyond is an archive made to fill the memory.
package struct RecordingLimits: Hashable, Sendable {
  /// Bytes of all files.
  package var total = 512 << 20
  /// Bytes of one file.
  package var file = 256 << 20
  /// Files, folders and links.
  package var entries = 2_000_000
  /// Bytes of a path or link target, as the kernel's PATH_MAX.
  package var path = 4096

  /// The limits that fit every true recording.
  package init() {}
}
