internal import Base
internal import Inventory

extension Check {
  /// A finding for each NVMe controller, the further paths to a drive with them, or why there is
  /// none.
  static func eachController(
    _ box: Box, _ judge: (NVMeController, Subject) -> Finding
  ) -> [Finding] {
    if box.inventory.nvme.isEmpty { return [none(box, collector: "NVMe", "NVMe drive")] }
    return box.inventory.nvme.map { judge($0, Subject($0.name, $0.address)) }
  }

  /// A finding for each NVMe drive, or why there is none.
  static func eachDrive(
    _ box: Box, _ judge: (NVMeController, Subject) -> Finding
  ) -> [Finding] {
    if box.inventory.nvme.isEmpty { return [none(box, collector: "NVMe", "NVMe drive")] }
    return box.inventory.drives.map { judge($0, Subject($0.name, $0.address)) }
  }

  /// Why the root file system is not among the file systems.
  static func missingRoot(_ system: SystemState) -> Evidence {
    let key =
      system.unknown.contains { $0.fact == "fileSystems" } ? "fileSystems" : "fileSystems[/]"
    return Evidence(
      missing: "system.fileSystems", key: key, in: system.unknown, path: "/proc/mounts")
  }

  /// The SMART log of a drive could not be read.
  static func noHealth(_ drive: NVMeController, _ subject: Subject) -> Finding {
    unknown(
      "SMART log not read", subject,
      evidence: [
        Evidence(
          missing: "nvme[\(drive.name)].health", key: "health", in: drive.unknown,
          path: "nvme-smart/\(drive.name)")
      ])
  }

  /// A fact of a drive's SMART log.
  static func health(_ drive: NVMeController, _ key: String, _ value: String) -> Evidence {
    Evidence("nvme[\(drive.name)].health.\(key)", value, path: "nvme-smart/\(drive.name)")
  }
}
