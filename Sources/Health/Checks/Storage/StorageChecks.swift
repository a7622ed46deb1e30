extension Checks {
  /// Checks of this folder.
  static let storage: [any Check.Type] = [
    RootFileSystemCheck.self, BootDiskCheck.self, DiskSpaceCheck.self, RAIDCheck.self,
    NVMeStateCheck.self, NVMeSpareCheck.self, NVMeWearCheck.self, NVMeTemperatureCheck.self,
    NVMeFirmwareCheck.self,
  ]
}
