extension Checks {
  /// Checks of this folder.
  static let gpu: [any Check.Type] = [
    GPUCountCheck.self,
    GPUDriverCheck.self,
    GPUECCCheck.self,
    GPUThrottleCheck.self,
    GPUTemperatureCheck.self,
    GPUHolderCheck.self,
    GPUMemorySizeCheck.self,
    GPUPowerCapCheck.self,
    GPUReplaysCheck.self,
    GPURuntimeCheck.self,
    GPUMIGCheck.self,
  ]
}
