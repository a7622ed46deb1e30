internal import Base
internal import Configuration
internal import Inventory

/// Queue counts of network interfaces, and which CPU uses which queue.
struct QueuePlanner {
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []
  /// Queue counts that will be set, by interface.
  private var counts: [String: Int] = [:]
  private let policy: Policy
  private let map: NodeMap

  init(_ policy: Policy, _ map: NodeMap) {
    self.policy = policy
    self.map = map
  }

  /// The number of queues. Comes first: it makes new interrupts.
  mutating func counts(
    _ devices: [PlacedDevice], _ inventory: Inventory, _ interrupts: inout InterruptPlanner
  ) {
    let byAddress = Dictionary(
      devices.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    for nic in inventory.nics where nic.hasInterface && nic.isRepresentor != true {
      guard let address = nic.address, let device = byAddress[address] else { continue }
      let rule = policy.rule(.nic, address, names: device.names)
      guard let wish = rule.queues, wish.value != .keep else { continue }
      func leave(_ reason: String) {
        leftAlone.append(
          Skipped(subject: nic.name, device: address, what: "queue count", reason: reason))
      }
      guard let now = nic.queues.channels, let most = nic.queues.channelsMaximum else {
        let fact = nic.unknown.first { $0.fact == "channels" }
        leave(fact.map { "\($0.path): \($0.reason)" } ?? "the driver does not report its channels")
        continue
      }
      guard most.combined > 0 else {
        leave("the driver has separate receive and transmit channels")
        continue
      }
      var count = most.combined
      switch wish.value {
      case .exactly(let number): count = min(number, most.combined)
      case .fit, .keep:
        guard let node = rule.node?.value ?? device.numaNode,
          case .success(let home) = map.home(node)
        else {
          leave("its node is not known")
          continue
        }
        let cores = interrupts.assigner(of: home).coreCount
        if cores == 0 {
          leave("no core of node \(home) may serve queues")
          continue
        }
        count = min(cores, most.combined)
      }
      if count == now.combined { continue }
      var change = Change(
        .channels(nic.name), subject: nic.name, device: address, old: "\(now.combined)",
        new: "\(count)",
        why: wish.value == .fit
          ? "a queue for each core of its node; resets the link"
          : "the policy asks for \(count); resets the link")
      change.consent = "allow-link-reset"
      change.hasConsent = rule.allowLinkReset?.value ?? false
      changes.append(change)
      if change.isAllowed { counts[nic.name] = count }
    }
  }

  /// XPS: the CPUs of a core send through the queue whose interrupt that core takes. RPS: off
  /// where queues do its work.
  mutating func steering(
    _ devices: [PlacedDevice], _ inventory: Inventory, _ interrupts: inout InterruptPlanner
  ) {
    let byAddress = Dictionary(
      devices.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    for nic in inventory.nics where nic.hasInterface && nic.isRepresentor != true {
      guard let address = nic.address, let device = byAddress[address],
        let cpus = interrupts.queueCPUs[nic.name]
      else { continue }
      let rule = policy.rule(.nic, address, names: device.names)
      if rule.steering?.value == .leave { continue }
      guard let node = rule.node?.value ?? device.numaNode,
        case .success(let home) = map.home(node)
      else { continue }
      let assigner = interrupts.assigner(of: home)
      send(nic, address, cpus, assigner)
      let queues = counts[nic.name] ?? nic.queues.channels?.combined ?? cpus.count
      receive(nic, address, queues: queues, assigner)
    }
  }

  private mutating func send(
    _ nic: NIC, _ address: PCIAddress, _ cpus: [Int: Int], _ assigner: CPUAssigner
  ) {
    // With one queue there is nothing to steer, and the kernel refuses even to read the file.
    guard let count = nic.queues.transmitAllocated, count > 1 else { return }
    let serving = Set(cpus.values)
    let unreadable = Set(nic.unknown.filter { $0.fact == "xps" }.map { $0.path })
    for (queue, cpu) in cpus.sorted(by: { $0.key < $1.key }) where queue < count {
      // Threads of the core that take no queue's interrupt themselves send through this one.
      let wish = NumberSet(
        [cpu] + assigner.threads(of: cpu).filter { $0 != cpu && !serving.contains($0) })
      let path = "/sys/class/net/\(nic.name)/queues/tx-\(queue)/xps_cpus"
      if unreadable.contains(path) {
        let reason = nic.unknown.first { $0.path == path }?.reason ?? "not readable"
        leftAlone.append(
          Skipped(
            subject: nic.name, device: address, what: "XPS of queue \(queue)", reason: reason))
        continue
      }
      let now = nic.queues.xps[queue] ?? NumberSet()
      if now == wish { continue }
      changes.append(
        Change(
          .file(path, .mask), subject: nic.name, device: address, old: now.description,
          new: wish.description, why: "send through the queue whose interrupt is on this core"))
    }
  }

  private mutating func receive(
    _ nic: NIC, _ address: PCIAddress, queues: Int, _ assigner: CPUAssigner
  ) {
    // Fewer queues than cores: software steering still spreads the load.
    guard queues >= assigner.coreCount, assigner.coreCount > 0 else { return }
    for (queue, now) in nic.queues.rps.sorted(by: { $0.key < $1.key }) where !now.isEmpty {
      changes.append(
        Change(
          .file("/sys/class/net/\(nic.name)/queues/rx-\(queue)/rps_cpus", .mask),
          subject: nic.name, device: address, old: now.description, new: "",
          why: "every core has a queue: RPS would only move each packet once more"))
    }
  }
}
