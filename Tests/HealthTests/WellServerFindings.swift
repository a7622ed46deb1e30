import Inventory
import TestMachines

@testable import Health

extension WellServer {
  /// Findings of a check on the well box after a change.
  static func findings(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Finding] {
    var inventory = inventory
    change(&inventory)
    return check.evaluate(Box(inventory, profile: profile, samples: samples))
  }

  /// Its verdicts.
  static func verdicts(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    findings(check, profile: profile, samples: samples, change).map(\.verdict)
  }
}
