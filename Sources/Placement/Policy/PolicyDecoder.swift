internal import Base
internal import Configuration

/// Turns tables into a policy, and notes everything wrong on the way rather than only the first.
struct PolicyDecoder: TableDecoder {
  var problems: [ConfigurationProblem] = []
  private var policy = Policy()
  /// Whether this is all of the configuration: one file may hold a part of a rule.
  private let isWhole: Bool

  private init(isWhole: Bool) { self.isWhole = isWhole }

  /// The policy of a table, without what is wrong in it.
  static func decode(
    _ root: TOMLTable, isWhole: Bool
  ) -> (policy: Policy, problems: [ConfigurationProblem]) {
    var decoder = PolicyDecoder(isWhole: isWhole)
    if let node = root.entries[ConfigurationFiles.placementSection] {
      let path = ConfigurationFiles.placementSection
      decoder.placement(decoder.table(node, path), path)
    }
    return (decoder.policy, decoder.problems)
  }

  // MARK: tables

  private mutating func placement(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      switch key {
      case "mode":
        if let word: Policy.Mode = decoder.word(node, path) { decoder.policy.mode = word }
      case "housekeeping": decoder.policy.housekeeping = decoder.cpus(node, path)
      case "siblings":
        if let word: Policy.Siblings = decoder.word(node, path) { decoder.policy.siblings = word }
      case "slices":
        if let word: Policy.Slices = decoder.word(node, path) { decoder.policy.slices = word }
      case "irqbalance":
        if let word: Policy.IRQBalance = decoder.word(node, path) {
          decoder.policy.irqbalance = word
        }
      case "nic", "nvme", "gpu":
        guard let kind = Policy.DeviceClass(rawValue: key) else { return false }
        let rule = decoder.rule(decoder.table(node, path), path, kind)
        decoder.policy.classes[kind] = rule
      case "device": decoder.devices(decoder.table(node, path), path)
      case "system": decoder.system(decoder.table(node, path), path)
      case "service": decoder.services(decoder.table(node, path), path)
      case "containers": decoder.containers(decoder.table(node, path), path)
      default: return false
      }
      return true
    } known: {
      [
        "mode", "housekeeping", "siblings", "slices", "irqbalance", "nic", "nvme", "gpu",
        "device", "system", "service", "containers",
      ]
    }
  }

  /// A rule of a class, or of one device where `kind` is nil.
  private mutating func rule(
    _ table: TOMLTable, _ path: String, _ kind: Policy.DeviceClass?
  ) -> Policy.DeviceRule {
    var rule = Policy.DeviceRule()
    each(table, path) { decoder, key, node, path in
      switch (key, kind) {
      case ("interrupts", _): rule.interrupts = decoder.wordSetting(node, path)
      case ("cpus", _): rule.cpus = decoder.cpus(node, path)
      case ("queues", .nic), ("queues", nil): rule.queues = decoder.queues(node, path)
      case ("allow-link-reset", .nic), ("allow-link-reset", nil):
        rule.allowLinkReset = decoder.flag(node, path)
      case ("steering", .nic), ("steering", nil): rule.steering = decoder.wordSetting(node, path)
      case ("node", nil): rule.node = decoder.number(node, path, 0...NumberSet.highest)
      default: return false
      }
      return true
    } known: {
      switch kind {
      case .nic: ["interrupts", "cpus", "queues", "allow-link-reset", "steering"]
      case .nvme, .gpu: ["interrupts", "cpus"]
      case nil: ["interrupts", "cpus", "queues", "allow-link-reset", "steering", "node"]
      }
    }
    contradictions(rule, path)
    return rule
  }

  private mutating func contradictions(_ rule: Policy.DeviceRule, _ path: String) {
    guard isWhole else { return }
    if let interrupts = rule.interrupts, interrupts.value == .reserved, rule.cpus == nil {
      note(interrupts.position, path + ".interrupts", "reserved needs the list of CPUs, 'cpus'")
    }
    if let cpus = rule.cpus, rule.interrupts?.value != .reserved {
      note(cpus.position, path + ".cpus", "means nothing without interrupts = \"reserved\"")
    }
    if let queues = rule.queues, queues.value != .keep, rule.interrupts?.value == .leave {
      note(
        queues.position, path + ".queues",
        "contradicts interrupts = \"leave\": a new queue count makes new interrupts")
    }
    if let reset = rule.allowLinkReset, reset.value, rule.queues?.value == .keep {
      note(
        reset.position, path + ".allow-link-reset",
        "contradicts queues = \"keep\": nothing would reset the link")
    }
  }

  private mutating func devices(_ table: TOMLTable, _ path: String) {
    for (name, node) in table.entries.sorted(by: { $0.key < $1.key }) {
      let path = "\(path).\(Self.quoted(name))"
      let rule = rule(self.table(node, path), path, nil)
      policy.devices.append(
        Policy.DeviceOverride(selector: name, position: node.position, rule: rule))
    }
  }

  private mutating func system(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      switch key {
      case "numa-balancing":
        decoder.policy.system.numaBalancing = decoder.number(node, path, 0...3)
      case "zone-reclaim": decoder.policy.system.zoneReclaim = decoder.number(node, path, 0...7)
      case "transparent-hugepages":
        decoder.policy.system.transparentHugePages = decoder.choice(
          node, path, ["always", "madvise", "never"])
      case "governor":
        decoder.policy.system.governor = decoder.choice(
          node, path, ["performance", "powersave", "schedutil", "ondemand", "conservative"])
      default: return false
      }
      return true
    } known: {
      ["numa-balancing", "zone-reclaim", "transparent-hugepages", "governor"]
    }
  }

  private mutating func services(_ table: TOMLTable, _ path: String) {
    for (name, node) in table.entries.sorted(by: { $0.key < $1.key }) {
      let path = "\(path).\(Self.quoted(name))"
      var rule = Policy.ServiceRule(unit: name, position: node.position)
      each(self.table(node, path), path) { decoder, key, node, path in
        switch key {
        case "node": rule.node = decoder.number(node, path, 0...NumberSet.highest)
        case "device": rule.device = decoder.text(node, path)
        default: return false
        }
        return true
      } known: {
        ["node", "device"]
      }
      if !name.hasSuffix(".service") {
        note(node.position, path, "not the name of a service: it ends in .service")
      } else if isWhole, (rule.node == nil) == (rule.device == nil) {
        note(node.position, path, "needs either 'node' or 'device'")
      }
      policy.services.append(rule)
    }
  }

  private mutating func containers(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      guard key == "adopt" else { return false }
      guard case .array(let items) = node.value else {
        decoder.expected("a list of \"label\" and \"gpu\"", node, path)
        return true
      }
      decoder.policy.adoption = []
      for item in items {
        if let word: Policy.Adoption = decoder.word(item, path) {
          decoder.policy.adoption.insert(word)
        }
      }
      return true
    } known: {
      ["adopt"]
    }
  }

  private mutating func queues(_ node: TOMLNode, _ path: String) -> Setting<Policy.Queues>? {
    switch node.value {
    case .integer(let count) where count > 0 && count <= 4096:
      return Setting(.exactly(count), node.position)
    case .string("keep"): return Setting(.keep, node.position)
    case .string("fit"): return Setting(.fit, node.position)
    default:
      expected("\"keep\", \"fit\" or a number", node, path)
      return nil
    }
  }
}
