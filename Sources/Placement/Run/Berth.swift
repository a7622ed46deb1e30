public import Base
internal import Configuration
public import Inventory

/// What a container needs.
public struct BerthRequest: Hashable, Sendable {
  /// So many GPUs, any that are free.
  public var gpuCount = 0
  /// These GPUs, by address or name.
  public var gpus: [String] = []
  /// The network interface whose node it has to be.
  public var nic: String?
  /// The node.
  public var node: Int?
  /// So many CPUs; all of the node's when nil.
  public var cpuCount: Int?
  /// Memory it will use, bytes.
  public var memoryBytes: Int?

  /// Needs nothing.
  public init() {}
}

/// Where a container is put, and why there.
public struct Berth: Codable, Hashable, Sendable {
  /// The node.
  public var node: Int
  /// CPUs it gets, all of the node.
  public var cpus: NumberSet
  /// The node its memory comes from: the same, unless that has none.
  public var memoryNode: Int
  /// The slice it runs in; absent when the policy has none.
  public var slice: String?
  /// GPUs it gets.
  public var gpus: [PCIAddress]
  /// Network interface it was put beside.
  public var nic: String?
  /// Why this node, and why not the others; one reason a line.
  public var reasons: [String]
}

/// Why a container has no place.
public struct NoBerth: Error, Hashable, Sendable {
  /// One reason a line.
  public var reasons: [String]
}

extension Berth {
  /// The label that tells which GPUs a container was given; separated by commas.
  public static let gpuLabel = "dev.tinybox.gpus"

  /// Finds a place: a node that has everything asked for free; of several the one with the fewest
  /// containers, then the most free memory, then the lowest number.
  public static func find(
    _ request: BerthRequest, _ inventory: Inventory, _ policy: Policy
  ) throws(NoBerth) -> Berth {
    let finder = try BerthFinder(request, inventory, policy)
    return try finder.find()
  }
}

private struct BerthFinder {
  private let request: BerthRequest
  private let inventory: Inventory
  private let policy: Policy
  private let map: NodeMap
  private let devices: [PlacedDevice]
  /// The GPUs asked for by name.
  private var named: [PCIAddress] = []
  /// The node asked for, and by what.
  private var fixed: (node: Int, why: String)?
  private let takenGPUs: Set<PCIAddress>
  private let linked: LinkedGPUs

  init(
    _ request: BerthRequest, _ inventory: Inventory, _ policy: Policy
  ) throws(NoBerth) {
    self.request = request
    self.inventory = inventory
    self.policy = policy
    map = NodeMap(inventory, policy)
    devices = PlacedDevice.all(in: inventory)
    var taken: Set<PCIAddress> = []
    for container in inventory.workloads.containers {
      taken.formUnion(container.gpus)
      for text in (container.labels[Berth.gpuLabel] ?? "").split(separator: ",") {
        if let address = PCIAddress(text) { taken.insert(address) }
      }
    }
    takenGPUs = taken
    linked = LinkedGPUs(inventory)
    if let node = request.node { try fix(node, "--node \(node)") }
    if let name = request.nic {
      guard let device = devices.first(where: { $0.kind == .nic && $0.is(name) }) else {
        throw NoBerth(reasons: ["there is no network interface \(name)"])
      }
      try fix(node(of: device, name), "\(name) is on it")
    }
    for name in request.gpus {
      guard let device = devices.first(where: { $0.kind == .gpu && $0.is(name) }) else {
        throw NoBerth(reasons: ["there is no GPU \(name)"])
      }
      if let reason = occupied(device.address) { throw NoBerth(reasons: [reason]) }
      try fix(node(of: device, name), "GPU \(device.address.short) is on it")
      named.append(device.address)
    }
  }

  private func node(of device: PlacedDevice, _ name: String) throws(NoBerth) -> Int {
    let rule = policy.rule(device.kind, device.address, names: device.names)
    guard let node = rule.node?.value ?? device.numaNode else {
      throw NoBerth(
        reasons: [
          "the node of \(name) is not known; "
            + "set 'node' in placement.device.\"\(device.address)\""
        ])
    }
    return node
  }

  private mutating func fix(_ node: Int, _ why: String) throws(NoBerth) {
    if let fixed, fixed.node != node {
      throw NoBerth(reasons: ["node \(fixed.node): \(fixed.why)", "node \(node): \(why)"])
    }
    guard map.ids.contains(node) else {
      throw NoBerth(reasons: ["there is no node \(node)"])
    }
    fixed = (node, why)
  }

  func find() throws(NoBerth) -> Berth {
    var refusals: [String] = []
    var found: [(berth: Berth, containers: Int, free: Int)] = []
    for node in fixed.map({ [$0.node] }) ?? map.ids {
      do throws(NoBerth) {
        let berth = try place(on: node)
        let free = inventory.memory.nodes.first { $0.id == berth.memoryNode }?.freeBytes ?? 0
        found.append((berth, containers(on: berth.cpus), free))
      } catch {
        refusals += error.reasons.map { "node \(node): \($0)" }
      }
    }
    let best = found.min {
      ($0.containers, -$0.free, $0.berth.node) < ($1.containers, -$1.free, $1.berth.node)
    }
    guard var berth = best?.berth else { throw NoBerth(reasons: refusals) }
    if let fixed {
      berth.reasons = ["node \(berth.node): \(fixed.why)"]
    } else if found.count == 1 {
      berth.reasons = ["node \(berth.node): the only one that fits"] + refusals
    } else {
      berth.reasons =
        ["node \(berth.node): the fewest containers, then the most free memory"] + refusals
    }
    if let reason = linked.reason(berth.gpus) { berth.reasons.append(reason) }
    return berth
  }

