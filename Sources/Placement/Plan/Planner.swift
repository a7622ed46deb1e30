internal import Base
internal import Configuration
package import Inventory

extension Plan {
  /// What would be changed on a machine.
  ///
  /// The order: queue counts first, since they make new interrupts; then irqbalance, so that it
  /// moves nothing back; interrupts; steering; settings of the kernel; persistence modes and
  /// power caps; units.
  package init(_ inventory: Inventory, _ policy: Policy, _ serviceState: ServiceState) {
    self.init(origin: inventory.origin)
    let needed: Set<String> = ["PCI", "GPU", "NVMe", "NIC", "Interrupts"]
    unreadable = inventory.collectors.filter { $0.outcome == .failed && needed.contains($0.name) }
      .map { $0.name.lowercased() }
    let devices = PlacedDevice.all(in: inventory)
    let map = NodeMap(inventory, policy)
    var interrupts = InterruptPlanner(policy, map)
    interrupts.run(devices, inventory)
    var queues = QueuePlanner(policy, map)
    queues.counts(devices, inventory, &interrupts)
    changes += queues.changes
    let counts = queues.changes.count
    queues.steering(devices, inventory, &interrupts)
    let system = SystemPlanner(inventory, policy)
    let power = PowerPlanner(inventory, policy, serviceState)
    var workloads = WorkloadPlanner(inventory, serviceState, policy, map, devices)
    workloads.run()
    var balancer: [Skipped] = []
    if let change = Plan.ban(interrupts.placed, inventory, policy, serviceState, &balancer) {
      changes.append(change)
    }
    changes += interrupts.changes + queues.changes.dropFirst(counts)
    changes += system.changes + power.changes + workloads.changes
    leftAlone = missing(devices, policy)
    leftAlone += interrupts.leftAlone + queues.leftAlone + balancer
    leftAlone += system.leftAlone + power.leftAlone + workloads.leftAlone
  }

  /// Rules of devices that are not there.
  private func missing(_ devices: [PlacedDevice], _ policy: Policy) -> [Skipped] {
    policy.devices.compactMap { rule in
      if devices.contains(where: { rule.selects($0.address, names: $0.names) }) { return nil }
      return Skipped(
        subject: rule.selector, reason: "there is no such device; the rule is at \(rule.position)")
    }
  }

  /// The change to the interrupts that a running irqbalance leaves alone.
  private static func ban(
    _ placed: [Int], _ inventory: Inventory, _ policy: Policy, _ serviceState: ServiceState,
    _ leftAlone: inout [Skipped]
  ) -> Change? {
    guard inventory.system.irqbalance != nil, !placed.isEmpty else { return nil }
    if policy.irqbalance == .leave {
      leftAlone.append(
        Skipped(
          subject: "irqbalance", reason: "the policy leaves it alone: it will move interrupts back")
      )
      return nil
    }
    guard let now = serviceState.bannedInterrupts else {
      leftAlone.append(
        Skipped(
          subject: "irqbalance",
          reason: "what it leaves alone is not known (its socket answers root only): it will move "
            + "interrupts back"))
      return nil
    }
    let wish = now.union(NumberSet(placed))
    if wish == now { return nil }
    return Change(
      .irqbalance, subject: "irqbalance", old: now.description, new: wish.description,
      why: "leave the placed interrupts where they are")
  }
}
