/// What a check says of one subject.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
  /// As it should be, and the facts that prove it were read.
  case pass
  /// The question does not arise: no such hardware, or none of our business on such a machine.
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

  /// From what needs no look to the worst.
  public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }
}
