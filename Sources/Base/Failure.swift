/// A step that failed: which, why, what to do next, and what kind of failure it is for a program.
///
/// The cause is kept as the error it was, so that whoever catches a failure can still tell one from
/// another; it may be a `Failure` of a smaller step. It becomes text in one place of each program:
/// the command line's printer, the daemon's answers, and the lines of the services.
public struct Failure: Error, Sendable, CustomStringConvertible {
  /// What a program does about it: its exit status, the status of an answer over HTTP.
  public enum Code: Hashable, Sendable {
    /// It failed.
    case failed
    /// It was asked for in a wrong way.
    case usage
    /// There is no such thing.
    case notFound
    /// Whoever asked may not.
    case notPermitted
    /// It cannot be done as things are: what the owner set up has to be mended first.
    case conflict
    /// Another program is at it at this moment.
    case busy
  }

  /// What failed, such as `open recording box.tar.zst`. `cannot` goes before it.
  public var step: String
  /// Why.
  public var cause: any Error
  /// What to do next.
  public var hint: String?
  /// What kind it is.
  public var code: Code

  /// A failure.
  /// - Parameter cause: the error that the step ended with.
  public init(_ step: String, _ cause: any Error, hint: String? = nil, code: Code = .failed) {
    self.step = step
    self.cause = cause
    self.hint = hint
    self.code = code
  }

  /// A failure that is no other error's doing.
  /// - Parameter reason: why, in words.
  public init(_ step: String, because reason: String, hint: String? = nil, code: Code = .failed) {
    self.init(step, Reason(reason), hint: hint, code: code)
  }

  /// Why, in words: of the cause, and of the cause behind it.
  public var reason: String { (cause as? any ReasonedError)?.reason ?? "\(cause)" }

  /// Step and reason.
  public var description: String { "\(step): \(reason)" }

  /// The error number behind it; nil when it did not come from a system call.
  public var errno: Errno? { cause as? Errno ?? (cause as? Failure)?.errno }

  /// The same of another kind: what one program cannot find, another takes for wrong usage.
  public func with(code: Code) -> Failure {
    var failure = self
    failure.code = code
    return failure
  }

  /// The lines that tell it to a person: step and reason, then the hints from the outermost inwards.
  public func lines(of program: String) -> [String] {
    ["\(program): cannot \(self)"] + hints.map { "  \($0)" }
  }

  private var hints: [String] { (hint.map { [$0] } ?? []) + ((cause as? Failure)?.hints ?? []) }
}

/// An error that says why without naming what: the step before it does that.
public protocol ReasonedError: Error {
  /// Why, in words.
  var reason: String { get }
}

/// Why a step failed that no other error stands behind.
public struct Reason: ReasonedError, Hashable, Sendable, CustomStringConvertible {
  /// Why, in words.
  public var reason: String

  /// A reason.
  public init(_ reason: String) { self.reason = reason }

  /// Why, in words.
  public var description: String { reason }
}
