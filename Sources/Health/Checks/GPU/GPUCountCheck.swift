internal import Base
internal import Inventory

/// Whether all GPUs are there.
enum GPUCountCheck: Check {
  static let info = CheckInfo(
    id: "gpu-count",
    title: "Number of GPUs",
    area: .gpu,
    harm: .deviceLost,
    why: """
      A GPU that is gone sends no error: it is just not listed. After a warm reset a card may stay \
      missing until the machine is powered off. A job then runs on the remaining GPUs, or fails \
      with an error that does not show the cause. A missing GPU is named by slot and address, \
      never by a number, because numbers change.
      """,
    reads: ["gpus", "pci[ADDRESS].identity", "the profile's gpus and places"],
    verdicts: [
      .pass: "as many of each kind as the profile says, or more",
      .fail: "fewer",
      .notApplicable: "no profile says how many",
      .unknown: "GPUs or their ids could not be read",
    ],
    fix: "Power off, unplug for 30 s, power on; then reseat card and cables of that slot.",
    risk: "A cold start ends all jobs.",
    sources: [
      "tinygrad: stuck GPUs need a power cycle (tinygrad/tinygrad#16798)",
      "the profile, `tinyboxctl profile`",
    ],
    needs: [.pci, .gpus], concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] {
    guard let expected = box.profile?.gpus, !expected.isEmpty else {
      return [notApplicable("no profile says how many")]
    }
    let gpus = box.inventory.gpus
    if gpus.isEmpty {
      let report = box.inventory.collectors.first { $0.name == "GPU" }
      if report?.outcome != .nothing { return [none(box, collector: "GPU", "GPU")] }
    }
    var left = gpus
    // Kinds with an id take theirs first, the others share the rest.
    var ordered = expected.filter { $0.pciID != nil }
    ordered += expected.filter { $0.pciID == nil }
    return ordered.map { kind in
      let matching = left.filter { gpu in
        guard let id = kind.pciID else { return gpu.cardClass.isCard }
        return box.function(gpu.address)?.identity.pciID == id
      }
      let taken = Set(matching.prefix(kind.pciID == nil ? max(0, kind.count) : .max).map(\.address))
      left.removeAll { taken.contains($0.address) }
      return judge(box, kind, matching)
    }
  }

  private static func judge(
    _ box: Box, _ kind: Profile.ExpectedGPU, _ found: [GPU]
  ) -> Finding {
    let name = kind.name ?? kind.pciID ?? "GPU"
    let subject = Subject(name)
    let addresses = found.map(\.address.short).joined(separator: ", ")
    var evidence = [
      Evidence("gpus", found.isEmpty ? "none" : addresses, path: "/sys/bus/pci/devices")
    ]
    for gpu in found {
      let base = "/sys/bus/pci/devices/\(gpu.address)"
      if let id = kind.pciID {
        evidence += [
          Evidence("pci[\(gpu.address)].identity.vendorID", id, path: base + "/vendor"),
          Evidence("pci[\(gpu.address)].identity.deviceID", id, path: base + "/device"),
        ]
      } else {
        evidence.append(Evidence("gpus[\(gpu.address)].name", gpu.name ?? "", path: base))
      }
    }
    // Those that may be of the kind, because what would show it is missing.
    let nameless = box.inventory.gpus.filter { gpu in
      kind.pciID == nil ? gpu.name == nil : box.function(gpu.address)?.identity.pciID == nil
    }
    if !nameless.isEmpty, found.count + nameless.count >= kind.count {
      return unknown(
        "ids of some GPUs not known", subject,
        evidence: evidence
          + nameless.map { gpu in
            Evidence(
              missing: kind.pciID == nil
                ? "gpus[\(gpu.address)].name" : "pci[\(gpu.address)].identity.deviceID",
              path: "/sys/bus/pci/devices/\(gpu.address)/device", reason: "could not be read")
          })
    }
    if found.count >= kind.count {
      return pass("\(found.count) of \(kind.count)", subject, evidence: evidence)
    }
    return fail(
      "\(kind.count - found.count) of \(kind.count) missing\(gone(box, kind))", subject,
      evidence: evidence, consequence: "\(found.count) of \(kind.count) GPUs to compute on",
      advice: [
        Advice(
          "power off, take the power away for 30 s, power on",
          commands: ["ipmitool chassis power off"], risk: "ends all jobs", needsReboot: true),
        Advice(
          "look for what the kernel saw of it, then reseat card, riser and power cables",
          commands: ["dmesg | grep -E 'pcieport|link down|fallen off'"],
          risk: "those of opening the machine"),
      ])
  }

  /// Where the missing ones were when the profile was learned: places of the kind with no GPU.
  private static func gone(_ box: Box, _ kind: Profile.ExpectedGPU) -> String {
    let present = Set(box.inventory.gpus.map(\.address))
    let empty = (box.profile?.places ?? []).filter { place in
      place.kind == .gpu && !present.contains(place.address)
        && (kind.pciID == nil || place.pciID == nil || place.pciID == kind.pciID)
    }
    if empty.isEmpty { return "" }
    return ": "
      + empty.map { place in
        place.address.short + (place.slot.map { " (slot \($0))" } ?? "")
      }.joined(separator: ", ")
  }
}
