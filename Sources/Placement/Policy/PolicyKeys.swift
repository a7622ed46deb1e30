internal import Base
package import Configuration

/// `[placement]`: a row for each key.
extension Policy {
  package static let section = ConfigurationKey<Policy>.table(
    ConfigurationFiles.placementSection, \.self, keys,
    "Where interrupts, queues and containers go; docs/placement.md explains it.")

  private static let keys: [ConfigurationKey<Policy>] = [
    .init(
      "mode", .word(), \.mode, default: "\"observe\"",
      "Whether `tinyboxd` puts back what drifts and places what is new (`enforce`), or reports it (`observe`)."
    ),
    .init(
      "power", .word(), \.power,
      "The same for power caps and persistence modes of GPUs alone; without it, what `mode` says."),
    .init(
      "housekeeping", .cpus, \.housekeeping, "CPUs that take no interrupts and belong to no slice."),
    .init(
      "siblings", .word(), \.siblings, default: "\"last\"",
      "Whether second threads serve queues when all cores do."),
    .init(
      "slices", .word(), \.slices, default: "\"nodes\"", "Whether each NUMA node gets a slice."),
    .init(
      "irqbalance", .word(), \.irqbalance, default: "\"ban\"",
      "Whether a running irqbalance is asked to leave placed interrupts alone."),
    .table(
      "nic", \.[.nic], DeviceRule.interruptKeys + DeviceRule.queueKeys,
      "Every network interface.", check: DeviceRule.check),
    .table(
      "nvme", \.[.nvme], DeviceRule.interruptKeys,
      "Every NVMe drive.", check: DeviceRule.check),
    .table(
      "gpu", \.[.gpu], DeviceRule.interruptKeys + DeviceRule.powerKeys, "Every GPU.",
      check: DeviceRule.check),
    .tables(
      "device", by: "PCI address or name", \.devices, DeviceOverride.keys,
      "One device. A key that is not set here is taken from the table of its kind."
    ) { name, position in
      DeviceOverride(selector: name, position: position, rule: DeviceRule())
    } check: { decoder, device, path in
      DeviceRule.check(&decoder, device.rule, path)
    },
    .table(
      "system", \.system, SystemRule.keys,
      "Settings of the kernel; only the keys given here are set."),
    .tables(
      "service", by: "unit", \.services, ServiceRule.keys, "A service that belongs to a node."
    ) { name, position in
      ServiceRule(unit: name, position: position)
    } check: { decoder, rule, path in
      if !rule.unit.hasSuffix(".service") {
        decoder.note(rule.position, path, "not the name of a service: it ends in .service")
      } else if decoder.isWhole, (rule.node == nil) == (rule.device == nil) {
        decoder.note(rule.position, path, "needs either 'node' or 'device'")
      }
    },
    .table(
      "containers", \.self, [adopt], "Containers that were started without `tinyboxctl run`."),
  ]

  private static let adopt = ConfigurationKey<Policy>(
    "adopt", .adoptions, \.adoption, default: #"["label"]"#,
    "What decides where a container belongs: its labels, the GPU it uses.")
}

extension Policy.DeviceRule {
  fileprivate static let interruptKeys: [ConfigurationKey<Self>] = [
    .init(
      "interrupts", .word(), \.interrupts, default: "\"spread\"",
      "Where interrupts go: a core each, all to one core, over `cpus`, or untouched."),
    .init("cpus", .cpus, \.cpus, "The CPUs of `interrupts = \"reserved\"`."),
  ]

  fileprivate static let queueKeys: [ConfigurationKey<Self>] = [
    .init(
      "queues", .queues, \.queues, default: "\"keep\"",
      "How many queues a network interface has: unchanged, one for each core, or this number."),
    .init(
      "allow-link-reset", .flag, \.allowLinkReset, default: "false",
      "Whether a new queue count may reset the link, which interrupts traffic for a moment."),
    .init(
      "steering", .word(), \.steering, default: "\"match\"",
      "Whether XPS and RPS follow the interrupts."),
  ]

