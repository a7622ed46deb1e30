internal import Accelerators
internal import Base

/// NVML's answer about the machine's GPUs: asked once, kept as text, read back from it.
struct NVMLReport {
  /// One GPU, in the library's own units.
  struct Card {
    var address: PCIAddress?
    /// NVML's number of it. Each number has one line, `gpu` or `lost`.
    var index: Int
    var name: String?
    var vbios: String?
    var target: String?
    /// Every fact that is a number, by its key in the text.
    var numbers: [String: Int] = [:]
    var ecc: [String: GPU.ECCCount] = [:]
    var mig: MIG?
    var processes: [(pid: Int, bytes: Int?)] = []
    var nvLinks: [GPU.NVLink]?
    var unknown: [UnknownFact] = []
  }

  var driverVersion: String?
  var cards: [Card] = []
  /// Why the library could not be asked at all.
  var failure: String?
  /// GPUs that it counts but does not hand out.
  var notes: [String] = []
  /// Its answers about one GPU's access to another's memory.
  var peers: [Peer] = []

  /// An ordered pair of GPUs.
  struct Peer: Hashable {
    var from: PCIAddress?
    var to: PCIAddress?
    var read: PeerAnswer.Access?
    var write: PeerAnswer.Access?
    /// Whether the way is NVLink; nil when not known.
    var isNVLink: Bool?
  }

  /// The name under which a recording keeps the answer.
  static let probe = "nvml"
  /// Seconds that the library may take. Without its persistence daemon it starts every GPU first.
  static let deadline = 15

  /// The answer as text, and the UUID of each GPU by address, which is kept apart.
  struct Answer: Sendable {
    var text: [UInt8]
    var uuids: [String: String] = [:]
  }

  /// The report in a text; a malformed line is an unknown fact of its card.
  init(parsing text: [UInt8]) {
    var lost = 0
    for line in AnswerText.lines(text) {
      switch line.key {
      case "failure": failure = line.value
      case "driver": driverVersion = line.value
      case "lost":
        lost += 1
        notes.append(line.value)
      case "peer":
        let words = line.value.split(separator: " ")
        guard (4...5).contains(words.count) else { continue }
        peers.append(
          Peer(
            from: PCIAddress(words[0]), to: PCIAddress(words[1]),
            read: Int(words[2]).flatMap(NVMLReport.access),
            write: Int(words[3]).flatMap(NVMLReport.access),
            // 6 is "unknown".
            isNVLink: words.count < 5 ? nil : Int(words[4]).flatMap { $0 < 6 ? $0 == 0 : nil }))
      case "gpu":
        var card = Card(index: cards.count + lost)
        card.address = PCIAddress(line.value)
        if card.address == nil { notes.append("NVML names a GPU '\(line.value)'") }
        cards.append(card)
      default:
        if cards.isEmpty {
          if line.key == "unknown" { notes.append(line.value) }
        } else {
          cards[cards.count - 1].take(line.key, line.value)
        }
      }
    }
  }
}

