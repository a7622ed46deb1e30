extension Checks {
  /// Checks of this folder.
  static let memory: [any Check.Type] = [
    MemorySizeCheck.self,
    MemoryChannelsCheck.self,
    MemorySpeedCheck.self,
    MemoryNodesCheck.self,
    NUMABalancingCheck.self,
    HugePagesCheck.self,
    TransparentHugePagesCheck.self,
  ]
}
