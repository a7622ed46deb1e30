internal import Base
internal import Events
internal import Inventory

/// What happened between two readings of the machine: devices, containers, irqbalance. Pure.
enum BoxChanges {
  /// The events, without time.
  static func between(_ before: Inventory, _ now: Inventory) -> [EventDraft] {
    rules.flatMap { $0(before, now) }
  }

  private static let rules: [@Sendable (Inventory, Inventory) -> [EventDraft]] = [
    devices,
    containers,
    balancer,
    failures,
  ]

  /// What checks judge and no event reports: network links, units that are not failed any more.
  struct ObservedState: Hashable {
    /// A link of the network.
    struct Link: Hashable {
      var name: String
      var state: String?
      var bitsPerSecond: Int?
    }

    var links: Set<Link>
    var failedUnits: Set<String>?

    init(_ box: Inventory) {
      links = Set(
        box.nics.map {
          Link(name: $0.name, state: $0.operationalState, bitsPerSecond: $0.speedBitsPerSecond)
        })
      failedUnits = box.system.failedUnits.map { Set($0.map(\.name)) }
    }
  }

  /// A device with its usual name.
  private struct Device: Hashable {
    var address: PCIAddress
    var name: String
    var model: String?
    var node: Int?

    var text: String {
      let place = node.map { ", node \($0)" } ?? ""
      return "\(name) (\(model.map { "\($0), " } ?? "")\(address)\(place))"
    }
  }

  private static func devices(_ before: Inventory, _ now: Inventory) -> [EventDraft] {
    var drafts: [EventDraft] = []
    // What one of the readings could not look at is neither gone nor new.
    let missed = unreadable(before).union(unreadable(now))
    let old = known(before, without: missed)
    let new = known(now, without: missed)
    for (address, device) in old.sorted(by: { $0.key < $1.key }) where new[address] == nil {
      // Its driver was unbound, or it is in a container's network namespace.
      let isOnBus = now.pci.contains { $0.address == address }
      drafts.append(
        EventDraft(
          .deviceRemoved, subject: device.name, address: address,
          "\(device.text) is gone" + (isOnBus ? "; its PCI function is still there" : "")))
    }
    for (address, device) in new.sorted(by: { $0.key < $1.key }) where old[address] == nil {
      drafts.append(
        EventDraft(
          .deviceAdded, subject: device.name, address: address, "\(device.text) is there"))
    }
    return drafts
  }

  /// Names of the collectors that could not look.
  private static func unreadable(_ box: Inventory) -> Set<String> {
    Set(box.collectors.filter { $0.outcome == .failed }.map(\.name))
  }

  private static func known(
    _ box: Inventory, without missed: Set<String>
  ) -> [PCIAddress: Device] {
    var devices: [PCIAddress: Device] = [:]
    func add(_ address: PCIAddress?, _ name: String, _ model: String?, _ node: Int?) {
      guard let address, devices[address] == nil else { return }
      devices[address] = Device(address: address, name: name, model: model, node: node)
    }
    // GPUs and all addresses come from the functions.
    if missed.contains("PCI") { return [:] }
    for gpu in box.gpus where !missed.contains("GPU") {
      let function = box.pci.first { $0.address == gpu.address }
      add(
        gpu.address, "GPU \(gpu.address.short)", gpu.name ?? function?.identity.deviceName,
        function?.locality.numaNode)
    }
    for accelerator in box.accelerators {
      add(
        accelerator.address, "accelerator \(accelerator.address.short)", accelerator.name,
        accelerator.numaNode)
    }
    for nic in box.nics where nic.isPort && !missed.contains("NIC") {
      add(nic.address, nic.name, nic.model, nic.numaNode)
    }
    for drive in box.nvme where !missed.contains("NVMe") {
      add(drive.address, drive.name, drive.model, drive.numaNode)
    }
    return devices
  }

  private static func containers(_ before: Inventory, _ now: Inventory) -> [EventDraft] {
    func names(_ box: Inventory) -> [String: String] {
      Dictionary(
        box.workloads.containers.map { ($0.id, $0.name ?? String($0.id.prefix(12))) },
        uniquingKeysWith: { first, _ in first })
    }
    let missed = unreadable(before).union(unreadable(now)).contains("Containers")
    if missed || !before.workloads.unknown.isEmpty || !now.workloads.unknown.isEmpty { return [] }
    let old = names(before)
    let new = names(now)
    return old.filter { new[$0.key] == nil }.values.sorted().map {
      EventDraft(.containerStopped, subject: $0, "container \($0) stopped")
    }
      + new.filter { old[$0.key] == nil }.values.sorted().map {
        EventDraft(.containerStarted, subject: $0, "container \($0) started")
      }
  }

  private static func balancer(_ before: Inventory, _ now: Inventory) -> [EventDraft] {
    switch (before.system.irqbalance, now.system.irqbalance) {
    case (nil, let balancer?):
      [
        EventDraft(
          .irqbalanceStarted, subject: "irqbalance", "irqbalance runs (process \(balancer.pid))")
      ]
    case (.some, nil) where now.system.processesListed == true:
      [EventDraft(.irqbalanceStopped, subject: "irqbalance", "irqbalance does not run any more")]
    default: []
    }
  }

  /// Units that are in the state failed and were not.
  private static func failures(_ before: Inventory, _ now: Inventory) -> [EventDraft] {
    guard let old = before.system.failedUnits, let new = now.system.failedUnits else { return [] }
    let known = Set(old.map(\.name))
    return new.filter { !known.contains($0.name) }.map {
      EventDraft(.unitFailed, subject: $0.name, "\($0.name) failed")
    }
  }
}
