internal import Base
internal import KernelTree

/// Collects the containers and slices that divide the box.
enum WorkloadCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let tree = context.tree
    var workloads = Workloads()
    var reader = FactReader(tree, base: CgroupWalk.root)
    workloads.controllers = reader.parsed("controllers", "cgroup.controllers") { text in
      ASCII.fields(text).map { String(decoding: $0, as: UTF8.self) }
    }
    workloads.isUnified = isUnified(workloads.controllers != nil, &reader)
    workloads.unknown = reader.unknown
    guard workloads.isUnified == true else {
      inventory.workloads = workloads
      let isAbsent = workloads.isUnified == nil && workloads.unknown.isEmpty
      inventory.collectors.append(
        CollectorReport(
          name: "Containers", outcome: isAbsent ? .nothing : .failed,
          note: workloads.isUnified == false
            ? "control groups are not the unified hierarchy: containers and slices are not shown"
            : workloads.unknown.first.map { "\($0.path): \($0.reason)" }))
      return
    }
    let walk = CgroupWalk(tree)
    var names = ContainerNames(tree)
    var processes: [String: [Int]] = [:]
    for found in walk.containers {
      var container = found.container
      names.describe(&container)
      workloads.containers.append(container)
      processes[container.id] = found.processes
    }
    if !workloads.containers.isEmpty {
      ContainerDevices.fill(
        &workloads.containers, processes: processes, open: context.deviceHolders().devicesByPID,
        addresses: context.gpuDeviceNodes)
    }
    workloads.containers.sort(by: precedes)
    workloads.slices = walk.slices.sorted { NaturalOrder.precedes($0.path, $1.path) }
    workloads.unknown += walk.unknown
    inventory.workloads = workloads
    inventory.collectors.append(
      CollectorReport(
        name: "Containers",
        outcome: workloads.containers.isEmpty && workloads.slices.isEmpty ? .nothing : .found))
  }

  /// Whether the root is version 2. Version 1 and the mixture have other folders there.
  private static func isUnified(_ hasControllers: Bool, _ reader: inout FactReader) -> Bool? {
    if hasControllers { return true }
    do throws(ReadFailure) {
      let names = try reader.tree.source.entries(CgroupWalk.root)
      // Listed and not readable: the failure is noted already.
      if names.contains("cgroup.controllers") { return true }
      return names.isEmpty ? nil : false
    } catch {
      reader.note("isUnified", error)
      return nil
    }
  }

  /// By name, then id; containers without a name last.
  private static func precedes(_ a: Container, _ b: Container) -> Bool {
    switch (a.name, b.name) {
    case (let x?, let y?) where x != y: NaturalOrder.precedes(x, y)
    case (.some, nil): true
    case (nil, .some): false
    default: a.id < b.id
    }
  }
}
