internal import Base
internal import Inventory

extension Check {
  static func eachGPU(_ box: Box, _ judge: (GPU) -> Finding) -> [Finding] {
    let gpus = box.inventory.gpus
    return gpus.isEmpty ? [none(box, collector: "GPU", "GPU")] : gpus.map(judge)
  }

  /// Where a fact of a GPU comes from: the path noted with it, else NVML or a file of the driver.
  static func path(_ gpu: GPU, _ fact: String, file: String) -> String {
    if let source = gpu.sources?[noted(fact)] { return source }
    return gpu.vendor == .nvidia
      ? "libnvidia-ml.so.1" : "/sys/bus/pci/devices/\(gpu.address)/\(file)"
  }

  /// A fact of a GPU, such as `busyShare` or `powerCap.watts`.
  static func evidence(
    _ gpu: GPU, _ fact: String, _ value: String, file: String
  ) -> Evidence {
    Evidence("gpus[\(gpu.address)].\(fact)", value, path: path(gpu, fact, file: file))
  }

  /// A fact of a GPU that is missing.
  static func missing(_ gpu: GPU, _ fact: String, file: String) -> Evidence {
    let note = gpu.unknown.first { coversFact($0, noted(fact), of: gpu) }
    return Evidence(
      missing: "gpus[\(gpu.address)].\(fact)",
      path: note?.path ?? path(gpu, fact, file: file),
      reason: note?.reason ?? "not there, or not in the recording")
  }

  /// The name under which the collector notes a fact: `powerCap` of `powerCap.watts`.
  private static func noted(_ fact: String) -> String {
    String(fact.prefix { $0 != "." })
  }

  /// What to say about a fact that is not there: the driver does not report it, or could not be
  /// asked.
  static func absent(
    _ box: Box, _ gpu: GPU, _ key: String, _ what: String, file: String
  ) -> Finding {
    let subject = box.subject(gpu.address)
    if let driver = gpu.driver, HandedOn.isHandedOn(driver) {
      return notApplicable("handed on by \(driver)", subject)
    }
    let isNoted = gpu.unknown.contains { coversFact($0, key, of: gpu) }
    if let driver = gpu.driver, !isNoted {
      return notApplicable(
        "\(driver) reports no \(what)", subject,
        evidence: [evidence(gpu, "driver", driver, file: "driver")])
    }
    let hasNone = gpu.driver == nil && !isNoted && isDriverKnown(box, gpu)
    return unknown(
      "\(what) not known" + (hasNone ? ": no driver to ask" : ""), subject,
      evidence: [missing(gpu, key, file: file)])
  }

  /// Whether the link to the driver could be read: without it, no driver is no fact.
  static func isDriverKnown(_ box: Box, _ gpu: GPU) -> Bool {
    guard let function = box.function(gpu.address) else { return false }
    return gpu.driver != nil || !function.unknown.contains { $0.fact == "driver" }
  }

  /// Whether a note says why a fact is not there: its own, or that of a card that could not be
  /// asked at all, which is noted once.
  private static func coversFact(_ note: UnknownFact, _ key: String, of gpu: GPU) -> Bool {
    if note.fact == key || note.fact.hasPrefix(key + ".") { return true }
    switch note.fact {
    case "driverFacts": return true
    // Asleep, or dead.
    case "powerWatts": return note.path.hasSuffix("/power_state") || note.path.hasSuffix("/config")
    // NVML, without which the driver does not report it.
    case "memoryTotalBytes": return gpu.vendor == .nvidia
    default: return false
    }
  }
}

/// What a profile says of one GPU.
enum GPUExpectation {
  /// Nothing.
  case none
  /// It names kinds, and the kind of this GPU is not known.
  case unknown(Evidence)
  /// This kind, and the fact that identifies it.
  case kind(Profile.ExpectedGPU, Evidence)
}

extension Box {
  /// What the profile expects of a GPU: by its PCI id, or, where it names no id, of any card.
  func expectation(_ gpu: GPU) -> GPUExpectation {
    guard let expected = profile?.gpus, !expected.isEmpty else { return .none }
    let fact = "pci[\(gpu.address)].identity.deviceID"
    let path = "/sys/bus/pci/devices/\(gpu.address)/device"
    if expected.contains(where: { $0.pciID != nil }) {
      guard let id = function(gpu.address)?.identity.pciID else {
        return .unknown(Evidence(missing: fact, path: path, reason: "could not be read"))
      }
      if let match = expected.first(where: { $0.pciID == id }) {
        return .kind(match, Evidence(fact, id, path: path))
      }
    }
    guard expected.count == 1, let only = expected.first, only.pciID == nil else { return .none }
    let name = "gpus[\(gpu.address)].name"
    guard let value = gpu.name else {
      return .unknown(Evidence(missing: name, path: path, reason: "not reported"))
    }
    return gpu.cardClass.isCard ? .kind(only, Evidence(name, value, path: path)) : .none
  }
}
