internal import Base
internal import Inventory

/// The file system that a scratch file or folder lies on.
struct ScratchPlace: Hashable {
  /// Where it is mounted.
  var mountPoint: String
  /// Its block device, such as `nvme0n1p2`, `md0`, `dm-1`.
  var device: String
  /// `ext4`, `xfs`.
  var type: String
  /// Bytes free; nil where not known.
  var freeBytes: Int?
  /// Drives below it.
  var drives: [NVMeDrive]
  /// The drive that it lies on directly, on the whole of it or on a partition.
  var drive: NVMeDrive?

  /// The file system of a path, by the longest mount point that begins it; nil where there is none. Links
  /// are not followed here: the file's own file system is compared when it is measured.
  init?(_ path: String, _ drives: [NVMeDrive], _ inventory: Inventory) {
    let parts = path.split(separator: "/")
    guard path.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else { return nil }
    var mounts: [(point: String, device: String, type: String, free: Int?)] =
      inventory.system.fileSystems.map {
        ($0.mountPoint, $0.device, $0.type, $0.freeBytes)
      }
    for use in drives.flatMap(\.namespace.uses) where use.kind == .mount {
      guard let point = use.target else { continue }
      mounts.append((point, use.device, use.detail ?? "unknown type", use.freeBytes))
    }
    func depth(_ point: String) -> Int? {
      let own = point.split(separator: "/")
      return parts.starts(with: own) ? own.count : nil
    }
    let found = mounts.filter { depth($0.point) != nil }
    guard let best = found.max(by: { (depth($0.point) ?? 0) < (depth($1.point) ?? 0) }) else {
      return nil
    }
    mountPoint = best.point
    device = best.device
    type = best.type
    freeBytes = found.filter { $0.point == best.point }.compactMap(\.free).min()
    let below = drives.filter { drive in
      drive.namespace.uses.contains { $0.kind == .mount && $0.target == best.point }
    }
    self.drives = below
    drive = below.count == 1 ? below.first { $0.holds(best.device) } : nil
  }

  /// Key of what is measured through it, in facts that stay.
  var key: String { drive?.key ?? "mount-\(SeriesKey.part(mountPoint))" }

  /// For people.
  var subject: String {
    "\(type) at \(mountPoint) on " + (drive?.subject ?? device)
  }
}