extension NVMLReport.Card {
  fileprivate mutating func take(_ key: String, _ value: String) {
    switch key {
    case "name": name = value.isEmpty ? nil : value
    case "vbios": vbios = value.isEmpty ? nil : value
    case "target": target = value
    case "mig":
      let words = value.split(separator: " ").map { Int($0) }
      guard words.count == 2, words.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        return bad(key, value)
      }
      var mode = mig ?? MIG()
      mode.isEnabled = words[0] == 1
      mode.isEnabledAfterReset = words[1] == 1
      mig = mode
    case "migDevice":
      let words = value.split(separator: " ", maxSplits: 3)
      guard words.count >= 2, let gpu = Int(words[0]), let compute = Int(words[1]), gpu >= 0,
        compute >= 0
      else { return bad(key, value) }
      var mode = mig ?? MIG()
      mode.instances.append(
        MIG.Instance(
          gpuInstance: gpu, computeInstance: compute,
          name: words.count > 3 && words[3] != "-" ? String(words[3]) : nil,
          memoryTotalBytes: words.count > 2 ? Int(words[2]) : nil))
      mig = mode
    case "unknown":
      let words = value.split(separator: " ", maxSplits: 1)
      unknown.append(
        UnknownFact(
          fact: String(words.first ?? ""), path: NVML.library,
          reason: words.count > 1 ? String(words[1]) : ""))
    case "nvlinks": nvLinks = nvLinks ?? []
    case "nvlink":
      let words = value.split(separator: " ")
      guard words.count == 3, let number = Int(words[0]), number >= 0 else {
        return bad(key, value)
      }
      nvLinks =
        (nvLinks ?? []) + [
          GPU.NVLink(number: number, isActive: words[1] == "1", remote: PCIAddress(words[2]))
        ]
    case "process":
      let words = value.split(separator: " ")
      guard let first = words.first, let pid = Int(first), pid > 0 else { return bad(key, value) }
      processes.append((pid, words.count > 1 ? Int(words[1]) : nil))
    default:
      guard let number = Int(value), number >= 0 || key == "celsius" else {
        // Counters of 64 bits may be larger than any sum of errors.
        return bad(key, value)
      }
      let parts = key.split(separator: ".")
      if parts.count == 3, parts[0] == "ecc" {
        var count = ecc[String(parts[1])] ?? GPU.ECCCount(corrected: nil, uncorrected: nil)
        if parts[2] == "corrected" { count.corrected = number } else { count.uncorrected = number }
        ecc[String(parts[1])] = count
      } else {
        numbers[key] = number
      }
    }
  }

  private mutating func bad(_ key: String, _ value: String) {
    unknown.append(
      UnknownFact(
        fact: NVMLReport.facts[key] ?? key, path: NVML.library,
        reason: "cannot understand '\(value.prefix(40))'"))
  }

  /// The model's names of the facts the card reported, but for its processes.
  var told: [String] {
    var told = numbers.keys.map { NVMLReport.facts[$0] ?? $0 }
    if name != nil { told.append("name") }
    if vbios != nil { told.append("vbios") }
    if target != nil { told.append("target") }
    if nvLinks != nil { told.append("nvLinks") }
    if !ecc.isEmpty { told.append("ecc") }
    if mig != nil { told.append("mig") }
    told.append("nvmlIndex")
    return told
  }

  /// Writes what the card said into the model.
  func apply(to gpu: inout GPU) {
    gpu.nvmlIndex = index
    gpu.name = name ?? gpu.name
    gpu.vbios = vbios ?? gpu.vbios
    gpu.target = target
    gpu.memoryTotalBytes = numbers["memoryTotal"]
    gpu.memoryUsedBytes = numbers["memoryUsed"]
    if gpu.memoryBarBytes == nil {
      gpu.memoryBarBytes = numbers["bar1"].flatMap { $0 > 0 ? UInt64(exactly: $0) : nil }
    }
    applyReadings(to: &gpu)
    gpu.throttleReasons = numbers["throttle"].map { NVMLReport.throttleReasons(UInt64($0)) }
    gpu.nvLinks = nvLinks
    gpu.ecc = ecc.isEmpty ? nil : ecc
    // The kernel driver's list has instances that NVML keeps from the caller.
    gpu.mig = mig?.joined(gpu.mig) ?? gpu.mig
    // What the driver's files or PCI gave already is known.
    var known: Set<String> = []
    if gpu.name != nil { known.insert("name") }
    if gpu.vbios != nil { known.insert("vbios") }
    if gpu.memoryBarBytes != nil { known.insert("memoryBarBytes") }
    gpu.unknown += unknown.filter { !known.contains($0.fact) }
  }

  /// The measured values, each compared with its physical range.
  private func applyReadings(to gpu: inout GPU) {
    var refused: [UnknownFact] = []
    func reading(
      _ key: String, _ range: PhysicalRange, per scale: Double = 1, isLimit: Bool = false
    ) -> Double? {
      guard let raw = numbers[key], !isLimit || raw > 0 else { return nil }
      let value = Double(raw) / scale
      guard let reason = range.refusal(of: value, raw: "\(raw)") else { return value }
      refused.append(
        UnknownFact(fact: NVMLReport.facts[key] ?? key, path: NVML.library, reason: reason))
      return nil
    }
    // Milliwatts.
    func watts(_ key: String) -> Double? { reading(key, .power, per: 1000, isLimit: true) }
    func hertz(_ key: String) -> Int? { reading(key, .clock, per: 1e-6).map { Int($0) } }
    gpu.powerWatts = reading("power", .power, per: 1000)
    gpu.powerCap = watts("powerLimit").map { limit in
      GPU.PowerCap(
        watts: limit, minimumWatts: reading("powerLow", .power, per: 1000),
        maximumWatts: watts("powerHigh"),
        defaultWatts: watts("powerDefault"))
    }
    if let mode = numbers["persistence"] {
      if mode <= 1 {
        gpu.isPersistent = mode == 1
      } else {
        refused.append(
          UnknownFact(
            fact: "isPersistent", path: NVML.library, reason: "'\(mode)' is neither on nor off"))
      }
    }
    gpu.temperatures =
      reading("celsius", .temperature).map { celsius in
        [
          Temperature(
            label: "gpu", celsius: celsius,
            criticalCelsius: reading("slowdown", .temperature, isLimit: true))
        ]
      } ?? gpu.temperatures
    gpu.coreClockHertz = hertz("coreClock")
    gpu.memoryClockHertz = hertz("memoryClock")
    gpu.busyShare = reading("busy", .percent).map { $0 / 100 }
    gpu.memoryBusyShare = reading("memoryBusy", .percent).map { $0 / 100 }
    gpu.pcieReplays = numbers["replays"]
    if let replays = gpu.pcieReplays, PhysicalRange.isAllOnes("\(replays)") {
      gpu.pcieReplays = nil
      refused.append(
        UnknownFact(
          fact: "pcieReplays", path: NVML.library, reason: "'\(replays)' is no count"))
    }
    gpu.unknown += refused
  }
}

