internal import Base
package import Configuration
package import Inventory

extension Policy {
  /// What in the policy does not fit this machine: CPUs and nodes that do not exist, rules of one
  /// device that contradict each other.
  ///
  /// A device that is not there is no problem: it may be unplugged.
  package func problems(on inventory: Inventory) -> [ConfigurationProblem] {
    var check = PolicyCheck(inventory)
    check.run(self)
    return check.problems
  }
}

/// Compares a policy with a machine.
private struct PolicyCheck {
  private let inventory: Inventory
  private(set) var problems: [ConfigurationProblem] = []

  init(_ inventory: Inventory) { self.inventory = inventory }

  mutating func run(_ policy: Policy) {
    if let set = policy.housekeeping {
      exists(set, "placement.housekeeping")
      for node in inventory.memory.nodes {
        guard let cpus = node.cpus, !cpus.isEmpty, cpus.isSubset(of: set.value) else { continue }
        note(
          set.position, "placement.housekeeping",
          "takes every CPU of node \(node.id): nothing is left for its devices")
      }
    }
    for kind in DeviceKinds.all {
      guard let rule = policy.classes[kind] else { continue }
      reserved(rule, "placement.\(kind.rawValue)", policy)
    }
    for device in policy.devices {
      let path = "placement.device.\"\(device.selector)\""
      reserved(device.rule, path, policy)
      if let node = device.rule.node { exists(node, path + ".node") }
    }
    for service in policy.services {
      if let node = service.node { exists(node, "placement.service.\"\(service.unit)\".node") }
    }
    twice(policy)
    powerCaps(policy)
    persistence(policy)
  }

  /// Persistence modes of single devices that have none. A rule of all GPUs is about those that do.
  private mutating func persistence(_ policy: Policy) {
    for device in PlacedDevice.all(in: inventory) {
      let gpu = inventory.gpus.first { $0.address == device.address }
      for rule in policy.devices where rule.selects(device.address, names: device.names) {
        guard let wish = rule.rule.persistence, gpu?.vendor != .nvidia else { continue }
        note(
          wish.position, "placement.device.\"\(rule.selector)\".persistence",
          "\(device.address) is no GPU of NVIDIA's: only those have a persistence mode")
      }
    }
  }

  /// Power caps that a card does not take, and those of what is no GPU.
  private mutating func powerCaps(_ policy: Policy) {
    for device in PlacedDevice.all(in: inventory) {
      for rule in policy.devices where rule.selects(device.address, names: device.names) {
        guard let cap = rule.rule.powerCap, device.kind != .gpu else { continue }
        note(
          cap.position, "placement.device.\"\(rule.selector)\".power-cap",
          "\(device.address) is no GPU: only GPUs have a power cap")
      }
    }
    for gpu in inventory.gpus {
      let address = gpu.address
      guard let wish = policy.rule(.gpu, address, names: []).powerCap, let cap = gpu.powerCap,
        let low = cap.minimumWatts, let high = cap.maximumWatts,
        !(low...max(low, high)).contains(Double(wish.value))
      else { continue }
      note(
        wish.position, "power-cap",
        "\(address) takes \(Units.short(low)) to \(Units.short(high)) W, not \(wish.value) W")
    }
  }

  /// CPUs of a reservation.
  private mutating func reserved(_ rule: Policy.DeviceRule, _ path: String, _ policy: Policy) {
    guard let cpus = rule.cpus else { return }
    exists(cpus, path + ".cpus")
    guard let housekeeping = policy.housekeeping else { return }
    let both = cpus.value.intersection(housekeeping.value)
    if !both.isEmpty {
      note(
        cpus.position, path + ".cpus",
        "CPU \(both) is kept for housekeeping"
          + (housekeeping.position.map { " at \($0)" } ?? ""))
    }
  }

  private mutating func exists(_ cpus: Setting<NumberSet>, _ path: String) {
    let processors = inventory.processors
    guard let present = processors.present ?? processors.possible ?? processors.online
    else { return }
    let missing = cpus.value.subtracting(present)
    if !missing.isEmpty {
      note(cpus.position, path, "there is no CPU \(missing): this machine has \(present)")
    }
    if cpus.value.isEmpty { note(cpus.position, path, "names no CPU") }
  }

  private mutating func exists(_ node: Setting<Int>, _ path: String) {
    let nodes = inventory.memory.nodes
    if nodes.isEmpty || nodes.contains(where: { $0.id == node.value }) { return }
    let ids = NumberSet(nodes.map { $0.id })
    note(node.position, path, "there is no node \(node.value): this machine has \(ids)")
  }

  /// Two rules that select the same device and set the same key, by address and by name.
  private mutating func twice(_ policy: Policy) {
    for device in PlacedDevice.all(in: inventory) {
      let rules = policy.devices.filter { $0.selects(device.address, names: device.names) }
      for (index, later) in rules.enumerated() {
        for earlier in rules[..<index] where earlier.rule.contradicts(later.rule) {
          note(
            later.position, "placement.device.\"\(later.selector)\"",
            "contradicts \(earlier.position): '\(earlier.selector)' is the same device, "
              + "\(device.address)")
        }
      }
    }
  }

  private mutating func note(
    _ position: ConfigurationPosition?, _ key: String, _ message: String
  ) {
    guard let position else { return }
    let problem = ConfigurationProblem(position, key: key, message)
    if !problems.contains(problem) { problems.append(problem) }
  }
}

/// The classes in the order in which they are shown.
enum DeviceKinds {
  static let all: [Policy.DeviceClass] = [.gpu, .nic, .nvme]
}

extension Policy.DeviceRule {
  /// Whether both set a key, to different values.
  fileprivate func contradicts(_ other: Policy.DeviceRule) -> Bool {
    func differ<Value>(_ a: Setting<Value>?, _ b: Setting<Value>?) -> Bool {
      guard let a, let b else { return false }
      return a.value != b.value
    }
    return differ(interrupts, other.interrupts) || differ(cpus, other.cpus)
      || differ(queues, other.queues) || differ(allowLinkReset, other.allowLinkReset)
      || differ(steering, other.steering) || differ(node, other.node)
      || differ(powerCap, other.powerCap) || differ(persistence, other.persistence)
  }
}
