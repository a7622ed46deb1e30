extension Checks {
  /// Checks of this folder.
  static let memory: [any Check.Type] = [
    EDACCheck.self,
    MemoryChannelsCheck.self,
    MemorySpeedCheck.self,
    MemorySizeCheck.self,
    NUMABalancingCheck.self,
    TransparentHugePagesCheck.self,
    HugePagesCheck.self,
    MemoryNodesCheck.self,
  ]
}
