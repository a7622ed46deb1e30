/// A command that could not do what it was asked, told as a person needs it: what failed, why,
/// and what to do next.
public struct CommandFailure: Error, Sendable {
  /// Exit status of the program.
  public enum Status: Int32, Sendable {
    /// It failed.
    case failed = 1
    /// The command line is wrong (EX_USAGE of sysexits.h).
    case usage = 64
    /// The caller may not do it (EX_NOPERM of sysexits.h).
    case notPermitted = 77
  }
  /// What failed, such as `open recording box.tar.zst`.
  public var step: String
  /// Why.
  public var cause: String
  /// What to do next.
  public var hint: String?
  /// Exit status.
  public var status: Status

  /// A failure.
  public init(_ step: String, cause: String, hint: String? = nil, status: Status = .failed) {
    self.step = step
    self.cause = cause
    self.hint = hint
    self.status = status
  }

  /// The lines for standard error. The only place that prints the chain.
  public var lines: [String] {
    ["tinyboxctl: cannot \(step): \(cause)"] + (hint.map { ["  \($0)"] } ?? [])
  }
}
