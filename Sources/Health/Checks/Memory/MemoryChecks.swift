extension Checks {
  /// Checks of this folder.
  static let memory: [any Check.Type] = [
    NUMABalancingCheck.self,
    EDACCheck.self,
  ]
}
