internal import Inventory

/// Whether the disk that the box starts from is known, sound and fast enough.
enum BootDiskCheck: Check {
  static let info = CheckInfo(
    id: "boot-disk",
    title: "Boot disk",
    area: .storage,
    harm: .untidy,
    why: """
      The box is down when its boot disk fails. Many boxes boot from a USB disk. With a worn cable \
      or in a slow port it runs at 480 Mb/s, a tenth of what it should, and everything that is \
      loaded from it takes ten times as long.
      """,
    reads: [
      "nvme[*].isBootDisk, nvme[*].health",
      "system.fileSystems[/].usbMegabitsPerSecond (the `speed` file of the USB device)",
    ],
    verdicts: [
      .pass: "an NVMe drive that reports no trouble, or a USB disk at 5000 Mb/s or more",
      .warn: "a USB disk below 5000 Mb/s",
      .fail: "the boot drive reports a critical warning",
      .unknown:
        "the drive of the root file system is not known, or its health is not collected (SATA)",
      .notApplicable: "a virtual disk, or a container",
    ],
    fix:
      "Another port or cable for a slow USB disk; copy a failing boot disk while it is readable.",
    risk: "Changing the port may change the boot order.",
    sources: [
      "USB: 5000 Mb/s is SuperSpeed, 480 Mb/s is High Speed (/sys/bus/usb/devices/*/speed)",
      "tinyos, factory check: a USB boot disk must run at 5000",
    ],
    needs: [.system, .nvme, .machine, .pciDetail])

  private static let superSpeed = 5000.0

  static func evaluate(_ box: Box) -> [Finding] {
    if box.isInContainer { return [notApplicable("a container has no boot disk")] }
    let system = box.inventory.system
    let root = system.fileSystems.first { $0.mountPoint == "/" }
    if let speed = root?.usbMegabitsPerSecond { return [usb(speed)] }
    let drives = box.inventory.drives.filter { $0.isBootDisk == true }
    // A drive may hold the boot loader only.
    let hasRoot = drives.contains { drive in
      drive.namespaces.contains { $0.uses.contains { $0.kind == .mount && $0.target == "/" } }
    }
    return drives.map { nvme($0) } + (hasRoot ? [] : [elsewhere(box, root)])
  }

  private static func usb(_ speed: Double) -> Finding {
    let text = "\(Text.count(speed)) Mb/s"
    let evidence = [
      Evidence(
        "system.fileSystems[/].usbMegabitsPerSecond", text,
        path: "/sys/bus/usb/devices/*/speed")
    ]
    if speed >= superSpeed { return pass("USB at \(text)", evidence: evidence) }
    return warn(
      "USB at \(text)", evidence: evidence,
      consequence: "loads and saves at up to \(Text.tenths(speed / 10)) MB/s in place of "
        + "\(Text.count(superSpeed / 10))",
      advice: [
        Advice("plug it into a USB 3 port of the board itself, with another cable"),
        Advice(
          "see where it sits", commands: ["lsusb -t"],
          risk: "a boot disk in another port may move in the boot order"),
      ])
  }

  private static func nvme(_ drive: NVMeController) -> Finding {
    let subject = Subject(drive.name, drive.address)
    guard let health = drive.health else { return noHealth(drive, subject) }
    let evidence = [
      Evidence("nvme[\(drive.name)].isBootDisk", "yes", path: "/proc/mounts"),
      self.health(drive, "criticalWarning", "\(health.criticalWarning)"),
      self.health(drive, "mediaErrors", Text.count(health.mediaErrors)),
    ]
    // Bit 1 is heat, which passes: nvme-spare reports it.
    if health.criticalWarning & ~2 != 0 {
      return fail(
        "boot drive warns of its own failure", subject, evidence: evidence,
        consequence: "the box may not start again",
        advice: [Advice("copy it to another drive now, while it can be read")])
    }
    if health.mediaErrors > 0 {
      return warn(
        "\(Text.count(health.mediaErrors)) blocks could not be read", subject,
        evidence: evidence, consequence: "files of the system may be damaged",
        advice: [Advice("copy it to another drive and replace it")])
    }
    return pass("no trouble reported", subject, evidence: evidence)
  }

  /// The root is on no NVMe drive that is known.
  private static func elsewhere(_ box: Box, _ root: FileSystemState?) -> Finding {
    guard let root else {
      return unknown(
        "boot disk not known",
        evidence: [missingRoot(box.inventory.system)])
    }
    if box.isVirtual {
      return notApplicable(
        "a virtual disk",
        evidence: [
          Evidence("system.fileSystems[/].device", root.device, path: "/proc/mounts")
        ])
    }
    if root.type == "zfs" {
      return unknown(
        "boot disk not known: a ZFS pool",
        evidence: [
          Evidence("system.fileSystems[/].device", root.device, path: "/proc/mounts"),
          Evidence(
            missing: "nvme", path: "/proc/mounts", reason: "ZFS does not report its drives there"),
        ],
        advice: [Advice("ask ZFS itself", commands: ["zpool status -v"])])
    }
    if ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph", "overlay"].contains(root.type) {
      return notApplicable(
        "the root file system is \(root.type): on no disk of this machine, or under a layer",
        evidence: [Evidence("system.fileSystems[/].type", root.type, path: "/proc/mounts")])
    }
    return unknown(
      "health of \(root.device) is not collected",
      evidence: [
        Evidence("system.fileSystems[/].device", root.device, path: "/proc/mounts"),
        Evidence(
          missing: "nvme", path: "/sys/class/nvme",
          reason: "no NVMe drive is known to hold the root file system"),
      ],
      advice: [
        Advice("ask the disk itself", commands: ["smartctl -H -A /dev/\(root.device)"])
      ])
  }
}
