public import Base

/// The body of every unsuccessful answer: what failed, why, and what to do next, in the words of
/// the command line.
public struct Problem: Codable, VersionedDocument, Hashable, Sendable, Error {
  /// `tinybox.problem/1`.
  public var schema = Problem.currentSchema
  package static let currentSchema = "tinybox.problem/1"
  /// What failed: `cannot` goes before it.
  public var step: String
  /// Why.
  public var cause: String
  /// What to do next.
  public var hint: String?
  /// The HTTP status: 400 wrong request, 403 not permitted, 404 no such thing, 405 wrong method,
  /// 409 it cannot be done now, 413 too large, 500 it failed, 503 there is no room now: too many
  /// clients are connected or listening, or too much waits to be read. Before an operation is
  /// looked up: 408 it did not arrive whole in time, 414 its target is too long, 417 an Expect
  /// other than 100-continue, 431 its header is too large, 501 a Transfer-Encoding other than
  /// chunked, 505 a version other than HTTP/1.1.
  public var status: Int

  /// A problem with this status.
  package init(_ status: Int, _ step: String, cause: String, hint: String? = nil) {
    self.status = status
    self.step = step
    self.cause = cause
    self.hint = hint
  }

  /// The problem that reports a failure.
  package init(_ failure: Failure) {
    let status =
      switch failure.code {
      case .failed: 500
      case .usage: 400
      case .notFound: 404
      case .notPermitted: 403
      case .conflict, .busy: 409
      }
    self.init(status, failure.step, cause: failure.reason, hint: failure.hint)
  }
}
