/// A step that failed: which, why, what to do next, and what kind of failure it is for a program.
///
/// The cause is kept as the error it was, so that a caller can still distinguish failures; it may
/// be a `Failure` of a smaller step. It becomes text in one place of each program: the command
/// line's printer, the daemon's answers, and the lines of the services.
public struct Failure: Error, Sendable, CustomStringConvertible {
  /// What a program does about it: its exit status, the status of an answer over HTTP.
  public enum Code: Hashable, Sendable {
    case failed
    /// The caller asked in a wrong way.
    case usage
    /// There is no such thing.
    case notFound
    /// The caller has no permission.
    case notPermitted
    /// It cannot be done as things are: the owner must fix the setup first.
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
  /// Its kind.
  public var code: Code

  /// A failure of a step.
  /// - Parameter cause: the error that the step ended with.
  package init(_ step: String, _ cause: any Error, hint: String? = nil, code: Code = .failed) {
    self.step = step
    self.cause = cause
    self.hint = hint
    self.code = code
  }

  /// A failure without another error as its cause.
  /// - Parameter reason: why, in words.
  package init(_ step: String, because reason: String, hint: String? = nil, code: Code = .failed) {
    self.init(step, Reason(reason), hint: hint, code: code)
  }

  /// Why, in words: of the cause, and of the cause behind it.
  public var reason: String { (cause as? any ReasonedError)?.reason ?? "\(cause)" }

  /// Step and reason.
  public var description: String { "\(step.inOneLine): \(reason)" }

  /// The error number behind it; nil when it did not come from a system call.
  public var errno: Errno? { cause as? Errno ?? (cause as? Failure)?.errno }

  /// The same with another code: what one program cannot find, another takes for wrong usage.
  package func with(code: Code) -> Failure {
    var failure = self
    failure.code = code
    return failure
  }

  /// The same with another hint after the one it has.
  package func with(hint more: String) -> Failure {
    var failure = self
    failure.hint = hint.map { "\($0); \(more)" } ?? more
    return failure
  }

  /// The lines that report it to a person: step and reason, then the hints from the outermost
  /// inwards.
  package func lines(of program: String) -> [String] {
    ["\(program): cannot \(self)"] + hints.map { "  \($0)" }
  }

  private var hints: [String] { (hint.map { [$0] } ?? []) + ((cause as? Failure)?.hints ?? []) }
}

extension String {
  /// The text without line breaks: a value in a message that has one would look like a message of its own.
  package var inOneLine: String {
    contains(where: \.isNewline) ? String(map { $0.isNewline ? " " : $0 }) : self
  }
}

/// An error with a reason and without a step: the failure around it has the step.
public protocol ReasonedError: Error {
  /// Why, in words.
  var reason: String { get }
}

/// The reason of a step that failed without another error.
public struct Reason: ReasonedError, Hashable, Sendable, CustomStringConvertible {
  /// Why, in words.
  public var reason: String

  /// A reason in words.
  package init(_ reason: String) { self.reason = reason }

  /// Why, in words.
  public var description: String { reason }
}
