internal import Placement

/// What was placed, and what of it still holds.
enum PlacementMetrics {
  static let families: [MetricFamily] = [
    MetricFamily(
      "placement_settings",
      help:
        "Settings that were placed in this boot, by what became of them. Absent when none were.",
      labels: [.init("state", "`held`, `drifted` (changed since) or `gone` (with its device)")],
      bound: "3"
    ) { input in
      guard let placement = input.placement, placement.ledger == .thisBoot else { return [] }
      return [
        Sample(placement.held, "held"), Sample(placement.drifted.count, "drifted"),
        Sample(placement.gone.count, "gone"),
      ].compactMap { $0 }
    }
  ]
}
