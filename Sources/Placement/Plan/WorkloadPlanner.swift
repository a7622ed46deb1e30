internal import Base
internal import Configuration
internal import Inventory

/// Slices of the nodes, services and containers: the CPUs and memory nodes of systemd units.
struct WorkloadPlanner {
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []
  private let inventory: Inventory
  private let serviceState: ServiceState
  private let policy: Policy
  private let map: NodeMap
  private let devices: [PlacedDevice]

  /// The label, or annotation, that names the node a container belongs to.
  static let nodeLabel = "dev.tinybox.node"
  /// The label that names the network interface whose node a container belongs to.
  static let nicLabel = "dev.tinybox.nic"

  init(
    _ inventory: Inventory, _ serviceState: ServiceState, _ policy: Policy, _ map: NodeMap,
    _ devices: [PlacedDevice]
  ) {
    self.inventory = inventory
    self.serviceState = serviceState
    self.policy = policy
    self.map = map
    self.devices = devices
  }

  mutating func run() {
    let withCPUs = map.withCPUs
    // On one node there is nothing to divide.
    if withCPUs.count > 1 || !policy.services.isEmpty {
      if let obstacle = WorkloadPlanner.obstacle(inventory.workloads) {
        return leave("systemd", obstacle)
      }
    }
    if policy.slices == .nodes, withCPUs.count > 1 {
      for node in withCPUs {
        place("tinybox-node\(node).slice", on: node, "the slice of node \(node)")
      }
    }
    for service in policy.services { place(service) }
    if withCPUs.count > 1 {
      for container in inventory.workloads.containers { place(container) }
    }
  }

  /// Why units cannot be placed on this machine.
  static func obstacle(_ workloads: Workloads) -> String? {
    guard let isUnified = workloads.isUnified else {
      return workloads.unknown.first.map { "\($0.path): \($0.reason)" }
        ?? "control groups are not known"
    }
    if !isUnified { return "control groups are not the unified hierarchy (version 2)" }
    if workloads.controllers?.contains("cpuset") != true {
      return "the cpuset controller is not available"
    }
    return nil
  }

  private mutating func place(_ service: Policy.ServiceRule) {
    if let node = service.node?.value {
      return place(service.unit, on: node, "asked for at \(service.position)")
    }
    guard let name = service.device?.value else { return }
    guard
      let device = devices.first(where: {
        $0.names.contains(name) || PCIAddress(name) == $0.address
      })
    else { return leave(service.unit, "there is no device \(name)") }
    guard let node = node(of: device) else {
      return leave(service.unit, "the node of \(name) is not known")
    }
    place(service.unit, on: node, "the node of \(name), asked for at \(service.position)")
  }

  private func node(of device: PlacedDevice) -> Int? {
    policy.rule(device.kind, device.address, names: device.names).node?.value ?? device.numaNode
  }

  /// Containers that were started without tinybox.
  private mutating func place(_ container: Container) {
    let name = container.name ?? String(container.id.prefix(12))
    guard let (node, why) = wish(container, name) else { return }
    // The engine's own unit; where there is none, the engine writes the group itself.
    let parts = container.group.path.split(separator: "/")
    guard let unit = parts.last(where: { $0.hasSuffix(".scope") || $0.hasSuffix(".service") })
    else { return leave(name, "its control group \(container.group.path) is no systemd unit") }
    place(String(unit), on: node, why, subject: name, group: container.group)
  }

  private mutating func wish(_ container: Container, _ name: String) -> (Int, String)? {
    if policy.adoption.contains(.label) {
      if let text = container.labels[WorkloadPlanner.nodeLabel] {
        if let node = Int(text), map.ids.contains(node) {
          return (node, "its label \(WorkloadPlanner.nodeLabel)")
        }
        leave(
          name, "its label \(WorkloadPlanner.nodeLabel) names node '\(text)', which is not there")
        return nil
      }
      if let nic = container.labels[WorkloadPlanner.nicLabel] {
        if let device = devices.first(where: { $0.names.contains(nic) }),
          let node = node(of: device)
        {
          return (node, "its label \(WorkloadPlanner.nicLabel), \(nic)")
        }
        leave(name, "its label \(WorkloadPlanner.nicLabel) names '\(nic)', whose node is not known")
        return nil
      }
    }
    guard policy.adoption.contains(.gpu), !container.gpus.isEmpty else { return nil }
    let nodes = Set(
      container.gpus.compactMap { address in
        devices.first { $0.address == address }.flatMap { node(of: $0) }
      })
    guard nodes.count == 1, let node = nodes.first else {
      leave(name, "its GPUs are on several nodes, or on unknown ones")
      return nil
    }
    return (node, "the node of its GPU")
  }

  /// The CPUs of a node without what is kept free, and the node's memory.
  private mutating func place(
    _ unit: String, on node: Int, _ why: String, subject: String? = nil,
    group: ControlGroup? = nil
  ) {
    let subject = subject ?? unit
    guard case .success(let home) = map.home(node), let cpus = map.cpus(home) else {
      return leave(subject, "the CPUs of node \(node) are not known")
    }
    let allowed = cpus.subtracting(map.excluded)
    if allowed.isEmpty {
      return leave(subject, "every CPU of node \(home) is isolated or kept for housekeeping")
    }
    let memory: Int
    switch map.memory(node) {
    case .success(let found): memory = found
    case .failure(let reason): return leave(subject, reason.text)
    }
    // A container that has a part of the node for itself keeps it.
    let memoryNodes = NumberSet(range: memory...memory)
    if group?.effectiveMemoryNodes != memoryNodes {
      set(unit, "AllowedMemoryNodes", memoryNodes, why, subject, group)
    }
    if let own = group?.effectiveCPUs, !own.isEmpty, own.isSubset(of: allowed) { return }
    set(unit, "AllowedCPUs", allowed, why, subject, group)
  }

  private mutating func set(
    _ unit: String, _ property: String, _ wish: NumberSet, _ why: String, _ subject: String,
    _ group: ControlGroup?
  ) {
    let known =
      group ?? inventory.workloads.slices.first { $0.path.hasSuffix("/" + unit) }
    let inForce = property == "AllowedCPUs" ? known?.cpus : known?.memoryNodes
    let configured = serviceState.unitProperties[unit]?[property]
    // The group shows what is in force; a unit without processes has none.
    let now = (inForce.flatMap { $0.isEmpty ? nil : $0 }) ?? configured
    if now == wish { return }
    changes.append(
      Change(
        .unit(unit, property), subject: subject, old: now?.description, new: wish.description,
        why: why))
  }

  private mutating func leave(_ subject: String, _ reason: String) {
    leftAlone.append(Skipped(subject: subject, reason: reason))
  }
}
