package import Benchmarks
internal import Linux

extension BenchmarkBox {
  /// The same with the interfaces that lead to the machines that were named. A route that cannot be found
  /// stays unknown: what is measured then fails with the reason.
  package func withRoutes() -> BenchmarkBox {
    var box = self
    if let peer = options.networkPeer {
      box.peerInterface = (try? RouteLookup.interface(towards: peer)).flatMap { $0 }
    }
    if let server = options.nfsServer.flatMap(NFSServer.init) {
      box.nfsInterface = (try? RouteLookup.interface(towards: server.host)).flatMap { $0 }
    }
    return box
  }
}
