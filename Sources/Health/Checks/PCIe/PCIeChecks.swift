extension Checks {
  /// Checks of this folder.
  static let pcie: [any Check.Type] = []
}
