internal import Base
internal import Inventory

/// Whether the drives and interfaces are there that the profile expects.
enum ExpectedDevicesCheck: Check {
  static let info = CheckInfo(
    id: "expected-devices",
    title: "Missing drives and interfaces",
    area: .pcie,
    harm: .deviceLost,
    why: """
      A device that does not come up at boot sends no error: there is just one less. Only a list \
      of what should be there shows it. GPUs have a check of their own (gpu-count).
      """,
    reads: [
      "nvme[].address, nics[].address", "pci[].identity", "profile: places, nvme.count, nics.count",
    ],
    verdicts: [
      .pass: "everything expected is there",
      .warn: "another device in the place of one",
      .fail: "a drive or interface is missing",
      .unknown: "drives or interfaces could not be listed",
      .notApplicable: "no profile",
    ],
    fix: """
      Look whether the device shows up after a power cycle, then at its slot, cable and riser. \
      When the change is intended: tinyboxctl profile learn --replace.
      """,
    risk: "a power cycle ends everything that runs",
    sources: ["Slurm, gres AutoDetect: compares configured with detected and drains the node"],
    needs: [.pci, .nvme, .nics], concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] {
    guard let profile = box.profile else {
      return [
        notApplicable("no profile says what should be there ('tinyboxctl profile learn')")
      ]
    }
    if let places = profile.places {
      let wanted = places.filter { $0.kind != .gpu }
      if wanted.isEmpty { return [notApplicable("the profile expects no drive or interface")] }
      return wanted.map { finding($0, box) }
    }
    return [count(profile.nvme, "NVMe", "drives", box), count(profile.nics, "NIC", "ports", box)]
      .compactMap { $0 }
  }

  private static func finding(_ place: Profile.Place, _ box: Box) -> Finding {
    let kind = place.kind.label
    let name = "\(kind) \(place.address.short)\(place.slot.map { " (\($0))" } ?? "")"
    let subject = Subject(name, place.address)
    let path = "/sys/bus/pci/devices/\(place.address)"
    let expected = Evidence(
      "profile.places[\(place.address)]", place.name ?? place.pciID ?? kind, path: "profile")
    guard let function = box.function(place.address) else {
      if box.inventory.pci.isEmpty { return none(box, collector: "PCI", kind) }
      return fail(
        "missing: \(place.name ?? kind) was here", subject,
        evidence: [expected, Evidence("pci[\(place.address)]", "not there", path: path)],
        consequence: "what is on it cannot be used",
        advice: [
          Advice(
            "look for it on the bus",
            commands: ["echo 1 > /sys/bus/pci/rescan", "tinyboxctl devices"],
            risk: "devices that were removed on purpose come back"),
          Advice("power cycle; then look at slot, cable and riser", needsReboot: true),
          Advice(
            "when the change is intended, learn the profile anew",
            commands: ["tinyboxctl profile learn --replace"]),
        ])
    }
    guard let now = function.identity.pciID else {
      return unknown(
        "unknown what is there", subject,
        evidence: [
          expected,
          Evidence(
            missing: "pci[\(place.address)].identity", key: "identity", in: function.unknown,
            path: path + "/vendor"),
        ])
    }
    let evidence = [expected, Evidence("pci[\(place.address)].identity", now, path: path)]
    if let id = place.pciID, id != now {
      return warn(
        "another device: \(function.identity.deviceName ?? now)", subject, evidence: evidence,
        consequence: "what was learned of this place is no longer true",
        advice: [
          Advice(
            "when the change is intended, learn the profile anew",
            commands: ["tinyboxctl profile learn --replace"])
        ])
    }
    return pass("there", subject, evidence: evidence)
  }

  private static func count(
    _ expected: Profile.ExpectedCount?, _ collector: String, _ what: String, _ box: Box
  ) -> Finding? {
    guard let expected else { return nil }
    let found =
      collector == "NVMe"
      ? Set(box.inventory.nvme.compactMap(\.address))
      : Set(box.inventory.nics.compactMap(\.address))
    let report = box.inventory.collectors.first { $0.name == collector }
    guard let report, report.outcome != .failed else {
      return unknown(
        "\(what) could not be listed",
        evidence: [
          Evidence(
            missing: "collectors[\(collector)]", path: collector,
            reason: report?.note ?? "not collected")
        ])
    }
    let list = collector == "NVMe" ? "nvme" : "nics"
    let evidence = [
      Evidence(list, "\(found.count)", path: "/sys/class/\(collector == "NVMe" ? "nvme" : "net")"),
      Evidence("profile.\(list).count", "\(expected.count)", path: "profile"),
    ]
    if found.count >= expected.count {
      return pass("\(found.count) \(what)", evidence: evidence)
    }
    return fail(
      "\(found.count) \(what) of \(expected.count) expected", evidence: evidence,
      consequence: "what is missing cannot be used",
      advice: [Advice("power cycle; then look at slots, cables and risers", needsReboot: true)])
  }
}
