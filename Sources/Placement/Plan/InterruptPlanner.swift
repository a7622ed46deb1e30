internal import Base
internal import Configuration
internal import Inventory

/// Decides where each interrupt of each placed device goes.
///
/// Interrupts that user space cannot move, or of which that is not known, are never written.
struct InterruptPlanner {
  /// The CPU that serves each queue of an interface.
  private(set) var queueCPUs: [String: [Int: Int]] = [:]
  /// Numbers that irqbalance has to leave alone.
  private(set) var placed: [Int] = []
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []
  /// The assigner of each node, and of each reservation.
  private var assigner: [Int: CPUAssigner] = [:]
  private let policy: Policy
  private let map: NodeMap
  private var containers: [Container] = []
  /// Vectors that stay where they are, by CPU.
  private var load: [Int: Int] = [:]

  init(_ policy: Policy, _ map: NodeMap) {
    self.policy = policy
    self.map = map
  }

  /// Plans the interrupts of all devices.
  mutating func run(_ devices: [PlacedDevice], _ inventory: Inventory) {
    containers = inventory.workloads.containers
    let known = Set(devices.map { $0.address })
    var own: [PCIAddress: [Interrupt]] = [:]
    for interrupt in inventory.interrupts {
      if let device = interrupt.device, known.contains(device) {
        own[device, default: []].append(interrupt)
        if interrupt.mobility == .movable { continue }
      }
      if let target = interrupt.effectiveAffinity, target.count == 1, let cpu = target.first {
        load[cpu, default: 0] += 1
      }
    }
    for device in devices { plan(device, own[device.address] ?? []) }
  }

  /// The assigner of a node, for what is planned beside interrupts.
  mutating func assigner(of node: Int) -> CPUAssigner {
    if let known = assigner[node] { return known }
    let made = CPUAssigner(
      cpus: map.cpus(node) ?? NumberSet(), excluded: map.excluded, cores: map.cores(node),
      siblings: policy.siblings, load: load)
    assigner[node] = made
    return made
  }

  private mutating func plan(_ device: PlacedDevice, _ interrupts: [Interrupt]) {
    if interrupts.isEmpty { return }
    let rule = policy.rule(device.kind, device.address, names: device.names)
    let mode = rule.interrupts?.value ?? .spread
    if mode == .leave {
      let origin = rule.interrupts?.position.map { " at \($0)" } ?? ""
      return leave(device, interrupts, "the policy leaves it alone\(origin)")
    }
    guard let node = rule.node?.value ?? device.numaNode else {
      return leave(
        device, interrupts,
        "its node is not known; set 'node' in placement.device.\"\(device.address)\"")
    }
    let home: Int
    switch map.home(node) {
    case .success(let found): home = found
    case .failure(let reason): return leave(device, interrupts, reason.text)
    }
    var places: CPUAssigner
    var isShared = mode != .reserved
    if mode == .reserved, let reserved = rule.cpus?.value {
      let cpus = (map.cpus(home) ?? NumberSet()).intersection(reserved)
      // A reservation of an isolated CPU asks to use it; housekeeping stays out.
      places = CPUAssigner(
        cpus: cpus, excluded: policy.housekeeping?.value ?? NumberSet(), cores: map.cores(home),
        siblings: policy.siblings, load: load)
      if places.allowed.isEmpty {
        return leave(
          device, interrupts, "not one of its reserved CPUs \(reserved) runs on its node \(home)")
      }
    } else {
      places = assigner(of: home)
      if places.allowed.isEmpty {
        return leave(
          device, interrupts, "every CPU of node \(home) is isolated or kept for housekeeping")
      }
      if mode == .spread, let own = containerCPUs(device, places.allowed) {
        places = CPUAssigner(
          cpus: own, excluded: NumberSet(), cores: map.cores(home), siblings: policy.siblings,
          load: load)
        isShared = false
      }
    }
    let movable = movable(device, interrupts)
    // Of all of them: the number of one of several alike must not depend on what can be moved.
    let names = InterruptNames(interrupts.filter { !$0.actions.isEmpty })
    assign(device, movable, names, &places, oneCore: mode == .oneCore, where: whereText(node, home))
    if isShared { assigner[home] = places }
    noteFixedQueues(device, interrupts, places.allowed)
  }

  /// The CPUs of the one container that was put beside a network interface, when they are a part
  /// of the node: interface and container then share them.
  private func containerCPUs(_ device: PlacedDevice, _ allowed: NumberSet) -> NumberSet? {
    let beside = containers.filter {
      guard let nic = $0.labels[WorkloadPlanner.nicLabel] else { return false }
      return device.names.contains(nic)
    }
    guard policy.adoption.contains(.label), beside.count == 1,
      let cpus = beside[0].group.effectiveCPUs,
      !cpus.isEmpty, cpus.isSubset(of: allowed), cpus != allowed
    else { return nil }
    return cpus
  }

  private func whereText(_ node: Int, _ home: Int) -> String {
    node == home ? "node \(home)" : "node \(home), the nearest to its node \(node) with CPUs"
  }

  /// The interrupts that can be written and put back; the others are left alone with the reason.
  private mutating func movable(
    _ device: PlacedDevice, _ interrupts: [Interrupt]
  ) -> [Interrupt] {
    var movable: [Interrupt] = []
    for interrupt in interrupts {
      if interrupt.mobility != .movable {
        let reason =
          interrupt.mobilityReason
          ?? (interrupt.mobility == .fixed
            ? "it cannot be moved" : "it is unknown whether it can be moved")
        leave(device, [interrupt], reason)
      } else if interrupt.actions.isEmpty {
        leave(device, [interrupt], "no handler is registered: nothing uses it")
      } else if interrupt.affinity == nil {
        let fact = interrupt.unknown.first { $0.fact == "affinity" }
        leave(
          device, [interrupt],
          "its affinity now is not known" + (fact.map { ": \($0.path): \($0.reason)" } ?? ""))
      } else {
        movable.append(interrupt)
      }
    }
    return movable
  }