  /// No card takes less or more than these; what a card takes is compared on the machine.
  fileprivate static let powerKeys: [ConfigurationKey<Self>] = [
    .init(
      "power-cap", .number(1...3000), \.powerCap,
      "The most that a GPU may draw, in watts, within what the card takes."),
    .init(
      "persistence", .flag, \.persistence,
      "Whether NVIDIA's driver keeps a GPU initialised while nobody uses it; GPUs of other makers have no such mode."
    ),
  ]

  fileprivate static func check(
    _ decoder: inout TableDecoder, _ rule: Policy.DeviceRule, _ path: String
  ) {
    guard decoder.isWhole else { return }
    if let interrupts = rule.interrupts, interrupts.value == .reserved, rule.cpus == nil {
      decoder.note(
        interrupts.position, path + ".interrupts", "reserved needs the list of CPUs, 'cpus'")
    }
    if let cpus = rule.cpus, rule.interrupts?.value != .reserved {
      decoder.note(
        cpus.position, path + ".cpus", "has no effect without interrupts = \"reserved\"")
    }
    if let queues = rule.queues, queues.value != .keep, rule.interrupts?.value == .leave {
      decoder.note(
        queues.position, path + ".queues",
        "contradicts interrupts = \"leave\": a new queue count makes new interrupts")
    }
    if let reset = rule.allowLinkReset, reset.value, rule.queues?.value == .keep {
      decoder.note(
        reset.position, path + ".allow-link-reset",
        "contradicts queues = \"keep\": nothing would reset the link")
    }
  }
}

extension Policy.DeviceOverride {
  fileprivate static let keys: [ConfigurationKey<Self>] =
    (Policy.DeviceRule.interruptKeys + Policy.DeviceRule.queueKeys).map { $0.within(\.rule) } + [
      .init(
        "node", .number(0...NumberSet.highest), \.rule.node,
        "The NUMA node it is on, where the firmware does not report it or is wrong.")
    ] + Policy.DeviceRule.powerKeys.map { $0.within(\.rule) }
}

extension Policy.SystemRule {
  fileprivate static let keys: [ConfigurationKey<Self>] = [
    .init("numa-balancing", .number(0...3), \.numaBalancing, "`/proc/sys/kernel/numa_balancing`."),
    .init("zone-reclaim", .number(0...7), \.zoneReclaim, "`/proc/sys/vm/zone_reclaim_mode`."),
    .init(
      "transparent-hugepages", .choice(["always", "madvise", "never"]), \.transparentHugePages,
      "`/sys/kernel/mm/transparent_hugepage/enabled`."),
    .init(
      "governor",
      .choice(["performance", "powersave", "schedutil", "ondemand", "conservative"]), \.governor,
      "`scaling_governor` of every CPU."),
  ]
}

extension Policy.ServiceRule {
  fileprivate static let keys: [ConfigurationKey<Self>] = [
    .init("node", .number(0...NumberSet.highest), \.node, "Its NUMA node."),
    .init("device", .text, \.device, "The device to whose node it goes: PCI address or name."),
  ]
}

extension ValueType<Policy.Queues> {
  fileprivate static let queues = ValueType("`\"keep\"`, `\"fit\"` or a number") {
    decoder, node, path in
    switch node.value {
    case .integer(let count) where count > 0 && count <= 4096: return .exactly(count)
    case .string("keep"): return .keep
    case .string("fit"): return .fit
    default:
      decoder.expected("\"keep\", \"fit\" or a number", node, path)
      return nil
    }
  }
}

extension ValueType<Set<Policy.Adoption>> {
  fileprivate static let adoptions = ValueType("a list of `\"label\"` and `\"gpu\"`") {
    decoder, node, path in
    guard case .array(let items) = node.value else {
      decoder.expected("a list of \"label\" and \"gpu\"", node, path)
      return nil
    }
    return Set(items.compactMap { ValueType<Policy.Adoption>.word().read(&decoder, $0, path) })
  }
}

extension Policy {
  fileprivate subscript(kind: DeviceClass) -> DeviceRule {
    get { classes[kind] ?? DeviceRule() }
    set { classes[kind] = newValue }
  }
}
