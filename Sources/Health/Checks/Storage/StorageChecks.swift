extension Checks {
  /// Checks of this folder.
  static let storage: [any Check.Type] = []
}
