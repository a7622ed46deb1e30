internal import KernelTree

/// Turns tables into a policy, and notes everything wrong on the way rather than only the first.
struct PolicyDecoder {
  private(set) var problems: [ConfigurationProblem] = []
  private var policy = Policy()
  /// Whether this is all of the configuration: one file may hold a part of a rule.
  private let isWhole: Bool

  private init(isWhole: Bool) { self.isWhole = isWhole }

  /// The policy of a table, without what is wrong in it.
  static func decode(
    _ root: TOMLTable, isWhole: Bool
  ) -> (policy: Policy, problems: [ConfigurationProblem]) {
    var decoder = PolicyDecoder(isWhole: isWhole)
    decoder.each(root, "") { decoder, key, node, path in
      guard key == "placement" else { return false }
      decoder.placement(decoder.table(node, path), path)
      return true
    } known: {
      ["placement"]
    }
    return (decoder.policy, decoder.problems)
  }

  // MARK: tables

  private mutating func placement(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      switch key {
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
        "housekeeping", "siblings", "slices", "irqbalance", "nic", "nvme", "gpu", "device",
        "system", "service", "containers",
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
      let path = "\(path).\(PolicyDecoder.quoted(name))"
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
      let path = "\(path).\(PolicyDecoder.quoted(name))"
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

  // MARK: values

  /// Calls `take` for each key in the order of the file; a key it does not take is a problem.
  private mutating func each(
    _ table: TOMLTable, _ path: String,
    _ take: (inout PolicyDecoder, String, TOMLNode, String) -> Bool, known: () -> [String]
  ) {
    let prefix = path.isEmpty ? "" : path + "."
    for (key, node) in table.entries.sorted(by: {
      ($0.value.position.line, $0.key) < ($1.value.position.line, $1.key)
    }) {
      let path = prefix + PolicyDecoder.quoted(key)
      if take(&self, key, node, path) { continue }
      let hint =
        NearestKey.find(key, in: known()).map { "did you mean '\($0)'?" }
        ?? "known are " + known().joined(separator: ", ")
      note(node.position, path, "no such key; \(hint)")
    }
  }

  private mutating func table(_ node: TOMLNode, _ path: String) -> TOMLTable {
    if case .table(let table) = node.value { return table }
    expected("a table", node, path)
    return TOMLTable(origin: .header)
  }

  private mutating func text(_ node: TOMLNode, _ path: String) -> Policy.Setting<String>? {
    if case .string(let text) = node.value { return Policy.Setting(text, node.position) }
    expected("a text", node, path)
    return nil
  }

  private mutating func flag(_ node: TOMLNode, _ path: String) -> Policy.Setting<Bool>? {
    if case .boolean(let value) = node.value { return Policy.Setting(value, node.position) }
    expected("true or false", node, path)
    return nil
  }

  private mutating func number(
    _ node: TOMLNode, _ path: String, _ range: ClosedRange<Int>
  ) -> Policy.Setting<Int>? {
    if case .integer(let value) = node.value, range.contains(value) {
      return Policy.Setting(value, node.position)
    }
    expected("a number from \(range.lowerBound) to \(range.upperBound)", node, path)
    return nil
  }

  private mutating func choice(
    _ node: TOMLNode, _ path: String, _ choices: [String]
  ) -> Policy.Setting<String>? {
    guard let text = text(node, path) else { return nil }
    if choices.contains(text.value) { return text }
    let hint =
      NearestKey.find(text.value, in: choices).map { "; did you mean '\($0)'?" } ?? ""
    note(
      node.position, path,
      "'\(text.value)' is none of \(choices.joined(separator: ", "))" + hint)
    return nil
  }

  private mutating func word<Word: RawRepresentable & CaseIterable>(
    _ node: TOMLNode, _ path: String
  ) -> Word? where Word.RawValue == String {
    choice(node, path, Word.allCases.map { $0.rawValue }).flatMap { Word(rawValue: $0.value) }
  }

  private mutating func wordSetting<Word: RawRepresentable & CaseIterable & Hashable & Sendable>(
    _ node: TOMLNode, _ path: String
  ) -> Policy.Setting<Word>? where Word.RawValue == String {
    let word: Word? = word(node, path)
    return word.map { Policy.Setting($0, node.position) }
  }

  private mutating func cpus(_ node: TOMLNode, _ path: String) -> Policy.Setting<NumberSet>? {
    guard let text = text(node, path) else { return nil }
    guard let set = NumberSet(list: text.value) else {
      note(node.position, path, "'\(text.value)' is no list of CPUs such as 0-3,8")
      return nil
    }
    return Policy.Setting(set, node.position)
  }

  private mutating func queues(_ node: TOMLNode, _ path: String) -> Policy.Setting<Policy.Queues>? {
    switch node.value {
    case .integer(let count) where count > 0 && count <= 4096:
      return Policy.Setting(.exactly(count), node.position)
    case .string("keep"): return Policy.Setting(.keep, node.position)
    case .string("fit"): return Policy.Setting(.fit, node.position)
    default:
      expected("\"keep\", \"fit\" or a number", node, path)
      return nil
    }
  }

  private mutating func expected(_ what: String, _ node: TOMLNode, _ path: String) {
    note(node.position, path, "expected \(what), found \(node.value.kind)")
  }

  private mutating func note(
    _ position: ConfigurationPosition?, _ path: String, _ message: String
  ) {
    guard let position else { return }
    problems.append(ConfigurationProblem(position, key: path, message))
  }

  /// A key as TOML wants it written.
  private static func quoted(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy {
      ASCII.hexDigit($0) != nil || $0 == 0x2d || $0 == 0x5f
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
    }
    return isBare && !key.isEmpty ? key : "\"\(key)\""
  }
}
