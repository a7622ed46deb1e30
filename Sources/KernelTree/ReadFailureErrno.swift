package import Base

extension ReadFailure.Cause {
  /// The cause behind an errno.
  init(errno: Errno) {
    switch errno {
    case .ENOENT, .ENOTDIR: self = .notFound
    case .EACCES, .EPERM: self = .permissionDenied
    case .ENODEV, .ENXIO, .EIO: self = .gone
    case .ELOOP: self = .linkLoop
    case .ETIMEDOUT: self = .timedOut
    default: self = .system(errno)
    }
  }

  /// The errno that stands for this cause in a recording; nil when it has none.
  package var errno: Errno? {
    switch self {
    case .notFound: .ENOENT
    case .permissionDenied: .EACCES
    case .gone: .EIO
    case .tooLarge: .EFBIG
    case .linkLoop: .ELOOP
    case .timedOut: .ETIMEDOUT
    case .notRecorded: nil
    case .system(let errno): errno
    }
  }
}