extension NVMLReport {
  /// The model's name of each number, where it is another one.
  fileprivate static let facts = [
    "memoryTotal": "memoryTotalBytes", "memoryUsed": "memoryUsedBytes", "bar1": "memoryBarBytes",
    "power": "powerWatts", "powerLimit": "powerCap", "powerDefault": "powerCap",
    "persistence": "isPersistent", "powerLow": "powerCap", "powerHigh": "powerCap",
    "celsius": "temperatures",
    "slowdown": "temperatures", "coreClock": "coreClockHertz", "memoryClock": "memoryClockHertz",
    "busy": "busyShare", "memoryBusy": "memoryBusyShare", "throttle": "throttleReasons",
    "replays": "pcieReplays", "process": "processes", "nvlink": "nvLinks",
  ]

  /// What a number of NVML_P2P_STATUS_* means; nil for "unknown" and for newer ones.
  static func access(_ status: Int) -> PeerAnswer.Access? {
    let words: [PeerAnswer.Access] = [
      .allowed, .chipsetNotSupported, .gpuNotSupported, .topologyNotSupported,
      .disabledByRegistry, .notSupported,
    ]
    return words.indices.contains(status) ? words[status] : nil
  }

  /// Names of the bits of nvmlClocksEventReasons, in NVML's own words.
  static func throttleReasons(_ bits: UInt64) -> [String] {
    let names = [
      "GpuIdle", "ApplicationsClocksSetting", "SwPowerCap", "HwSlowdown", "SyncBoost",
      "SwThermalSlowdown", "HwThermalSlowdown", "HwPowerBrakeSlowdown", "DisplayClockSetting",
    ]
    return (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map {
      $0 < names.count ? names[$0] : "bit \($0)"
    }
  }
}
