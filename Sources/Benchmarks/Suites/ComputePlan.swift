internal import Base
internal import Inventory
internal import RuntimeCatalog

/// GPUs compute with tinygrad: products of matrices in its types, a sum that memory limits, a sum over all GPUs.
/// Without a GPU the CPUs do, and their figures are labelled.
package enum ComputePlan: SuitePlan {
  package static let info = SuiteInfo(
    "compute", "tinygrad on each GPU: matrix products, memory, a sum over all GPUs.")

  /// What is computed on a device.
  private struct Sizes {
    var matrix: Int
    var array: Int
  }

  /// Of a GPU: what tinygrad's own test takes (test/external/speed_v_theoretical.py), and arrays that no cache
  /// holds, 256 MiB each.
  private static let gpuSizes = Sizes(matrix: 4096, array: 64 << 20)
  /// Of CPUs: some 0.1 s a product, and 64 MiB.
  private static let cpuSizes = Sizes(matrix: 512, array: 16 << 20)
  /// Numbers of each GPU in a sum over all: 256 MiB.
  private static let reduced = 64 << 20

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let gpus = CopySubject.gpus(box)
    let all = gpus.isEmpty ? standIn(box) : gpus.flatMap { rows($0, box) } + together(gpus, box)
    guard let problem = box.tinygradProblem else { return all }
    return all.map { row in
      var row = row
      row.obstacle = row.obstacle ?? .notApplicable(problem)
      return row
    }
  }

  private static func rows(_ gpu: CopySubject, _ box: BenchmarkBox) -> [PlannedMeasurement] {
    guard box.wants(gpu.address), let address = gpu.address else { return [] }
    return loads(gpuSizes).map { load in
      row(load, gpu.key, gpu.name, devices: [address], dev: dev([address], box), gpu.obstacle, box)
    }
  }

  private static func loads(_ sizes: Sizes) -> [ComputeLoad] {
    ComputeLoad.NumberType.allCases.map { ComputeLoad(.gemm, $0, size: sizes.matrix) }
      + [ComputeLoad(.add, .float32, size: sizes.array)]
  }

  /// The sum over all GPUs of one driver that can be used.
  private static func together(_ gpus: [CopySubject], _ box: BenchmarkBox) -> [PlannedMeasurement] {
    [CopyParameters.Library.hsa, .cuda].flatMap { library -> [PlannedMeasurement] in
      let some = gpus.filter { $0.library == library && $0.obstacle == nil }
      let addresses = some.compactMap(\.address)
      guard addresses.count > 1, addresses.contains(where: { box.wants($0) }) else { return [] }
      return [
        row(
          ComputeLoad(.allReduce, .float32, size: reduced, devices: addresses.count),
          some.map(\.key).sorted().joined(separator: "+"), "\(addresses.count) GPUs",
          devices: addresses, dev: dev(addresses, box), nil, box)
      ]
    }
  }

  private static func standIn(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    guard box.options.devices.isEmpty, let dev = Backend.tinygrad.devices?.cpu else { return [] }
    return loads(cpuSizes).map { load in
      row(load, "cpu", "CPUs in place of a GPU (DEV=\(dev))", devices: [], dev: dev, nil, box)
    }
  }

  private static func row(
    _ load: ComputeLoad, _ key: String, _ subject: String, devices: [PCIAddress], dev: String?,
    _ obstacle: PlannedMeasurement.Obstacle?, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let metric =
      switch load.load {
      case .gemm: "gemm-\(load.type.rawValue)"
      case .add: "add"
      case .allReduce: "all-reduce"
      }
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric, subjectKey: key, subject: subject,
        unit: load.load == .gemm ? .operationsPerSecond : .bytesPerSecond),
      devices: devices, seconds: 10, quickSeconds: 2,
      ceiling: devices.count == 1 ? ComputeCeiling.of(load, devices.first, box) : nil,
      parameters: load.parameters(dev: dev ?? ""),
      obstacle: obstacle
        ?? (dev == nil ? .notApplicable("tinygrad has no name for its driver") : nil))
  }

  // MARK: names of devices

  /// The value of `DEV` for some GPUs of one driver; nil where tinygrad cannot use them. tinygrad sorts the nodes
  /// of KFD by number (ops_amd.py, KFDIface); NVIDIA's driver lists its cards by address at boot. The program
  /// that measures may open all of them, so all are counted.
  private static func dev(_ addresses: [PCIAddress], _ box: BenchmarkBox) -> String? {
    guard let names = Backend.tinygrad.devices else { return nil }
    let gpus = box.inventory.gpus
    var numbers: [PCIAddress: Int] = [:]
    var form = names.nvidia
    if addresses.contains(where: { address in
      gpus.first { $0.address == address }?.vendor == .amd
    }) {
      form = names.amd
      var next = 0
      for gpu in gpus.filter({ $0.kfd != nil }).sorted(by: {
        ($0.kfd?.node ?? 0) < ($1.kfd?.node ?? 0)
      }) {
        numbers[gpu.address] = next
        // Each partition of a card is a node of its own; the first one computes.
        next += max(1, min(gpu.partitions ?? 1, 64))
      }
    } else {
      for (index, gpu) in gpus.filter({ $0.driver == "nvidia" }).map(\.address).sorted()
        .enumerated()
      {
        numbers[gpu] = index
      }
    }
    let found = addresses.compactMap { numbers[$0] }.sorted()
    guard found.count == addresses.count else { return nil }
    return form.replacing(
      "{indices}", with: found.map { "\($0)" }.joined(separator: ","))
  }
}
