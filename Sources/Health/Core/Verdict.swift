/// The result of a check for one subject.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
  /// As it should be, and the facts that prove it were read.
  case pass
  /// The check does not apply to this machine: the hardware is not there, or its host decides.
  case notApplicable
  /// A fact that decides could not be read. Never counted as fine.
  case unknown
  /// Works, and not as well or as safely as it could.
  case warn
  /// Broken, missing, or about to lose data or most of its speed.
  case fail

  private var rank: Int {
    switch self {
    case .notApplicable: 0
    case .pass: 1
    case .unknown: 2
    case .warn: 3
    case .fail: 4
    }
  }

  /// From what needs no attention to the worst.
  public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }
}
