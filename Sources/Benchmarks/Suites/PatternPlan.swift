internal import Base
internal import Inventory

/// Patterns of copies that run at the same time over all GPUs of a maker and the host. Their figure is the
/// bytes of all copies in the window in which all of them run.
package enum PatternPlan: SuitePlan {
  package static let info = SuiteInfo(
    "patterns",
    "Copies at the same time over all GPUs: one to many, many to one, all to all; reads and writes."
  )

  private static let bytes = 64 << 20
  private static let count = 8

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let gpus = CopySubject.gpus(box)
    let all = gpus.isEmpty && box.options.devices.isEmpty ? CopySubject.standIns(box) : gpus
    var planned: [PlannedMeasurement] = []
    for library in [CopyParameters.Library.hsa, .cuda] {
      // What has no driver for it takes no part; what is in use keeps the pattern from being measured.
      let group = all.filter { device in
        if case .notApplicable = device.obstacle { return false }
        return device.library == library
      }
      guard group.count > 1, group.contains(where: { box.wants($0.address) || $0.address == nil })
      else { continue }
      planned += host(group, box) + peers(group, box)
    }
    return planned
  }

  // MARK: Host and GPUs

  private static func host(
    _ group: [CopySubject], _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    var rows: [PlannedMeasurement] = []
    for node in CopyHost.nodes(box) {
      let pairs = group.map { (device: $0, node: node) }
      let key = node.map { "node\($0)" } ?? "host"
      rows.append(
        row("host-to-all", key, "\(CopyHost.name(node)) to all GPUs", pairs, .toDevice, box))
      rows.append(
        row("all-to-host", key, "all GPUs to \(CopyHost.name(node))", pairs, .toHost, box))
    }
    let near = group.map { (device: $0, node: $0.node) }
    let usable = Set(CopyHost.nodes(box))
    guard usable.count > 1, near.allSatisfy({ usable.contains($0.node) && $0.node != nil }) else {
      return rows
    }
    let text = "and the memory of its own node"
    rows.append(row("host-to-all", "near", "each GPU \(text), to the GPU", near, .toDevice, box))
    rows.append(row("all-to-host", "near", "each GPU \(text), to the host", near, .toHost, box))
    rows.append(row("host-both-ways", "near", "each GPU \(text), both ways", near, .both, box))
    return rows
  }

  private static func row(
    _ metric: String, _ key: String, _ subject: String,
    _ pairs: [(device: CopySubject, node: Int?)], _ way: CopyCeiling.Way, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let lanes = pairs.flatMap { pair -> [CopyParameters.Lane] in
      let there = CopyParameters.Lane(.host(node: pair.node), pair.device.place)
      let back = CopyParameters.Lane(pair.device.place, .host(node: pair.node))
      switch way {
      case .toDevice: return [there]
      case .toHost: return [back]
      case .both: return [there, back]
      }
    }
    return measurement(
      metric, key, subject, pairs.map(\.device), lanes, CopyCeiling.host(pairs, way, box),
      destinationReads: false, box)
  }

  // MARK: GPU to GPU

  private static func peers(
    _ group: [CopySubject], _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    var rows: [PlannedMeasurement] = []
    for reads in [false, true] {
      let suffix = reads ? "-read" : "-write"
      for (index, one) in group.enumerated() {
        let others = group.indices.filter { $0 != index }.map { group[$0] }
        // Two GPUs: the same as a pair.
        guard others.count > 1 else { continue }
        rows.append(
          row(
            "one-to-many" + suffix, one.key, "\(one.name) to all others", others.map { (one, $0) },
            reads, group, box))
        rows.append(
          row(
            "many-to-one" + suffix, one.key, "all others to \(one.name)", others.map { ($0, one) },
            reads, group, box))
      }
      let pairs = group.indices.flatMap { from in
        group.indices.filter { $0 != from }.map { (group[from], group[$0]) }
      }
      rows.append(
        row("all-to-all" + suffix, "all", "each GPU to each other", pairs, reads, group, box))
    }
    return rows
  }

  private static func row(
    _ metric: String, _ key: String, _ subject: String, _ pairs: [(CopySubject, CopySubject)],
    _ reads: Bool, _ group: [CopySubject], _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let lanes = pairs.map { (from: $0.0, to: $0.1) }
    var planned = measurement(
      metric, key, subject + (reads ? " (the destination reads)" : " (the source writes)"), group,
      lanes.map { .init($0.from.place, $0.to.place) },
      CopyCeiling.peers(lanes, destinationReads: reads, box), destinationReads: reads, box)
    planned.obstacle = planned.obstacle ?? lanes.lazy.compactMap { $0.from.refusal($0.to) }.first
    return planned
  }

  private static func measurement(
    _ metric: String, _ key: String, _ subject: String, _ group: [CopySubject],
    _ lanes: [CopyParameters.Lane], _ ceiling: BenchmarkCeiling, destinationReads: Bool,
    _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let copies = CopyParameters(
      group[0].library, lanes, bytes: CopyHost.bytes(bytes, lanes, box), count: count,
      destinationReads: destinationReads)
    let everyone = group.map(\.key).joined(separator: "+")
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric, subjectKey: "\(key)-\(everyone)", subject: subject,
        unit: .bytesPerSecond),
      devices: group.compactMap(\.address), seconds: 3, quickSeconds: 0.5,
      ceiling: copies.isStandIn ? nil : ceiling, parameters: copies.parameters,
      obstacle: group.lazy.compactMap(\.obstacle).first)
  }
}
