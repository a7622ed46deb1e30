internal import Base
internal import Configuration
internal import Inventory

/// One search for a place.
struct DeviceAllocator {
  private let request: AllocationRequest
  private let inventory: Inventory
  private let policy: Policy
  private let map: NodeMap
  private let devices: [PlacedDevice]
  /// Those of them that are GPUs: accelerators are placed as GPUs are, and `run` gives none.
  private let gpus: [PlacedDevice]
  /// The GPUs asked for by name.
  private var named: [PCIAddress] = []
  /// The node asked for, and by what.
  private var fixed: (node: Int, why: String)?
  private let offers: [PCIAddress: GPUOffer]
  private let limits: CallerLimits
  private let takenGPUs: Set<PCIAddress>
  private let linked: LinkedGPUs

  init(
    _ request: AllocationRequest, _ inventory: Inventory, _ policy: Policy,
    _ offers: [PCIAddress: GPUOffer], _ limits: CallerLimits
  ) throws(AllocationFailure) {
    self.request = request
    self.inventory = inventory
    self.policy = policy
    self.offers = offers
    self.limits = limits
    map = NodeMap(inventory, policy)
    devices = PlacedDevice.all(in: inventory)
    let cards = Set(inventory.gpus.map(\.address))
    gpus = devices.filter { cards.contains($0.address) }
    var taken: Set<PCIAddress> = []
    for container in inventory.workloads.containers {
      taken.formUnion(container.gpus)
      for text in (container.labels[Allocation.gpuLabel] ?? "").split(separator: ",") {
        if let address = PCIAddress(text) { taken.insert(address) }
      }
    }
    takenGPUs = taken
    linked = LinkedGPUs(inventory)
    if let node = request.node { try fix(node, "--node \(node)") }
    if let name = request.nic {
      guard let device = devices.first(where: { $0.kind == .nic && $0.is(name) }) else {
        throw AllocationFailure(reasons: ["there is no network interface \(name)"])
      }
      try fix(node(of: device, name), "\(name) is on it")
    }
    for name in request.gpus {
      guard case .function(let address)? = DeviceSubject(name, in: inventory),
        let device = gpus.first(where: { $0.address == address })
      else {
        throw AllocationFailure(reasons: ["there is no GPU \(name)"])
      }
      if let reason = refusal(device.address) ?? occupied(device.address) {
        throw AllocationFailure(reasons: [reason])
      }
      try fix(node(of: device, name), "GPU \(device.address.short) is on it")
      named.append(device.address)
    }
  }

  private func node(of device: PlacedDevice, _ name: String) throws(AllocationFailure) -> Int {
    guard let node = knownNode(of: device) else {
      throw AllocationFailure(
        reasons: [
          "the node of \(name) is not known; "
            + "set 'node' in placement.device.\"\(device.address)\""
        ])
    }
    return node
  }

  private func knownNode(of device: PlacedDevice) -> Int? {
    policy.rule(device.kind, device.address, names: device.names).node?.value ?? device.numaNode
  }

  private mutating func fix(_ node: Int, _ why: String) throws(AllocationFailure) {
    if let fixed, fixed.node != node {
      throw AllocationFailure(reasons: ["node \(fixed.node): \(fixed.why)", "node \(node): \(why)"])
    }
    guard map.ids.contains(node) else {
      throw AllocationFailure(reasons: ["there is no node \(node)"])
    }
    fixed = (node, why)
  }

  func find() throws(AllocationFailure) -> Allocation {
    if let fact = limits.unknown.first {
      throw AllocationFailure(
        reasons: ["the CPUs that this program may use are not known: \(fact.path): \(fact.reason)"])
    }
    var leftOut = request.gpuCount > 0 ? leftOutGPUs : []
    if request.gpuCount > 0 || !named.isEmpty, inventory.workloads.isUnified != true {
      leftOut.append(
        "which containers have a GPU is not known, as control groups are not the unified "
          + "hierarchy: one that no process has open counts as free")
    }
    if map.ids.isEmpty {
      throw AllocationFailure(reasons: ["the NUMA nodes of the machine are not known"])
    }
    var refusals: [String] = []
    var found: [(allocation: Allocation, containers: Int, free: Int)] = []
    for node in fixed.map({ [$0.node] }) ?? map.ids {
      do throws(AllocationFailure) {
        let allocation = try place(on: node)
        let free = inventory.memory.nodes.first { $0.id == allocation.memoryNode }?.freeBytes ?? 0
        found.append((allocation, containers(on: allocation.cpus), free))
      } catch {
        refusals += error.reasons.map { "node \(node): \($0)" }
      }
    }
    let best = found.min {
      ($0.containers, -$0.free, $0.allocation.node) < ($1.containers, -$1.free, $1.allocation.node)
    }
    guard var allocation = best?.allocation else {
      throw AllocationFailure(reasons: refusals + leftOut)
    }
    if let fixed {
      allocation.reasons = ["node \(allocation.node): \(fixed.why)"]
    } else if found.count == 1 {
      allocation.reasons = ["node \(allocation.node): the only one that fits"] + refusals
    } else {
      allocation.reasons =
        ["node \(allocation.node): the fewest containers, then the most free memory"] + refusals
    }
    if let reason = linked.reason(allocation.gpus) { allocation.reasons.append(reason) }
    allocation.reasons += leftOut
    return allocation
  }

