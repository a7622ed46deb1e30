internal import Base
internal import Inventory

/// GPUs: copies from and to host memory of each node, inside a GPU, and from GPU to GPU.
///
/// Without a GPU the same copies are planned for CPU agents of the HSA runtime, and their figures labelled.
package enum GPUPlan: SuitePlan {
  package static let info = SuiteInfo(
    "gpu", "Copies between host memory and each GPU, inside it, and from GPU to GPU.")

  /// Metric of copies to and from host memory at the same time.
  package static let bothWays = "both-ways"

  /// Bytes of a copy: more than the largest cache of a card (96 MB of a Radeon RX 7900 XTX, 72 MB of a GeForce
  /// RTX 4090, 128 MB of an RTX PRO 6000), and some 10 ms on PCIe 4.0 x16.
  private static let bytes = 256 << 20
  /// Measured by others on such cards: 85 % of what writes may reach from card to card
  /// (tinygrad/open-gpu-kernel-modules, README), 75 to 89 % between card and host (tinygrad 12137).
  private static let mark = 0.7

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let gpus = CopySubject.gpus(box)
    if gpus.isEmpty { return standIns(box) }
    var planned: [PlannedMeasurement] = []
    for gpu in gpus where box.wants(gpu.address) {
      for node in CopyHost.nodes(box) { planned += host(gpu, node, box) }
      planned.append(inside(gpu, box))
    }
    for from in gpus {
      for to in gpus where from.address != to.address && from.library == to.library {
        guard box.wants(from.address) || box.wants(to.address) else { continue }
        planned.append(peer(from, to, box))
      }
    }
    return planned
  }

  private static func standIns(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let agents = CopySubject.standIns(box)
    guard let first = agents.first, box.options.devices.isEmpty else { return [] }
    var planned = CopyHost.nodes(box).flatMap { host(first, $0, box) } + [inside(first, box)]
    if let second = agents.dropFirst().first { planned.append(peer(first, second, box)) }
    return planned
  }

  // MARK: Rows

  private static func host(
    _ device: CopySubject, _ node: Int?, _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    let memory = CopyParameters.Place.host(node: node)
    let text = CopyHost.name(node, of: device)
    let key = "\(device.key)-\(node.map { "node\($0)" } ?? "host")"
    let there = CopyParameters.Lane(memory, device.place)
    let back = CopyParameters.Lane(device.place, memory)
    func row(
      _ metric: String, _ subject: String, _ lanes: [CopyParameters.Lane], _ way: CopyCeiling.Way
    ) -> PlannedMeasurement {
      measurement(
        metric, key, subject, [device], lanes, CopyCeiling.host([(device, node)], way, box),
        // Of both ways at once there are no figures for such cards.
        mark: way == .both ? nil : mark, box)
    }
    return [
      row("host-to-device", "\(text) to \(device.name)", [there], .toDevice),
      row("device-to-host", "\(device.name) to \(text)", [back], .toHost),
      row(bothWays, "\(device.name) and \(text), both ways", [there, back], .both),
    ]
  }

  private static func inside(_ device: CopySubject, _ box: BenchmarkBox) -> PlannedMeasurement {
    measurement(
      "device-to-device", device.key, "inside \(device.name)", [device],
      [.init(device.place, device.place)], CopyCeiling.insideDevice, mark: nil, box)
  }

  private static func peer(
    _ from: CopySubject, _ to: CopySubject, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    var row = measurement(
      "peer", "\(from.key)-\(to.key)", "\(from.name) to \(to.name)", [from, to],
      [.init(from.place, to.place)],
      CopyCeiling.peers([(from, to)], destinationReads: false, box), mark: mark, box)
    row.obstacle = row.obstacle ?? from.refusal(to)
    return row
  }

  private static func measurement(
    _ metric: String, _ key: String, _ subject: String, _ devices: [CopySubject],
    _ lanes: [CopyParameters.Lane], _ ceiling: BenchmarkCeiling, mark: Double?, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    // One copy has its own two times; lanes that share a window need several.
    let wish = lanes.count == 1 ? bytes : bytes / 4
    let copies = CopyParameters(
      devices[0].library, lanes, bytes: CopyHost.bytes(wish, lanes, box),
      count: lanes.count == 1 ? 1 : 8)
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric, subjectKey: key, subject: subject, unit: .bytesPerSecond),
      devices: devices.compactMap(\.address), seconds: 3, quickSeconds: 0.5,
      // A CPU agent copies with the processor: neither link nor mark is its.
      ceiling: copies.isStandIn ? nil : ceiling, mark: copies.isStandIn ? nil : mark,
      parameters: copies.parameters, obstacle: devices.lazy.compactMap(\.obstacle).first)
  }
}
