extension Checks {
  /// Checks of this folder.
  static let runtimes: [any Check.Type] = [
    RuntimeStateCheck.self, RuntimeGPUCheck.self, RuntimeMemoryCheck.self,
    RuntimeRegistryCheck.self,
  ]
}
