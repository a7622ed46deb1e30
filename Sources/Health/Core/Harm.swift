/// What a finding that warns or fails threatens, the worst first: the order in which findings are listed,
/// everywhere.
public enum Harm: String, Codable, Hashable, Sendable, CaseIterable {
  /// A GPU, or another device the box was bought for, is missing, dead or cannot be used.
  case deviceLost
  /// Data can be lost, or come out wrong.
  case dataAtRisk
  /// A large part of the speed or memory that was paid for is not there.
  case largeLoss
  /// Some speed is not there.
  case smallLoss
  /// Nothing is lost today.
  case untidy

  /// In words.
  public var text: String {
    switch self {
    case .deviceLost: "a device is missing or cannot be used"
    case .dataAtRisk: "data is at risk"
    case .largeLoss: "a large loss of speed or memory"
    case .smallLoss: "a small loss of speed"
    case .untidy: "nothing is lost today"
    }
  }
}

extension [Finding] {
  /// In the order in which they are shown: by what they threaten, then by verdict, then as they were.
  /// What threatens nothing follows: unknown, fine, not applicable.
  public var byHarm: [Finding] {
    let verdicts = Verdict.allCases.sorted(by: >)
    let harmful = Harm.allCases.flatMap { harm in
      verdicts.flatMap { verdict in filter { $0.harm == harm && $0.verdict == verdict } }
    }
    return harmful
      + verdicts.flatMap { verdict in
        filter { $0.harm == nil && $0.verdict == verdict }
      }
  }
}
