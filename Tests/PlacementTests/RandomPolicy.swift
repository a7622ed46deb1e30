import Base
import Configuration
import Inventory
import TestMachines
import TestSupport

@testable import Placement

extension RandomMachine {
  /// A policy that fits the machine.
  mutating func policy() -> Policy {
    var policy = Policy()
    let online = (box.processors.online ?? NumberSet()).numbers
    if dice.chance(40) {
      policy.housekeeping = .init(NumberSet((0..<2).map { _ in dice.pick(online) }))
    }
    policy.siblings = dice.pick([.last, .never])
    policy.slices = dice.pick([.nodes, .nodes, .none])
    if dice.chance(40) {
      var rule = Policy.DeviceRule()
      rule.queues = .init(dice.pick([.fit, .exactly(5), .keep]))
      rule.allowLinkReset = .init(dice.chance(50))
      policy.classes[.nic] = rule
    }
    if dice.chance(30) {
      var rule = Policy.DeviceRule()
      rule.interrupts = .init(dice.pick([.oneCore, .leave, .spread]))
      policy.classes[dice.pick([.nic, .nvme, .gpu])] = rule
    }
    if dice.chance(30) {
      var rule = Policy.DeviceRule()
      rule.interrupts = .init(.reserved)
      rule.cpus = .init(NumberSet((0..<4).map { _ in dice.pick(online) }))
      policy.devices = [
        .init(selector: "eth0", position: .init(file: "f", line: 1), rule: rule)
      ]
    }
    if dice.chance(40) { policy.classes[.gpu, default: .init()].powerCap = .init(200) }
    if dice.chance(40) { policy.system.numaBalancing = .init(0) }
    if dice.chance(40) { policy.system.transparentHugePages = .init("never") }
    if dice.chance(40) { policy.system.governor = .init("performance") }
    return policy
  }

  mutating func serviceState() -> ServiceState {
    var around = ServiceState()
    if dice.chance(70) { around.bannedInterrupts = NumberSet([3]) }
    return around
  }
}
