extension Checks {
  /// Checks of this folder.
  static let gpu: [any Check.Type] = []
}
