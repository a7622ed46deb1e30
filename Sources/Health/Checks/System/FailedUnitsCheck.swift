internal import Inventory

/// Units of systemd that failed and that a GPU box needs.
enum FailedUnitsCheck: Check {
  static let info = CheckInfo(
    id: "failed-units",
    title: "Failed systemd units",
    area: .system,
    harm: .untidy,
    why: """
      A unit that failed at boot stays failed, without another message. Without its driver's \
      daemon a card is slow to start; without its mount the files of a disk are missing; without \
      the network the box cannot be reached. Units that have nothing to do with what the box is \
      for are counted only.
      """,
    reads: ["system.failedUnits (systemd over D-Bus: ListUnitsFiltered)"],
    verdicts: [
      .pass: "none failed that matters here",
      .warn: "a unit that a GPU box needs has failed",
      .fail: "a unit of tinybox's own has failed",
      .unknown: "systemd could not be asked",
      .notApplicable: "a container without systemd",
    ],
    fix: "Read its journal, correct the cause, start it again.",
    risk: "Starting a unit again may interrupt what uses it.",
    sources: ["org.freedesktop.systemd1(5)", "systemctl(1): --failed"],
    needs: [.system, .machine])

  /// How names of units start that a GPU box needs.
  private static let needed = [
    "nvidia", "amdgpu", "rocm", "docker", "containerd", "podman", "irqbalance", "mdmonitor",
    "mdadm", "mdcheck", "smartd", "smartmontools", "chrony", "systemd-timesyncd", "ntp",
    "systemd-modules-load", "systemd-networkd", "NetworkManager", "networking", "ssh", "openibd",
    "systemd-udevd", "local-fs", "systemd-fsck", "systemd-remount-fs", "systemd-sysctl",
  ]

  static func evaluate(_ box: Box) -> [Finding] {
    let system = box.inventory.system
    let path = "systemd/failed-units"
    guard let units = system.failedUnits else {
      if box.isInContainer { return [notApplicable("a container's units are its engine's")] }
      return [
        unknown(
          "systemd could not be asked",
          evidence: [
            Evidence(
              missing: "system.failedUnits", key: "failedUnits", in: system.unknown, path: path)
          ])
      ]
    }
    let mine = units.filter { matters($0) && !isRuntime($0, box) }
    if mine.isEmpty {
      let text = units.isEmpty ? "none" : units.map(\.name).joined(separator: ", ")
      return [
        pass(
          units.isEmpty ? "none" : "\(units.count) failed, none that matters here",
          evidence: [Evidence("system.failedUnits", text, path: path)])
      ]
    }
    return mine.map { unit in
      let name = Text.quoted(unit.name)
      let evidence = [
        Evidence("system.failedUnits", unit.summary ?? unit.name, path: path)
      ]
      let advice = [
        Advice("read why", commands: ["journalctl -b -u \(name)"]),
        Advice(
          "start it again when the cause is gone", commands: ["systemctl restart \(name)"],
          risk: "interrupts what uses it"),
      ]
      return unit.name.hasPrefix("tinybox")
        ? fail("failed", Subject(unit.name), evidence: evidence, advice: advice)
        : warn("failed", Subject(unit.name), evidence: evidence, advice: advice)
    }
  }

  /// Whether it is a runtime of a model, of which another check says more.
  private static func isRuntime(_ unit: FailedUnit, _ box: Box) -> Bool {
    (box.inventory.runtimes?.runtimes ?? []).contains {
      unit.name == RuntimeEvidence.unit($0) && ($0.state != nil || $0.hasUnit == true)
    }
  }

  private static func matters(_ unit: FailedUnit) -> Bool {
    // A mount that failed is a disk that is not there.
    unit.name.hasPrefix("tinybox") || unit.name.hasSuffix(".mount")
      || needed.contains(where: unit.name.hasPrefix)
  }
}
