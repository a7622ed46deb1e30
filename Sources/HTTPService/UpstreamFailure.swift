internal import Base
internal import Linux
internal import NIOCore

/// Why a service on a Unix socket gave no answer.
package enum UpstreamFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// It does not run: there is no socket, or nobody listens on it.
  case notRunning(path: String, cause: String)
  /// This process may not use the socket.
  case notPermitted(path: String)
  /// It runs and has not answered in so many seconds.
  case tooSlow(path: String, seconds: Double)
  /// Too many requests of this process wait for it.
  case busy(path: String)
  /// This process has so many streams open, and may open no more.
  case tooManyStreams(Int)
  /// It broke off, or answered what is no HTTP or is too large.
  case broken(path: String, cause: String)

  /// In words.
  package var description: String {
    switch self {
    case .notRunning(let path, let cause): "connect to \(path): \(cause)"
    case .notPermitted(let path): "connect to \(path): permission denied"
    case .tooSlow(let path, let seconds): "ask \(path): no answer within \(Int(seconds)) s"
    case .busy(let path): "ask \(path): too many requests wait for it"
    case .tooManyStreams(let count): "\(count) streams are open already, and no more may be"
    case .broken(let path, let cause): "ask \(path): \(cause)"
    }
  }
}

extension UpstreamFailure {
  /// Seconds until a connection must be there.
  static let connectSeconds = 5.0

  /// What an error of a connection to a path means.
  init(_ error: any Error, path: String, seconds: Double = UpstreamFailure.connectSeconds) {
    switch error {
    case let error as UpstreamFailure: self = error
    case let error as IOError:
      let failure = Errno(error.errnoCode)
      if failure.isNotPermitted {
        self = .notPermitted(path: path)
      } else if failure.isNotFound || failure.isRefused {
        self = .notRunning(path: path, cause: failure.description)
      } else {
        self = .broken(path: path, cause: failure.description)
      }
    case is ChannelError: self = .tooSlow(path: path, seconds: seconds)
    default: self = .broken(path: path, cause: "it broke off")
    }
  }
}
