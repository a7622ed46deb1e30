internal import CLinux
internal import Glibc

extension ReadFailure.Cause {
  /// The cause behind an errno.
  init(errno number: Int32) {
    switch number {
    case ENOENT, ENOTDIR: self = .notFound
    case EACCES, EPERM: self = .permissionDenied
    case ENODEV, ENXIO, EIO: self = .gone
    case ELOOP: self = .linkLoop
    case ETIMEDOUT: self = .timedOut
    default: self = .system(number)
    }
  }

  /// The errno that stands for this cause in a recording; 0 when it has none.
  public var errno: Int32 {
    switch self {
    case .notFound: ENOENT
    case .permissionDenied: EACCES
    case .gone: EIO
    case .tooLarge: EFBIG
    case .linkLoop: ELOOP
    case .timedOut: ETIMEDOUT
    case .notRecorded: 0
    case .system(let number): number
    }
  }
}

/// The C library's words for an errno.
func errnoText(_ number: Int32) -> String {
  unsafe String(cString: strerror(number))
}
