internal import Base
internal import Configuration
internal import Inventory

/// Settings of the kernel that the policy names.
struct SystemPlanner {
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []
  private let inventory: Inventory

  init(_ inventory: Inventory, _ policy: Policy) {
    self.inventory = inventory
    let memory = inventory.memory
    number(
      policy.system.numaBalancing, memory.numaBalancing, "numaBalancing",
      "/proc/sys/kernel/numa_balancing")
    number(
      policy.system.zoneReclaim, memory.zoneReclaimMode, "zoneReclaimMode",
      "/proc/sys/vm/zone_reclaim_mode")
    if let wish = policy.system.transparentHugePages {
      set(
        wish, memory.transparentHugePages, "transparentHugePages",
        "/sys/kernel/mm/transparent_hugepage/enabled", .choice)
    }
    if let wish = policy.system.governor { governor(wish) }
  }

  private mutating func number(
    _ wish: Setting<Int>?, _ now: Int?, _ fact: String, _ path: String
  ) {
    guard let wish else { return }
    set(Setting("\(wish.value)", wish.position), now.map { "\($0)" }, fact, path, .text)
  }

  private mutating func set(
    _ wish: Setting<String>, _ now: String?, _ fact: String, _ path: String,
    _ format: Knob.Format
  ) {
    guard let now else {
      let unknown = inventory.memory.unknown.first { $0.fact == fact }
      leftAlone.append(
        Skipped(
          subject: "system", what: path, reason: unknown?.reason ?? "this kernel does not have it"))
      return
    }
    if now == wish.value { return }
    changes.append(
      Change(
        .file(path, format), subject: "system", old: now, new: wish.value, why: asked(wish.position)
      ))
  }

  private mutating func governor(_ wish: Setting<String>) {
    let governors = inventory.processors.frequency?.governors ?? [:]
    if governors.isEmpty {
      let unknown = inventory.processors.unknown.first { $0.fact.hasPrefix("frequency") }
      leftAlone.append(
        Skipped(
          subject: "system", what: "frequency governor",
          reason: unknown?.reason ?? "this machine has no frequency scaling"))
      return
    }
    var now: [Int: String] = [:]
    for (name, cpus) in governors where name != wish.value {
      for cpu in cpus.numbers { now[cpu] = name }
    }
    for (cpu, name) in now.sorted(by: { $0.key < $1.key }) {
      changes.append(
        Change(
          .file("/sys/devices/system/cpu/cpu\(cpu)/cpufreq/scaling_governor", .text),
          subject: "system", old: name, new: wish.value, why: asked(wish.position)))
    }
  }

  private func asked(_ position: ConfigurationPosition?) -> String {
    "asked for" + (position.map { " at \($0)" } ?? "")
  }
}