  /// Gives queues a CPU each, and all others any CPU of the node.
  private mutating func assign(
    _ device: PlacedDevice, _ interrupts: [Interrupt], _ names: InterruptNames,
    _ places: inout CPUAssigner, oneCore: Bool, where place: String
  ) {
    var slots: [Slot: [Interrupt]] = [:]
    var others: [Interrupt] = []
    let hasQueues = interrupts.contains { $0.role == .queue }
    for interrupt in interrupts {
      if device.kind == .nic, interrupt.role == .queue || (!hasQueues && interrupt.role == .other) {
        slots[Slot(interrupt), default: []].append(interrupt)
      } else if oneCore {
        slots[Slot(interrupt), default: []].append(interrupt)
      } else {
        others.append(interrupt)
      }
    }
    let order = slots.keys.sorted()
    let assigner =
      oneCore
      ? places.take(1).flatMap { Array(repeating: $0, count: order.count) }
      : places.take(order.count)
    for (slot, assign) in zip(order, assigner) {
      let vectors = slots[slot] ?? []
      guard let cpu = assign else {
        leave(device, vectors, "no CPU of its node has vectors left")
        continue
      }
      // A queue with two vectors, one to receive and one to send, has them on one CPU.
      for _ in vectors.dropFirst() { places.add(to: cpu) }
      for interrupt in vectors {
        let why =
          oneCore
          ? "all interrupts of this device on one core of \(place)"
          : order.count > places.coreCount
            ? "queues over the cores of \(place)" : "a queue on a core of its own on \(place)"
        move(
          interrupt, names, device, to: NumberSet(range: cpu...cpu), why: why,
          fallback: places.allowed)
      }
      if let name = interface(slot, device), let queue = slot.queue {
        queueCPUs[name, default: [:]][queue] = cpu
      }
    }
    for interrupt in others {
      // Any CPU of the node will do: what is there already stays.
      let now = interrupt.affinity ?? NumberSet()
      let isFine = !now.isEmpty && now.isSubset(of: places.allowed)
      let what = interrupt.role == .admin ? "the admin queue" : "a control vector"
      move(
        interrupt, names, device, to: isFine ? now : places.allowed, why: "\(what) on \(place)",
        fallback: nil)
    }
  }

  private mutating func move(
    _ interrupt: Interrupt, _ names: InterruptNames, _ device: PlacedDevice, to cpus: NumberSet,
    why: String, fallback: NumberSet?
  ) {
    placed.append(interrupt.number)
    if interrupt.affinity == cpus { return }
    var change = Change(
      .interrupt(
        interrupt.number, device: device.address, action: names.name(of: interrupt.number)),
      subject: interrupt.deviceName ?? device.label, device: device.address,
      old: interrupt.affinity?.description, new: cpus.description, why: why)
    change.fallback = fallback?.description
    changes.append(change)
  }

  /// Queues that stay where they are still show which CPU serves them, where it may be used.
  private mutating func noteFixedQueues(
    _ device: PlacedDevice, _ interrupts: [Interrupt], _ allowed: NumberSet
  ) {
    for interrupt in interrupts where interrupt.mobility != .movable && interrupt.role == .queue {
      let slot = Slot(interrupt)
      guard let queue = slot.queue, let name = interface(slot, device),
        let target = interrupt.effectiveAffinity, target.count == 1, let cpu = target.first,
        allowed.contains(cpu)
      else { continue }
      queueCPUs[name, default: [:]][queue] = cpu
    }
  }

  private func interface(_ slot: Slot, _ device: PlacedDevice) -> String? {
    if device.kind != .nic { return nil }
    return device.names.count == 1 ? device.names[0] : device.names.first { $0 == slot.name }
  }

  private mutating func leave(
    _ device: PlacedDevice, _ interrupts: [Interrupt], _ reason: String
  ) {
    let subject = interrupts.first?.deviceName ?? device.label
    let numbers = NumberSet(interrupts.map { $0.number })
    // Alike ones of a device in one entry: an NVMe controller has hundreds.
    if let last = leftAlone.lastIndex(where: {
      $0.device == device.address && $0.reason == reason && $0.subject == subject
    }) {
      leftAlone[last].interrupts = (leftAlone[last].interrupts ?? NumberSet()).union(numbers)
      return
    }
    leftAlone.append(
      Skipped(
        subject: subject, device: device.address, interrupts: numbers, reason: reason))
  }

  /// A queue, or a vector that serves none.
  private struct Slot: Hashable, Comparable {
    var name: String
    var queue: Int?
    /// Distinguishes vectors without a queue.
    var number: Int?

    init(_ interrupt: Interrupt) {
      name = interrupt.deviceName ?? ""
      queue = interrupt.queue
      number = interrupt.queue == nil ? interrupt.number : nil
    }

    static func < (a: Slot, b: Slot) -> Bool {
      if a.name != b.name { return NaturalOrder.precedes(a.name, b.name) }
      return (a.queue ?? Int.max, a.number ?? 0) < (b.queue ?? Int.max, b.number ?? 0)
    }
  }
}
