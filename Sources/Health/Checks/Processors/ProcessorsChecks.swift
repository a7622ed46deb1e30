extension Checks {
  /// Checks of this folder.
  static let processors: [any Check.Type] = [
    ProcessorCountCheck.self,
    ProcessorTemperatureCheck.self,
    NodesPerSocketCheck.self,
    DeviceNodeCheck.self,
    GovernorCheck.self,
    FrequencyDriverCheck.self,
    BoostCheck.self,
    IdleStatesCheck.self,
  ]
}