  /// The place a container would have on a node.
  private func place(on node: Int) throws(NoBerth) -> Berth {
    func refuse(_ reason: String) -> NoBerth { NoBerth(reasons: [reason]) }
    let home: Int
    switch map.home(node) {
    // A node without CPUs is nobody's place by itself, but that of a device may be.
    case .success(let found) where found == node || fixed != nil: home = found
    case .success: throw refuse("it has no CPUs")
    case .failure(let reason): throw refuse(reason.text)
    }
    let allowed = (map.cpus(home) ?? NumberSet()).subtracting(map.excluded)
    if allowed.isEmpty { throw refuse("every CPU is isolated or kept for housekeeping") }
    let memory: Int
    switch map.memory(node) {
    case .success(let found): memory = found
    case .failure(let reason): throw refuse(reason.text)
    }
    if let bytes = request.memoryBytes {
      guard let free = inventory.memory.nodes.first(where: { $0.id == memory })?.freeBytes else {
        throw refuse("its free memory is not known")
      }
      if free < bytes { throw refuse("\(free >> 20) MiB of memory free, \(bytes >> 20) asked for") }
    }
    var gpus = named
    if request.gpuCount > 0 {
      let here = devices.filter { $0.kind == .gpu && $0.numaNode == node }
      let free = here.filter { occupied($0.address) == nil }
      if free.count < request.gpuCount {
        let why = here.compactMap { occupied($0.address) }
        throw NoBerth(
          reasons: ["\(free.count) GPUs free, \(request.gpuCount) asked for"] + why)
      }
      gpus = linked.choose(request.gpuCount, from: free.map(\.address))
    }
    let cpus = try choose(from: allowed)
    return Berth(
      node: home, cpus: cpus, memoryNode: memory,
      slice: hasSlices ? "tinybox-node\(home).slice" : nil, gpus: gpus,
      nic: request.nic, reasons: [])
  }

  /// Whether nodes have slices: not where there is nothing to divide.
  private var hasSlices: Bool { policy.slices == .nodes && map.withCPUs.count > 1 }

  /// The CPUs: those that the network interface interrupts first, then whole cores that no other
  /// container has for itself.
  private func choose(from allowed: NumberSet) throws(NoBerth) -> NumberSet {
    guard let count = request.cpuCount else { return allowed }
    if count > allowed.count {
      throw NoBerth(reasons: ["\(allowed.count) CPUs may be used, \(count) asked for"])
    }
    var order: [Int] = []
    if let nic = inventory.nics.first(where: { $0.name == request.nic }) {
      for interrupt in inventory.interrupts
      where interrupt.device == nic.address && interrupt.role == .queue {
        if let target = interrupt.effectiveAffinity, target.count == 1 { order += target.numbers }
      }
    }
    var taken = NumberSet()
    for container in inventory.workloads.containers {
      // One that has the whole node shares it with all.
      guard let cpus = container.group.effectiveCPUs, !allowed.isSubset(of: cpus) else { continue }
      taken.formUnion(cpus)
    }
    let cores = inventory.processors.cores.map { $0.cpus.intersection(allowed) }
    let free = cores.filter { !$0.isEmpty && $0.intersection(taken).isEmpty }
    order += free.flatMap { $0.numbers }
    order += allowed.subtracting(taken).numbers + allowed.numbers
    var chosen: Set<Int> = []
    for cpu in order where allowed.contains(cpu) && chosen.count < count { chosen.insert(cpu) }
    return NumberSet(chosen)
  }

  private func containers(on cpus: NumberSet) -> Int {
    inventory.workloads.containers.filter {
      guard let own = $0.group.effectiveCPUs else { return false }
      return !own.isEmpty && own.isSubset(of: cpus)
    }.count
  }

  /// Why a GPU cannot be had; nil for a free one.
  private func occupied(_ address: PCIAddress) -> String? {
    guard let gpu = inventory.gpus.first(where: { $0.address == address }) else {
      return "GPU \(address.short) is not there"
    }
    if let process = gpu.processes.first {
      return "GPU \(address.short) is held by \(process.name ?? "process") (\(process.pid))"
    }
    if takenGPUs.contains(address) { return "GPU \(address.short) belongs to a container" }
    if let fact = gpu.unknown.first(where: { $0.fact == "processes" }) {
      return "who holds GPU \(address.short) is not known: \(fact.reason)"
    }
    return nil
  }
}

extension PlacedDevice {
  /// Whether it is called so.
  fileprivate func `is`(_ name: String) -> Bool {
    names.contains(name) || PCIAddress(name) == address
  }
}
