extension Checks {
  /// Checks of this folder.
  static let peerToPeer: [any Check.Type] = []
}
