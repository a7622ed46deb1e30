internal import Inventory

/// Whether all memory channels carry the same.
enum MemoryChannelsCheck: Check {
  static let info = CheckInfo(
    id: "memory-channels",
    title: "Memory channels",
    area: .memory,
    harm: .largeLoss,
    why: """
      Each channel moves 8 bytes a transfer, and the processor spreads memory over all that have \
      modules. An empty channel is bandwidth lost: 25.6 GB/s each with DDR4-3200. Channels or \
      sockets that hold different amounts are spread in part only: some memory is slower, or \
      belongs to one node alone. A module that died looks like an empty channel.
      """,
    reads: [
      "memory.modules (SMBIOS type 17: locator, bank, size)",
      "processors.packages, where a socket has no modules", "the profile's memoryChannels",
    ],
    verdicts: [
      .pass: "every channel has modules and all hold the same amount, as many as the profile says",
      .warn: "empty channels, or channels or sockets that differ, on a server",
      .fail: "fewer channels with modules than the profile says",
      .notApplicable: "the same outside servers; a guest",
      .unknown: "modules could not be read (root only), or their labels do not name channels",
    ],
    fix: "Fill every channel with equal modules, as the board's manual says; reseat one that died.",
    risk: "Those of opening the machine.",
    sources: [
      "DMTF DSP0134 (SMBIOS), type 17", "JEDEC DDR4 and DDR5: 64 data bits a channel",
    ],
    needs: [.machine, .processors, .memory, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuest(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let modules = box.inventory.memory.modules
    if modules.isEmpty { return noModules(box) }
    let evidence = [modulesEvidence(box)]
    let filled = box.inventory.memory.mainModules
    let speed = filled.compactMap(\.configuredMegatransfersPerSecond).min()
    let wanted = box.profile?.memoryChannels
    guard let layout = MemoryChannels(modules) else {
      if let wanted, filled.count < wanted {
        return tooFew(filled.count, of: wanted, speed, evidence)
      }
      return unknown(
        "labels do not name channels", evidence: evidence + [unnamed(modules)])
    }
    let count = layout.populated.count
    if let wanted, count < wanted { return tooFew(count, of: wanted, speed, evidence) }
    if let wanted, count > wanted {
      return warn(
        "\(count) channels, expected \(wanted)", evidence: evidence,
        advice: [Advice("if modules were added, learn the profile anew")])
    }
    return uneven(box, layout, speed, evidence)
      ?? pass(
        "\(count) channels, \(Text.capacity(layout.populated.first?.sizeBytes ?? 0)) each",
        evidence: evidence + socketEvidence(box, layout))
  }

  /// What is not even, or not known to be.
  private static func uneven(
    _ box: Box, _ layout: MemoryChannels, _ speed: Int?, _ evidence: [Evidence]
  ) -> Finding? {
    let bySocket = Dictionary(grouping: layout.channels, by: \.socket)
    let usable = bySocket.filter { $0.value.contains(where: \.isPopulated) }
    if usable.isEmpty { return unknown("no module is there", evidence: evidence) }
    if usable.count < bySocket.count {
      let packages = box.inventory.processors.packages
      if packages.isEmpty {
        return unknown(
          "sockets not known",
          evidence: evidence + [
            missingProcessor(box, "packages", "/sys/devices/system/cpu/cpu*/topology")
          ])
      }
      if packages.count > usable.count {
        return warn(
          "a socket has no memory", evidence: evidence + socketEvidence(box, layout),
          consequence: "all its memory accesses go to another socket", advice: [fill])
      }
    }
    let channels = usable.values.flatMap { $0 }
    let filled = channels.filter(\.isPopulated)
    if filled.count < channels.count {
      return warn(
        "\(filled.count) of \(channels.count) channels have modules", evidence: evidence,
        consequence: loss(filled.count, of: channels.count, speed), advice: [fill])
    }
    if Set(usable.values.map(\.count)).count > 1 {
      let counts = usable.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.count)" }
      return warn(
        "sockets differ in channels: \(counts.joined(separator: ", "))", evidence: evidence,
        consequence: "one socket has less memory bandwidth than the other", advice: [fill])
    }
    let sizes = filled.compactMap(\.sizeBytes)
    if let low = sizes.min(), let high = sizes.max(), low != high {
      return warn(
        "channels hold \(Text.capacity(low)) to \(Text.capacity(high))", evidence: evidence,
        consequence:
          "memory beyond \(Text.capacity(low)) a channel is spread over fewer channels",
        advice: [fill])
    }
    if sizes.count < filled.count {
      return unknown(
        "size of a module not known",
        evidence: evidence + [
          Evidence(
            missing: "memory.modules", path: modulesPath, reason: "a module without its size")
        ])
    }
    return nil
  }

  private static func tooFew(
    _ count: Int, of wanted: Int, _ speed: Int?, _ evidence: [Evidence]
  ) -> Finding {
    fail(
      "\(count) of \(wanted) channels have modules", evidence: evidence,
      consequence: loss(count, of: wanted, speed),
      advice: [
        Advice(
          "find the module that is missing, reseat it, then swap it with another to find out whether module "
            + "from socket",
          commands: ["dmidecode -t memory | grep -E 'Locator|Size'"],
          risk: "those of opening the machine")
      ])
  }

  private static func loss(_ count: Int, of all: Int, _ speed: Int?) -> String {
    guard let speed else { return "\(Text.percent(count, of: all)) of the memory bandwidth" }
    let now = MemoryChannels.gigabytesPerSecond(channels: count, megatransfers: speed)
    let full = MemoryChannels.gigabytesPerSecond(channels: all, megatransfers: speed)
    return "\(Text.tenths(now)) of \(Text.tenths(full)) GB/s of memory bandwidth"
  }

  private static let fill = Advice(
    "fill the channels evenly, in the order of the board's manual",
    risk: "those of opening the machine")

  /// The sockets, where one without modules is none to be filled.
  private static func socketEvidence(_ box: Box, _ layout: MemoryChannels) -> [Evidence] {
    let sockets = Set(layout.channels.map(\.socket))
    if Set(layout.populated.map(\.socket)) == sockets { return [] }
    return [
      Evidence(
        "processors.packages", "\(box.inventory.processors.packages.count)",
        path: "/sys/devices/system/cpu/cpu*/topology")
    ]
  }

  private static func unnamed(_ modules: [MemoryModule]) -> Evidence {
    let labels = modules.prefix(3).map { "\($0.locator ?? "?") / \($0.bank ?? "?")" }
    return Evidence(
      missing: "memory.modules", path: modulesPath,
      reason: "does not distinguish channels from " + labels.joined(separator: ", "))
  }
}
