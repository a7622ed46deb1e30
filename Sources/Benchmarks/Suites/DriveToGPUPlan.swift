internal import Base
internal import Inventory

/// From drives to a GPU, through host memory: how fast a model loads. Drives are only read.
package enum DriveToGPUPlan: SuitePlan {
  package static let info = SuiteInfo(
    "drive-to-gpu", "From all drives through host memory to each GPU: how fast a model loads.")

  /// Bytes of one half of the buffer: some 10 ms of four drives, so that the end of one half and the
  /// start of the next one do not count for much.
  private static let bytes = 256 << 20

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let drives = box.inventory.nvme.filter {
      $0.pathOf == nil && $0.state == "live" && $0.address != nil && name($0) != nil
    }
    guard !drives.isEmpty else { return [] }
    let gpus = CopySubject.gpus(box)
    let wanted = gpus.filter { gpu in
      box.wants(gpu.address) || drives.contains { box.wants($0.address) }
    }
    let standIns = gpus.isEmpty && box.options.devices.isEmpty ? CopySubject.standIns(box) : []
    return wanted.flatMap { rows($0, drives, box) + [direct($0, drives, box)] }
      + standIns.prefix(1).flatMap { rows($0, drives, box) }
  }

  /// The block device of a drive's first namespace.
  private static func name(_ drive: NVMeController) -> String? {
    drive.namespaces.first { ($0.sizeBytes ?? 0) > 0 }?.name
  }

  /// Near, and far where there is another node.
  private static func rows(
    _ gpu: CopySubject, _ drives: [NVMeController], _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    let nodes = CopyHost.nodes(box)
    guard let own = gpu.node, nodes.contains(own) else {
      return nodes.prefix(1).map { row("any", $0, gpu, drives, box) }
    }
    let distances = box.inventory.memory.nodes.first { $0.id == own }?.distances ?? []
    let far = nodes.compactMap { $0 }.filter { $0 != own }.max { one, other in
      let both = [one, other].map { node in distances.first { $0.node == node }?.value ?? 20 }
      return (both[0], other) < (both[1], one)
    }
    return [row("near", own, gpu, drives, box)]
      + (far.map { [row("far", $0, gpu, drives, box)] } ?? [])
  }

  private static func row(
    _ place: String, _ node: Int?, _ gpu: CopySubject, _ drives: [NVMeController],
    _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let lane = CopyParameters.Lane(.host(node: node), gpu.place)
    let copies = CopyParameters(
      gpu.library, [lane], bytes: CopyHost.bytes(bytes, [lane, lane], box), count: 1)
    var parameters = copies.parameters
    parameters["drives"] = drives.compactMap(name).joined(separator: " ")
    var planned = measurement(
      "load-\(place)", gpu, drives,
      "\(Units.count(drives.count, "drive")) through \(CopyHost.name(node, of: gpu)) to \(gpu.name)"
    )
    planned.parameters = parameters
    planned.obstacle = gpu.obstacle
    if !copies.isStandIn { planned.ceiling = ceiling(gpu, node, drives, box) }
    return planned
  }

  /// The path without host memory. The kernel's P2PDMA lets a program read a drive into memory that a device
  /// publishes (drivers/pci/p2pdma.c, p2pmem/allocate); amdgpu and NVIDIA's driver publish none, and NVIDIA's
  /// own way needs its nvidia-fs module and library.
  private static func direct(
    _ gpu: CopySubject, _ drives: [NVMeController], _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    var planned = measurement(
      "load-direct", gpu, drives,
      "\(Units.count(drives.count, "drive")) to \(gpu.name) without host memory")
    let isPublished = box.index.function(gpu.address)?.peerMemoryPublished == true
    planned.obstacle = .notApplicable(
      isPublished
        ? "its driver publishes memory for P2PDMA, which is not used here yet"
        : "its driver publishes no memory for the kernel's P2PDMA (p2pmem)")
    return planned
  }

  private static func measurement(
    _ metric: String, _ gpu: CopySubject, _ drives: [NVMeController], _ subject: String
  ) -> PlannedMeasurement {
    let names = drives.map { drive in
      SeriesKey.part(drive.serial ?? drive.address?.description ?? drive.name)
    }
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric,
        subjectKey: "\(gpu.key)-\(names.sorted().joined(separator: "+"))", subject: subject,
        unit: .bytesPerSecond),
      devices: [gpu.address].compactMap { $0 } + drives.compactMap(\.address), seconds: 5,
      quickSeconds: 0.5)
  }

  /// The drives' links together, or the GPU's link, or the memory that each byte is written to and read from.
  private static func ceiling(
    _ gpu: CopySubject, _ node: Int?, _ drives: [NVMeController], _ box: BenchmarkBox
  ) -> BenchmarkCeiling {
    let links = drives.map { PCIeCeiling.limit($0.address, .toMemory, box.index) }
    var limits = CopyCeiling.host([(gpu, node)], .toDevice, box).limits.map { limit in
      limit.name == CopyCeiling.channels
        ? BenchmarkCeiling.Limit(
          limit.name, limit.value.map { $0 / 2 }, "(\(limit.arithmetic)) / 2, written and read")
        : limit
    }
    limits.insert(CopyCeiling.sum(links, "PCIe links of the drives"), at: 0)
    return BenchmarkCeiling(limits)
  }
}
