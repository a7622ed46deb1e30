extension Checks {
  /// Checks of this folder.
  static let processors: [any Check.Type] = []
}
