internal import Base
internal import Inventory

/// The network: TCP to another machine with iperf3, both ways, from near and far CPUs; and RDMA.
package enum NetworkPlan: SuitePlan {
  package static let info = SuiteInfo(
    "network", "TCP to another machine, both ways, one and four streams.", programs: ["iperf3"])

  /// Connections at once: what one copy has, and what fills a fast link.
  static let streamCounts = [1, 4]

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    guard let peer = box.options.networkPeer, !peer.isEmpty else {
      return [
        PlannedMeasurement(
          BenchmarkSeries(
            suite: info.name, metric: "send-1", subjectKey: "no-peer",
            subject: "the network", unit: .bytesPerSecond),
          seconds: 0, quickSeconds: 0,
          obstacle: .notApplicable(
            "give --peer ADDRESS of a machine where `iperf3 -s` runs"))
      ]
    }
    let path = NetworkPath(interface: box.peerInterface, peer: peer, box)
    if !path.nics.isEmpty, !path.nics.contains(where: { box.wants($0.address) }) { return [] }
    var planned: [PlannedMeasurement] = []
    for choice in NodeChoice.of(node: path.node, box.inventory.memory) {
      for direction in ["send", "receive"] {
        for streams in streamCounts {
          planned.append(measurement(direction, streams, choice, path, peer, box))
        }
      }
    }
    return planned + RDMAPlan.measurements(path, peer: peer, box)
  }

  private static func measurement(
    _ direction: String, _ streams: Int, _ choice: NodeChoice, _ path: NetworkPath,
    _ peer: String, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    var parameters = [
      "peer": peer, "streams": "\(streams)", "direction": direction,
    ]
    parameters["local"] = box.options.networkLocal
    parameters["cpus"] = choice.cpus?.description
    parameters["memoryNode"] = choice.memoryNode.map { "\($0)" }
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: "\(direction)-\(streams)-\(choice.name)", subjectKey: path.key,
        subject: path.subject + choice.text, unit: .bytesPerSecond),
      devices: path.nics.compactMap(\.address), seconds: 10, quickSeconds: 2,
      // No mark: the link of the other machine, and what is between, may be slower and is not known.
      ceiling: path.ceiling(peer: peer), parameters: parameters)
  }
}
