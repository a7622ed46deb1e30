import Health
import Metrics
import TestMachines

extension FullMachine {
  /// What the families are made from.
  static var input: MetricsInput {
    let box = inventory
    return MetricsInput(
      version: "1.2.3", inventory: box, report: HealthReport(Box(box, profile: profile)),
      profile: profile, placement: placement, collectorSeconds: ["PCI": 0.25, "GPU": 1.5])
  }
}
