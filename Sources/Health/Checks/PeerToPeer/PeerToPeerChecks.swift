extension Checks {
  /// Checks of this folder.
  static let peerToPeer: [any Check.Type] = [
    ACSCheck.self, IOMMUModeCheck.self, KernelP2PDMACheck.self, PeerAccessCheck.self,
    PeerContradictionCheck.self, PeerRAIDCheck.self,
  ]
}
