extension Checks {
  /// Checks of this folder.
  static let interrupts: [any Check.Type] = []
}
