internal import Inventory

/// Whether the memory runs at the speed it was bought for.
enum MemorySpeedCheck: Check {
  static let info = CheckInfo(
    id: "memory-speed",
    title: "Speed of the memory modules",
    area: .memory,
    harm: .largeLoss,
    why: """
      Bandwidth is channels x transfers a second x 8 bytes. One slow or badly read module slows \
      all of them, and firmware may fall back to a lower speed after a failed training, without a \
      message. On some processors the speed of the fabric between cores follows the memory's.
      """,
    reads: [
      "memory.modules (SMBIOS type 17: speed, configured speed)",
      "processors.family, processors.modelNumber: the most an EPYC takes",
      "the profile's memoryMegatransfersPerSecond and memoryBytesPerSecond",
    ],
    verdicts: [
      .pass: "all modules run at the profile's speed, or at their own or the processor's limit",
      .warn: "slower than that, or at different speeds, on a server or against a profile",
      .notApplicable: "the same outside servers without a profile; a guest",
      .unknown: "modules or their speeds could not be read (root only); slower than the modules' "
        + "own speed, and what the processor takes is not known here",
    ],
    fix: "BIOS: memory speed = Auto; equal modules in all channels, one in each.",
    risk: "Memory that runs faster than it was tested for fails: stay within the module's rating.",
    sources: [
      "DMTF DSP0134 (SMBIOS), type 17, speed and configured memory speed",
      "AMD EPYC data sheets: DDR4-2666 (7001), DDR4-3200 (7002, 7003), DDR5-4800 (9004), "
        + "DDR5-6400 (9005)",
    ],
    needs: [.machine, .processors, .memory, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    let finding = judge(box)
    let hasProfile = box.profile?.memoryMegatransfersPerSecond != nil
    return skipInGuest(box, hasProfile ? [finding] : serversOnly(box, [finding]))
  }

  private static func judge(_ box: Box) -> Finding {
    let modules = box.inventory.memory.mainModules
    if modules.isEmpty { return noModules(box) }
    var evidence = [modulesEvidence(box)]
    let speeds = modules.compactMap(\.configuredMegatransfersPerSecond)
    let wanted = box.profile?.memoryMegatransfersPerSecond
    if let low = speeds.min(), let high = speeds.max(), low != high {
      return warn(
        "modules run at \(low) to \(high) MT/s", evidence: evidence,
        consequence: bandwidth(box, low, of: wanted ?? high), advice: advice(wanted ?? high))
    }
    if let wanted {
      guard let speed = speeds.first else { return missing("configured speed", evidence) }
      if speed < wanted {
        return warn(
          "\(speed) MT/s, expected \(wanted)", evidence: evidence,
          consequence: bandwidth(box, speed, of: wanted), advice: advice(wanted))
      }
      if speeds.count < modules.count { return missing("configured speed", evidence) }
      return pass("\(speed) MT/s", evidence: evidence)
    }
    let rated = modules.compactMap(\.ratedMegatransfersPerSecond)
    if let speed = speeds.first, let slowest = rated.min() {
      let limit = processorLimit(box)
      if let limit, limit.megatransfers < slowest { evidence += limit.evidence }
      let ceiling = min(slowest, limit?.megatransfers ?? slowest)
      if speed < ceiling, limit == nil, rated.count == modules.count {
        // Modules are often faster than the processor takes: that is no fault of the firmware.
        // Outside servers their own speed is one that somebody has to ask for.
        if !box.isServer {
          return notApplicable(
            "\(speed) MT/s of \(ceiling) (usual outside servers)", evidence: evidence)
        }
        return unknown(
          "\(speed) MT/s of \(ceiling); what the processor takes is not known",
          evidence: evidence + processorEvidence(box.inventory.processors))
      }
      if speed < ceiling, rated.count == modules.count {
        return warn(
          "\(speed) MT/s of \(ceiling)", evidence: evidence,
          consequence: bandwidth(box, speed, of: ceiling), advice: advice(ceiling))
      }
    }
    if speeds.count < modules.count { return missing("configured speed", evidence) }
    if rated.count < modules.count { return missing("rated speed", evidence) }
    return pass("\(speeds.first ?? 0) MT/s", evidence: evidence)
  }

  private static func missing(_ what: String, _ evidence: [Evidence]) -> Finding {
    unknown(
      "\(what) not known",
      evidence: evidence + [
        Evidence(
          missing: "memory.modules", path: modulesPath, reason: "a module without its \(what)")
      ])
  }

  /// Which processor it is; what was not read of it is missing.
  private static func processorEvidence(_ processors: Processors) -> [Evidence] {
    func fact(_ key: String, _ value: String?) -> Evidence {
      value.map { Evidence("processors.\(key)", $0, path: "/proc/cpuinfo") }
        ?? Evidence(
          missing: "processors.\(key)", key: key, in: processors.unknown, path: "/proc/cpuinfo")
    }
    return [
      fact("model", processors.model), fact("family", processors.family.map { "\($0)" }),
      fact("modelNumber", processors.modelNumber.map { "\($0)" }),
    ]
  }

  /// The most an EPYC takes, MT/s, by family and model.
  private static func processorLimit(
    _ box: Box
  ) -> (megatransfers: Int, evidence: [Evidence])? {
    let processors = box.inventory.processors
    guard processors.model?.contains("EPYC") == true, let family = processors.family,
      let model = processors.modelNumber
    else { return nil }
    let limit: Int
    switch (family, model) {
    case (0x17, 0x00...0x0f): limit = 2666
    case (0x17, 0x30...0x3f), (0x19, 0x00...0x0f): limit = 3200
    case (0x19, 0x10...0x1f), (0x19, 0xa0...0xaf): limit = 4800
    case (0x1a, 0x00...0x1f): limit = 6400
    default: return nil
    }
    return (
      limit,
      [
        Evidence("processors.model", processors.model ?? "", path: "/proc/cpuinfo"),
        Evidence("processors.family", "\(family)", path: "/proc/cpuinfo"),
        Evidence(
          "processors.modelNumber", "\(model): takes no more than \(limit) MT/s",
          path: "/proc/cpuinfo"),
      ]
    )
  }

  private static func bandwidth(_ box: Box, _ speed: Int, of full: Int) -> String {
    guard let channels = MemoryChannels(box.inventory.memory.modules)?.populated.count else {
      return "\(Text.percent(speed, of: full)) of the memory bandwidth"
    }
    let now = MemoryChannels.gigabytesPerSecond(channels: channels, megatransfers: speed)
    let all = MemoryChannels.gigabytesPerSecond(channels: channels, megatransfers: full)
    return "\(Text.tenths(now)) of \(Text.tenths(all)) GB/s of memory bandwidth"
  }

  private static func advice(_ speed: Int) -> [Advice] {
    [
      Advice(
        "BIOS: Memory Clock Speed (or Memory Target Speed) = Auto or \(speed) MT/s",
        risk: "none within the rating of modules and processor", needsReboot: true),
      Advice(
        "two modules in a channel, or one of another kind, slow all: put equal modules, one in "
          + "each channel",
        commands: ["dmidecode -t memory | grep -E 'Locator|Speed|Part'"],
        risk: "those of opening the machine"),
    ]
  }
}
