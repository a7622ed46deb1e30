internal import Glibc

/// The error number that a system call left (errno(3)).
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number.
  public var number: Int32

  /// An error number.
  package init(_ number: Int32) { self.number = number }

  /// What the last system call of this thread left. Asked at once: every call may change it.
  public static var last: Errno { Errno(errno) }

  /// The C library's words for it.
  public var description: String { unsafe String(cString: strerror(number)) }

  /// The usual causes in words for people; others as the C library has them, with their number.
  public var plainly: String {
    switch self {
    case .ENOENT, .ENOTDIR: "no such file"
    case .EACCES, .EPERM: "permission denied"
    case .ENODEV, .ENXIO, .EIO: "device gone or not answering"
    case .ELOOP: "links lead round in circles"
    case .ETIMEDOUT: "no answer in time"
    default: "\(self) (errno \(number))"
    }
  }

  /// Whether there is no such thing.
  public var isNotFound: Bool { self == .ENOENT || self == .ENOTDIR }
  /// Whether nobody listens there.
  public var isRefused: Bool { self == .ECONNREFUSED }
  /// Whether the caller has no permission.
  public var isNotPermitted: Bool { self == .EACCES || self == .EPERM }
}

/// The numbers that tinybox distinguishes, by their names in errno(3).
extension Errno {
  /// Not permitted.
  public static let EPERM = Errno(Glibc.EPERM)
  /// No such file.
  public static let ENOENT = Errno(Glibc.ENOENT)
  /// A signal came.
  public static let EINTR = Errno(Glibc.EINTR)
  /// The device does not answer.
  public static let EIO = Errno(Glibc.EIO)
  /// No such device.
  public static let ENXIO = Errno(Glibc.ENXIO)
  /// It would have to wait; also EWOULDBLOCK.
  public static let EAGAIN = Errno(Glibc.EAGAIN)
  /// No memory.
  public static let ENOMEM = Errno(Glibc.ENOMEM)
  /// No permission.
  public static let EACCES = Errno(Glibc.EACCES)
  /// In use.
  public static let EBUSY = Errno(Glibc.EBUSY)
  /// It exists.
  public static let EEXIST = Errno(Glibc.EEXIST)
  /// No such device.
  public static let ENODEV = Errno(Glibc.ENODEV)
  /// A part of the path is no folder.
  public static let ENOTDIR = Errno(Glibc.ENOTDIR)
  /// The path is a folder.
  public static let EISDIR = Errno(Glibc.EISDIR)
  /// An argument that it does not take.
  public static let EINVAL = Errno(Glibc.EINVAL)
  /// Too large a file.
  public static let EFBIG = Errno(Glibc.EFBIG)
  /// No room.
  public static let ENOSPC = Errno(Glibc.ENOSPC)
  /// Nobody reads any more.
  public static let EPIPE = Errno(Glibc.EPIPE)
  /// Links in circles.
  public static let ELOOP = Errno(Glibc.ELOOP)
  /// A malformed message.
  public static let EBADMSG = Errno(Glibc.EBADMSG)
  /// A number too large.
  public static let EOVERFLOW = Errno(Glibc.EOVERFLOW)
  /// A message too long.
  public static let EMSGSIZE = Errno(Glibc.EMSGSIZE)
  /// No such operation here.
  public static let EOPNOTSUPP = Errno(Glibc.EOPNOTSUPP)
  /// This machine does not have the address.
  public static let EADDRNOTAVAIL = Errno(Glibc.EADDRNOTAVAIL)
  /// The other side closed the connection.
  public static let ECONNRESET = Errno(Glibc.ECONNRESET)
  /// Not connected.
  public static let ENOTCONN = Errno(Glibc.ENOTCONN)
  /// The time is up.
  public static let ETIMEDOUT = Errno(Glibc.ETIMEDOUT)
  /// Nobody listens.
  public static let ECONNREFUSED = Errno(Glibc.ECONNREFUSED)
}
