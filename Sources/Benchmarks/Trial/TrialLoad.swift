package import Base
internal import Inventory

/// A load that shows what placement of a device does: the same work, where placement puts it and where it
/// runs without.
package struct TrialLoad: Hashable, Sendable {
  /// Its name, as `--load` takes it: `random-read`.
  package var name: String
  /// With placement: on the CPUs and memory of the device's node.
  package var on: PlannedMeasurement
  /// Without: wherever the kernel puts it. The same where only settings are tried.
  package var off: PlannedMeasurement

  /// A load.
  package init(name: String, on: PlannedMeasurement, off: PlannedMeasurement) {
    self.name = name
    self.on = on
    self.off = off
  }

  /// Whether the load itself runs elsewhere with placement.
  package var movesLoad: Bool { on.parameters != off.parameters }

  /// Seconds of a phase.
  package var seconds: Double { on.seconds }

  /// As a document has it, before it is measured.
  package var planned: BenchmarkTrialDocument.Load {
    .init(
      name: name, series: on.series, movesLoad: movesLoad, seconds: seconds,
      // Both of the least number of pairs.
      leastSeconds: seconds * 2 * Double(BenchmarkTrial.leastPairs),
      mostSeconds: seconds * 2 * Double(BenchmarkTrial.mostPairs))
  }
}

/// The loads of a device: those of the suites, made short.
package enum TrialLoads {
  /// Seconds of a phase.
  static let phaseSeconds = 2.0
  /// Seconds of a phase of a quick trial.
  static let quickPhaseSeconds = 0.5

  /// The loads of a device.
  /// - Parameters:
  ///   - box: its options keep to this device, and name the peer of a network interface.
  ///   - movesLoad: whether the load runs elsewhere without placement.
  ///   - names: those to keep to; empty for all.
  /// - Throws: `Failure` with the reason why there is none.
  package static func all(
    _ box: BenchmarkBox, _ device: PCIAddress, movesLoad: Bool, names: [String] = []
  ) throws(Failure) -> [TrialLoad] {
    let name = box.index.name(device)
    let found: [(String, PlannedMeasurement)]
    if box.index.isNVMe(device) {
      found = drive(box, device)
    } else if box.index.isNIC(device) {
      found = try network(box, device, name)
    } else if box.index.isGPU(device) {
      found = copies(box, device)
    } else {
      throw failure(name, "there is no load for it: drives, network interfaces and GPUs have one")
    }
    if found.isEmpty { throw failure(name, "no suite measures it") }
    for wanted in names where !found.contains(where: { $0.0 == wanted }) {
      throw Failure(
        "use the load '\(wanted)'", because: "\(name) has no such load",
        hint: "it has \(found.map(\.0).joined(separator: ", "))", code: .usage)
    }
    var loads: [TrialLoad] = []
    for (load, planned) in found where names.isEmpty || names.contains(load) {
      switch planned.obstacle {
      case .notApplicable(let reason), .skipped(let reason): throw failure(name, reason)
      case nil: break
      }
      let on = shortened(planned, box.options.isQuick)
      loads.append(
        TrialLoad(name: load, on: on, off: movesLoad ? try unplaced(on) : on))
    }
    return loads
  }

  private static func failure(_ name: String, _ reason: String) -> Failure {
    Failure("try the placement of \(name)", because: reason, code: .notFound)
  }

  // MARK: By kind of device

  /// Reads only: nothing was given to write to.
  private static func drive(
    _ box: BenchmarkBox, _ device: PCIAddress
  ) -> [(String, PlannedMeasurement)] {
    let planned = NVMePlan.measurements(box).filter { $0.devices == [device] }
    func first(_ metrics: String...) -> PlannedMeasurement? {
      planned.first { metrics.contains($0.series.metric) }
    }
    return [
      ("random-read", first("random-read-depth-32")),
      ("sequential-read", first("sequential-read-near", "sequential-read-any")),
    ].compactMap { name, planned in planned.map { (name, $0) } }
  }

  private static func network(
    _ box: BenchmarkBox, _ device: PCIAddress, _ name: String
  ) throws(Failure) -> [(String, PlannedMeasurement)] {
    guard let peer = box.options.networkPeer, !peer.isEmpty else {
      throw Failure(
        "try the placement of \(name)", because: "a load needs a machine at the other end",
        hint: "give --peer ADDRESS of one where `iperf3 -s` runs", code: .usage)
    }
    let planned = NetworkPlan.measurements(box).filter { $0.devices.contains(device) }
    if planned.isEmpty {
      throw failure(
        name,
        "the way to \(peer) is over "
          + (box.peerInterface ?? "an interface that is not known") + ", not over it")
    }
    // What arrives is what its interrupts are for.
    return [("receive", "receive-4"), ("send", "send-4")].compactMap { load, metric in
      planned.first { ["\(metric)-near", "\(metric)-any"].contains($0.series.metric) }
        .map { (load, $0) }
    }
  }

  private static func copies(
    _ box: BenchmarkBox, _ device: PCIAddress
  ) -> [(String, PlannedMeasurement)] {
    let node = box.index.function(device)?.locality.numaNode
    let planned = GPUPlan.measurements(box).filter { $0.devices == [device] }
    return ["host-to-device", "device-to-host"].compactMap { metric in
      let rows = planned.filter { $0.series.metric == metric }
      let near = rows.first { row in
        node != nil && CopyParameters(row.parameters)?.lanes.first?.hostNode == node
      }
      return (near ?? rows.first).map { (metric, $0) }
    }
  }

  // MARK: Parts

  private static func shortened(_ planned: PlannedMeasurement, _ isQuick: Bool)
    -> PlannedMeasurement
  {
    var planned = planned
    var seconds = isQuick ? quickPhaseSeconds : phaseSeconds
    if planned.series.suite == NetworkPlan.info.name {
      // iperf3 takes whole seconds, and those that do not count are part of them.
      seconds = seconds.rounded(.up) + Double(IperfJob.omittedSeconds)
    }
    planned.seconds = seconds
    planned.quickSeconds = seconds
    return planned
  }

  /// The same work, in no place of its own.
  private static func unplaced(_ planned: PlannedMeasurement) throws(Failure) -> PlannedMeasurement
  {
    var planned = planned
    if var copies = CopyParameters(planned.parameters) {
      copies.lanes = copies.lanes.map { lane in
        .init(unplaced(lane.from), unplaced(lane.to))
      }
      planned.parameters = copies.parameters
    } else if planned.series.suite == NVMePlan.info.name {
      var load = try FioParameters(planned.parameters)
      load.targets = load.targets.map { .init($0.name, cpus: nil, memoryNode: nil) }
      planned.parameters = load.parameters
    } else {
      planned.parameters["cpus"] = nil
      planned.parameters["memoryNode"] = nil
    }
    return planned
  }

  private static func unplaced(_ place: CopyParameters.Place) -> CopyParameters.Place {
    if case .host = place { .host(node: nil) } else { place }
  }
}
