internal import Inventory

/// Numbers of this folder's summaries, as the rest of the program writes them.
enum StorageText {
  /// Bytes in GiB, or MiB below one: `12.3 GiB`.
  static func size(_ bytes: Int) -> String {
    let mebibytes = Double(bytes) / 1_048_576
    return mebibytes < 1024
      ? "\(Int(mebibytes)) MiB" : "\(tenths(mebibytes / 1024)) GiB"
  }

  /// A share as percent, below ten with a tenth: `2.5 %`.
  static func percent(_ share: Double) -> String {
    share < 0.1 ? "\(tenths(share * 100)) %" : "\(Int((share * 100).rounded())) %"
  }

  /// A number with one place after the point.
  static func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scaled = Int((abs(value) * 10).rounded())
    return "\(value < 0 ? "-" : "")\(scaled / 10).\(scaled % 10)"
  }

  /// A count that the drive keeps in 128 bits.
  static func count(_ value: Double) -> String {
    value < 1e15 && value >= 0 ? "\(Int(value))" : "\(value)"
  }
}

extension Box {
  /// Whether the program runs in a container, which sees its host's hardware but not its system.
  var isInContainer: Bool { inventory.machine.virtualization?.kind == .container }
}

extension Check {
  /// A finding for each NVMe controller, or why there is none.
  static func eachDrive(
    _ box: Box, _ judge: (NVMeController, Subject) -> Finding
  ) -> [Finding] {
    if box.inventory.nvme.isEmpty { return [none(box, collector: "NVMe", "NVMe drive")] }
    return box.inventory.nvme.map { judge($0, Subject($0.name, $0.address)) }
  }

  /// The SMART log of a drive could not be read.
  static func noHealth(_ drive: NVMeController, _ subject: Subject) -> Finding {
    unknown(
      "SMART log not read", subject,
      evidence: [
        Evidence(
          missing: "nvme[\(drive.name)].health", key: "health", in: drive.unknown,
          path: "nvme-smart/\(drive.name)")
      ],
      advice: [Advice("run as root: the log is an admin command to the drive")])
  }

  /// A fact of a drive's SMART log.
  static func health(_ drive: NVMeController, _ key: String, _ value: String) -> Evidence {
    Evidence("nvme[\(drive.name)].health.\(key)", value, path: "nvme-smart/\(drive.name)")
  }
}
