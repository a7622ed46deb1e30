extension Checks {
  /// Checks of this folder.
  static let pcie: [any Check.Type] = [
    DeviceLostCheck.self,
    DeviceDriverCheck.self,
    ExpectedDevicesCheck.self,
    LinkWidthCheck.self,
    LinkSpeedCheck.self,
    LinkStabilityCheck.self,
    AERCheck.self,
    BarAssignedCheck.self,
    BarSizeCheck.self,
    PayloadCheck.self,
    ReadRequestCheck.self,
    RelaxedOrderingCheck.self,
  ]
}
