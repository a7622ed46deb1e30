extension Checks {
  /// Checks of this folder.
  static let interrupts: [any Check.Type] = [
    IRQBalanceCheck.self, IRQLocalityCheck.self, NICQueuesCheck.self,
  ]
}
