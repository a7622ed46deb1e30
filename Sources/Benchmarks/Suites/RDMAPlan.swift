internal import Base
internal import Inventory

/// RDMA to another machine, the rows of the suite `network` that perftest makes: writes into the memory of the
/// peer, from near and far CPUs and memory.
enum RDMAPlan {
  static func measurements(
    _ path: NetworkPath, peer: String, _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    guard !path.nics.isEmpty else { return [] }
    guard let nic = path.nics.first(where: { !$0.rdmaDevices.isEmpty }),
      let device = nic.rdmaDevices.first?.name
    else {
      return [row("rdma-write", path, "", obstacle: "\(path.subject): no RDMA device")]
    }
    let rows = NodeChoice.of(node: path.node, box.inventory.memory).map { choice in
      var row = row("rdma-write-\(choice.name)", path, choice.text)
      row.ceiling = BenchmarkCeiling([limit(nic)])
      row.parameters = ["peer": peer, "rdmaDevice": device]
      row.parameters["cpus"] = choice.cpus?.description
      row.parameters["memoryNode"] = choice.memoryNode.map { "\($0)" }
      return row
    }
    return rows + [
      row(
        "rdma-write-gpu", path, ", memory of a GPU",
        obstacle: "perftest registers memory of a GPU only where it is built for ROCm or CUDA, "
          + "which distributions do not do")
    ]
  }

  private static func row(
    _ metric: String, _ path: NetworkPath, _ text: String, obstacle: String? = nil
  ) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: NetworkPlan.info.name, metric: metric, subjectKey: path.key,
        subject: "RDMA over \(path.subject)\(text)", unit: .bytesPerSecond),
      devices: path.nics.compactMap(\.address), seconds: obstacle == nil ? 10 : 0,
      quickSeconds: obstacle == nil ? 2 : 0,
      obstacle: obstacle.map { .notApplicable($0) })
  }

  /// The whole rate of the link: what headers take depends on the packets that the RDMA device makes of
  /// a message.
  private static func limit(_ nic: NIC) -> BenchmarkCeiling.Limit {
    let name = "link of the network"
    guard let speed = nic.speedBitsPerSecond, speed > 0 else {
      return .init(name, nil, "\(nic.name) reports no speed")
    }
    return .init(name, Double(speed) / 8, "\(nic.name) \(Units.bitRate(speed)) / 8")
  }
}
