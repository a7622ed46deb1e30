internal import Base

/// Which containers hold which devices.
enum ContainerDevices {
  /// Fills in the devices of containers.
  /// - Parameters:
  ///   - processes: process ids by container id.
  ///   - open: device nodes that each process holds open.
  ///   - addresses: PCI functions behind a device node.
  static func fill(
    _ containers: inout [Container], processes: [String: [Int]], open: [Int: Set<String>],
    addresses: [String: [PCIAddress]]
  ) {
    if open.isEmpty { return }
    for index in containers.indices {
      var devices: Set<String> = []
      for process in processes[containers[index].id] ?? [] {
        devices.formUnion(open[process] ?? [])
      }
      containers[index].devices = devices.sorted()
      containers[index].gpus = Set(devices.flatMap { addresses[$0] ?? [] }).sorted()
    }
  }
}
