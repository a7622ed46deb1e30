internal import Base
internal import Configuration
internal import Inventory
internal import Placement
internal import RuntimeCatalog

/// Which runtime has which GPUs, and which nodes have how much memory left, while a plan is made.
struct DeviceAssigner {
  private let facts: RuntimePlan.Facts
  /// The machine as if nobody used its GPUs: what a runtime holds already is held by that runtime.
  private let unused: Inventory
  /// Who has a GPU.
  private var owners: [PCIAddress: String] = [:]
  /// Bytes of main memory that were given, by node.
  private var given: [Int: Int] = [:]
  /// How many runtimes compute on the CPUs of a node, by node.
  private var hosted: [Int: Int] = [:]

  init(_ facts: RuntimePlan.Facts) {
    self.facts = facts
    var unused = facts.inventory
    unused.workloads.containers = []
    for index in unused.gpus.indices {
      unused.gpus[index].processes = []
      unused.gpus[index].unknown.removeAll { $0.fact == "processes" }
    }
    self.unused = unused
  }

  // MARK: GPUs

  /// The GPUs of a runtime, by address.
  mutating func gpus(_ spec: RuntimeSpec) throws(RuntimeRefusal) -> [PCIAddress] {
    let chosen: [PCIAddress]
    switch spec.gpus?.value {
    case nil: return []
    case .addresses(let named):
      for address in named {
        if let reason = refusal(address) ?? taken(address) {
          throw RuntimeRefusal(spec.name, .missingGPU, reason)
        }
      }
      chosen = named.sorted()
    case .count(let count):
      if count == 0 { return [] }
      chosen = try free(count, spec)
    }
    for address in chosen { owners[address] = "runtime \(spec.name)" }
    return chosen
  }

  /// Why a GPU cannot be used at all; nil when it can.
  private func refusal(_ address: PCIAddress) -> String? {
    guard facts.inventory.gpus.contains(where: { $0.address == address }) else {
      let there = facts.inventory.gpus.map { "\($0.address)" }.joined(separator: ", ")
      return "there is no GPU \(address); "
        + (there.isEmpty ? "this machine has none" : "there are \(there)")
    }
    guard let offer = facts.offers[address] else { return "GPU \(address) was not looked at" }
    if let reason = offer.refusal { return "GPU \(address) cannot be given: \(reason)" }
    return offer.nodes.isEmpty ? "GPU \(address) has no device node" : nil
  }

  /// Who has a GPU; nil when nobody has.
  private func taken(_ address: PCIAddress) -> String? {
    if let owner = owners[address] { return "GPU \(address) belongs to \(owner)" }
    let container = facts.inventory.workloads.containers.first { container in
      container.gpus.contains(address)
        || (container.labels[Allocation.gpuLabel] ?? "").split(separator: ",")
          .contains { PCIAddress($0) == address }
    }
    return container.map { "GPU \(address) belongs to container \($0.name ?? $0.id)" }
  }

  /// So many free GPUs: those it has already, else of one node, else of as few as can be.
  private func free(_ count: Int, _ spec: RuntimeSpec) throws(RuntimeRefusal) -> [PCIAddress] {
    let held = facts.held[spec.name]?.gpus ?? []
    if held.count == count, held.allSatisfy({ refusal($0) == nil && taken($0) == nil }) {
      return held.sorted()
    }
    var request = AllocationRequest()
    request.gpuCount = count
    var reasons: [String] = []
    do throws(AllocationFailure) {
      return try Allocation.find(
        request, facts.inventory, facts.policy, offers: openOffers, limits: CallerLimits()
      ).gpus.sorted()
    } catch {
      reasons = error.reasons
    }
    if let spread = spread(count) { return spread }
    throw RuntimeRefusal(
      spec.name, .missingGPU,
      (["there are not \(Units.count(count, "free GPU"))"] + reasons).joined(separator: "\n"))
  }