  /// GPUs that a request for any GPU does not get, and why.
  private var leftOutGPUs: [String] {
    gpus.compactMap { device in
      if let reason = refusal(device.address) { return reason }
      let name = device.address.short
      if let objection = offers[device.address]?.objection {
        return "GPU \(name) is left out: \(objection); --gpu \(name) takes it"
      }
      if knownNode(of: device) == nil { return "GPU \(name) is left out: its node is not known" }
      return nil
    }
  }

  /// The place a container would have on a node.
  private func place(on node: Int) throws(AllocationFailure) -> Allocation {
    func refuse(_ reason: String) -> AllocationFailure { AllocationFailure(reasons: [reason]) }
    let home: Int
    switch map.home(node) {
    // A node without CPUs is only chosen as the node of a device.
    case .success(let found) where found == node || fixed != nil: home = found
    case .success: throw refuse("it has no CPUs")
    case .failure(let reason): throw refuse(reason.text)
    }
    let usable = (map.cpus(home) ?? NumberSet()).subtracting(map.excluded)
    if usable.isEmpty { throw refuse("every CPU is isolated or kept for housekeeping") }
    let allowed = limits.cpus.map { usable.intersection($0) } ?? usable
    if allowed.isEmpty {
      throw refuse("this program may use CPUs \(limits.cpus ?? NumberSet()) only\(limiting)")
    }
    let memory: Int
    switch map.memory(node) {
    case .success(let found): memory = found
    case .failure(let reason): throw refuse(reason.text)
    }
    if let nodes = limits.memoryNodes, !nodes.contains(memory) {
      throw refuse("this program may use the memory of nodes \(nodes) only\(limiting)")
    }
    if let bytes = request.memoryBytes {
      guard let free = inventory.memory.nodes.first(where: { $0.id == memory })?.freeBytes else {
        throw refuse("its free memory is not known")
      }
      if free < bytes { throw refuse("\(free >> 20) MiB of memory free, \(bytes >> 20) asked for") }
    }
    var gpus = named
    if request.gpuCount > 0 {
      let here = self.gpus.filter { knownNode(of: $0) == node && isOffered($0.address) }
      let free = here.filter { occupied($0.address) == nil }
      if free.count < request.gpuCount {
        let why = here.compactMap { occupied($0.address) }
        throw AllocationFailure(
          reasons: ["\(Units.count(free.count, "GPU")) free, \(request.gpuCount) asked for"] + why)
      }
      gpus = linked.choose(request.gpuCount, from: free.map(\.address))
    }
    let cpus = try choose(from: allowed)
    return Allocation(
      node: home, cpus: cpus, memoryNode: memory,
      slice: hasSlices ? "tinybox-node\(home).slice" : nil, gpus: gpus,
      nic: request.nic, reasons: [])
  }

  /// Whether nodes have slices: not where there is nothing to divide, and not where 'placement apply'
  /// makes none (`WorkloadPlanner.obstacle`).
  private var hasSlices: Bool {
    policy.slices == .nodes && map.withCPUs.count > 1
      && WorkloadPlanner.obstacle(inventory.workloads) == nil
  }

  /// The CPUs: those that the network interface interrupts first, then whole cores that no other
  /// container has for itself.
  private func choose(from allowed: NumberSet) throws(AllocationFailure) -> NumberSet {
    guard let count = request.cpuCount else { return allowed }
    if count > allowed.count {
      throw AllocationFailure(reasons: ["\(allowed.count) CPUs may be used, \(count) asked for"])
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
      // A container that has the whole node shares it with all.
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

  /// Where the limits come from, in brackets.
  private var limiting: String {
    limits.sources.isEmpty ? "" : " (\(limits.sources.joined(separator: ", ")))"
  }

  /// Whether a request for any GPU may get this one.
  private func isOffered(_ address: PCIAddress) -> Bool {
    offers[address].map { $0.refusal == nil && $0.objection == nil && !$0.nodes.isEmpty } ?? false
  }

  /// Why a GPU cannot be given; nil when it can.
  private func refusal(_ address: PCIAddress) -> String? {
    guard let offer = offers[address] else { return "GPU \(address.short) was not looked at" }
    if let reason = offer.refusal { return "GPU \(address.short) cannot be given: \(reason)" }
    return offer.nodes.isEmpty ? "GPU \(address.short) has no device node" : nil
  }

  /// Why a GPU is not free now; nil for a free one.
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
  /// Whether this is one of its names.
  fileprivate func `is`(_ name: String) -> Bool {
    names.contains(name) || PCIAddress(name) == address
  }
}
