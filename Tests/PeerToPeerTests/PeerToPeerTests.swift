import Testing

@testable import PeerToPeer