  /// What can still be given.
  private var openOffers: [PCIAddress: GPUOffer] {
    var offers = facts.offers
    for (address, owner) in owners {
      offers[address] = GPUOffer(refusal: "it belongs to \(owner)")
    }
    return offers
  }

  /// Free GPUs of several nodes: first those of the node with the most. Nil where there are not enough.
  private func spread(_ count: Int) -> [PCIAddress]? {
    var byNode: [Int: [PCIAddress]] = [:]
    let offers = openOffers
    for gpu in facts.inventory.gpus where offers[gpu.address]?.objection == nil {
      var request = AllocationRequest()
      request.gpus = ["\(gpu.address)"]
      let found = try? Allocation.find(
        request, facts.inventory, facts.policy, offers: offers, limits: CallerLimits())
      if let found { byNode[found.node, default: []].append(gpu.address) }
    }
    let nodes = byNode.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }
    let all = nodes.flatMap { $0.value.sorted() }
    return all.count < count ? nil : all.prefix(count).sorted()
  }

  // MARK: CPUs and memory

  /// A place on some nodes.
  struct Place {
    var cpus = NumberSet()
    var memoryNodes = NumberSet()
    /// The nodes whose CPUs these are.
    var nodes = NumberSet()
  }

  /// The place beside some GPUs: the CPUs and the memory of their nodes.
  /// - Throws: why it is not known.
  func place(beside gpus: [PCIAddress]) throws(Reason) -> Place {
    var place = Place()
    for gpu in gpus {
      var request = AllocationRequest()
      request.gpus = ["\(gpu)"]
      try add(request, to: &place)
    }
    return place
  }

  /// The place on a node.
  func place(on node: Int) throws(Reason) -> Place {
    var place = Place()
    var request = AllocationRequest()
    request.node = node
    try add(request, to: &place)
    return place
  }

  private func add(_ request: AllocationRequest, to place: inout Place) throws(Reason) {
    do throws(AllocationFailure) {
      let found = try Allocation.find(
        request, unused, facts.policy, offers: facts.offers, limits: CallerLimits())
      place.cpus.formUnion(found.cpus)
      place.memoryNodes.formUnion(NumberSet([found.memoryNode]))
      place.nodes.formUnion(NumberSet([found.node]))
    } catch {
      throw Reason(error.reasons.joined(separator: "; "))
    }
  }

  /// A node that has CPUs and memory of its own.
  struct Room {
    var node: Int
    /// Its memory, bytes.
    var total: Int
    /// What of it no runtime was given, bytes.
    var left: Int
    /// How many runtimes compute on its CPUs.
    var others: Int
  }

  /// The nodes that have CPUs and memory of their own, by number. What programs use at this moment is not counted: the plan would change with it.
  func rooms() -> [Room] {
    facts.inventory.memory.nodes.sorted { $0.id < $1.id }.compactMap { node in
      guard node.kind == .regular || node.kind == nil, let total = node.totalBytes,
        node.cpus?.isEmpty == false
      else { return nil }
      return Room(
        node: node.id, total: total,
        left: total.subtractingReportingOverflow(given[node.id] ?? 0).partialValue,
        others: hosted[node.id] ?? 0)
    }
  }

  /// All memory of some nodes, bytes; nil where one is not there or its memory is not known.
  func total(_ nodes: NumberSet) -> Int? {
    var sum = 0
    for id in nodes.numbers {
      guard let bytes = facts.inventory.memory.nodes.first(where: { $0.id == id })?.totalBytes
      else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(bytes)
      if overflow { return nil }
      sum = next
    }
    return sum
  }

  /// Notes a runtime that computes on the CPUs of a node.
  mutating func host(on node: Int) { hosted[node, default: 0] += 1 }

  /// Notes main memory that a runtime takes, in equal parts from some nodes.
  mutating func give(_ bytes: Int, _ nodes: NumberSet) {
    // At most 2^50 bytes for each of some thousand runtimes.
    for node in nodes.numbers { given[node, default: 0] += bytes / nodes.count }
  }
}
