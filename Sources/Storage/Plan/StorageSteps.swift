internal import Inventory

/// The steps of a plan: tables by tinybox itself, arrays and file systems by their own programs, called with lists of
/// arguments and with devices by UUID, since names may change from boot to boot.
enum StorageSteps {
  static func make(
    _ intent: StorageIntent, _ layout: StorageAnswers.Layout,
    _ drives: [(DriveReading, DriveJudgement)]
  ) -> [StorageStep] {
    var steps: [StorageStep] = []
    for ((_, judgement), planned) in zip(drives, intent.drives) {
      steps += table(judgement, planned)
    }
    let own = drives.map { $0.1.own }
    if layout == .plain {
      for (index, planned) in intent.drives.enumerated() {
        steps += format(
          intent, planned.fileSystemUUID ?? "", on: partition(planned), number: index + 1,
          serial: planned.serial, again: own[index] != nil)
      }
    } else {
      steps += array(intent, layout, drives)
    }
    for mount in intent.mounts { steps += self.mount(mount, intent) }
    return steps
  }

  private static func table(
    _ drive: DriveJudgement, _ planned: StorageIntent.Drive
  ) -> [StorageStep] {
    let title = "\(drive.name) (serial \(planned.serial))"
    var steps: [StorageStep] = []
    if drive.own == .table || drive.own == .content { return [] }
    if drive.state.allowsConsent {
      steps.append(
        StorageStep(
          .clearEnds, "write zeros over the first and last 16 MiB of \(title)",
          serial: planned.serial))
    }
    steps.append(
      StorageStep(
        .writeTable,
        "write a GPT \(planned.diskUUID) to \(title) with one partition \(planned.partitionUUID) from 1 MiB, \(planned.partitionBytes >> 20) MiB long",
        serial: planned.serial))
    steps.append(
      StorageStep(.wait, "wait for \(partition(planned))", path: partition(planned)))
    return steps
  }

  private static func array(
    _ intent: StorageIntent, _ layout: StorageAnswers.Layout,
    _ drives: [(DriveReading, DriveJudgement)]
  ) -> [StorageStep] {
    let own = drives.map { $0.1.own }
    let bytes = UUIDText.bytes(intent.drives.first?.arrayUUID ?? "") ?? []
    let uuid = UUIDText.array(bytes)
    let device = "/dev/disk/by-id/md-uuid-\(uuid)"
    let members = intent.drives.map(partition)
    var steps: [StorageStep] = []
    if own.allSatisfy({ $0 == .content }) {
      steps.append(
        run(
          "assemble the array", ["mdadm", "--assemble", "--scan", "--uuid=\(uuid)"], unless: device)
      )
    } else {
      // It was interrupted between two members, and the kernel may have begun to assemble the first ones.
      let running = Set(
        drives.flatMap { $0.0.uses.filter { $0.kind == .raid }.compactMap(\.target) })
      for name in running.sorted() {
        steps.append(run("stop the unfinished array", ["mdadm", "--stop", "/dev/\(name)"]))
      }
      for (planned, part) in zip(intent.drives, own) where part == .content {
        steps.append(
          run(
            "take the mark of the unfinished array from \(partition(planned))",
            ["mdadm", "--zero-superblock", partition(planned)], serial: planned.serial))
      }
      var command = [
        "mdadm", "--create", "/dev/md/tinybox", "--run", "--metadata=1.2", "--homehost=any",
        "--name=tinybox", "--uuid=\(uuid)", "--level=\(layout == .mirror ? "1" : "0")",
        "--raid-devices=\(members.count)",
      ]
      if layout == .mirror { command.append("--bitmap=internal") }
      steps.append(run("create the array", command + members, unless: device))
    }
    steps.append(StorageStep(.wait, "wait for \(device)", path: device))
    return steps
      + format(
        intent, intent.arrayFileSystemUUID ?? "", on: device, number: 1, serial: nil,
        again: own.contains { $0 != nil })
  }

  /// Nothing for a file system that was made to the end.
  private static func format(
    _ intent: StorageIntent, _ uuid: String, on device: String, number: Int, serial: String?,
    again: Bool
  ) -> [StorageStep] {
    if intent.formatted.contains(uuid) { return [] }
    let label = number == 1 ? "tinybox" : "tinybox-\(number)"
    let command =
      switch intent.answers.fileSystem {
      // No blocks for root alone: the system does not need this file system.
      case .ext4: ["mkfs.ext4", "-q", "-m", "0", "-U", uuid, "-L", label, device]
      // It refuses what is left of a run that was interrupted.
      case .xfs:
        ["mkfs.xfs", "-q"] + (again ? ["-f"] : []) + ["-m", "uuid=\(uuid)", "-L", label, device]
      }
    var step = run("make the file system", command, serial: serial)
    step.formats = uuid
    return [step]
  }

  private static func mount(
    _ mount: StoragePlan.Mount, _ intent: StorageIntent
  ) -> [StorageStep] {
    let path = mount.unitPath
    return [
      StorageStep(
        .writeFile, "write \(path)", path: path,
        content: MountUnit.text(mount, type: intent.answers.fileSystem.rawValue)),
      run("load it", ["systemctl", "daemon-reload"]),
      run("mount \(mount.point)", ["systemctl", "enable", "--now", mount.unit]),
    ]
  }

  private static func run(
    _ text: String, _ command: [String], serial: String? = nil, unless: String? = nil
  ) -> StorageStep {
    StorageStep(
      .run, "\(text): " + command.joined(separator: " "), serial: serial, command: command,
      unless: unless)
  }

  private static func partition(_ planned: StorageIntent.Drive) -> String {
    "/dev/disk/by-partuuid/\(planned.partitionUUID)"
  }
}

/// A unit of systemd that mounts a file system.
package enum MountUnit {
  /// The name of the unit of a mount point (systemd.unit(5), string escaping).
  static func name(_ path: String) -> String {
    let digits = Array("0123456789abcdef")
    var name = ""
    for (index, byte) in path.utf8.drop(while: { $0 == 0x2f }).enumerated() {
      switch byte {
      case 0x2f: name += "-"
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x3a:
        name.append(Character(Unicode.Scalar(byte)))
      case 0x2e where index > 0: name += "."
      default: name += "\\x" + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
    return name + ".mount"
  }

  /// Its text. A drive that is missing does not stop the boot: `nofail`.
  static func text(_ mount: StoragePlan.Mount, type: String) -> String {
    """
    # Written by tinybox.
    [Unit]
    Description=Storage of tinybox at \(mount.point)

    [Mount]
    What=/dev/disk/by-uuid/\(mount.fileSystemUUID)
    Where=\(mount.point)
    Type=\(type)
    Options=nofail,noatime

    [Install]
    WantedBy=local-fs.target

    """
  }
}
