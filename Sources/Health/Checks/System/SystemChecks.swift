extension Checks {
  /// Checks of this folder.
  static let system: [any Check.Type] = [
    FailedUnitsCheck.self, TimeSyncCheck.self, RuntimeLocksCheck.self, BenchmarkDeclineCheck.self,
  ]
}
