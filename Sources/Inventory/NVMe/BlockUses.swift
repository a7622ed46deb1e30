package import Base
package import KernelTree

/// What lies on block devices: partitions, file systems, swap, md arrays, device mapper.
///
/// Tables are read once; each device's folder once for each drive below it. A chain of holders
/// ends at a device seen before, so arrays that hold each other do not matter.
package struct BlockUses {
  private let tree: KernelTree
  private var mounts: MountTable?
  private var swaps: Set<String>?
  /// Members of the btrfs file system each device belongs to: only one of them is in the table.
  private var btrfs: [String: [String]] = [:]
  /// Whether ZFS is loaded, which leaves no trace of the drives it uses.
  private let hasZFS: Bool
  /// Whether the root file system lies on a device that can be followed, or on no drive at all.
  /// Only then is a drive known not to be the boot disk.
  package private(set) var canPlaceRoot = false
  /// Free bytes by device: a file system may be mounted many times.
  private var free: [String: Int?] = [:]
  /// The questions to the kernel about free bytes, asked all at once.
  private var spaces = SpaceQuestions()
  /// Facts of all drives that could not be determined.
  package private(set) var unknown: [UnknownFact] = []

  /// What was found on one drive.
  package struct Found {
    /// Uses, partitions in order, what lies on top after each.
    package var uses: [NVMeController.Use] = []
    /// Mount points on it.
    package var points: Set<String> = []
    /// Facts that could not be determined.
    package var unknown: [UnknownFact] = []
    /// Whether all that lies on it was seen.
    package var isComplete = true
    /// Devices seen.
    fileprivate var seen: Set<String> = []
  }

  /// Devices looked at on one drive at most: a drive has a few.
  private static let maximumDevices = 512

  /// Reads the tables of the machine.
  package init(_ tree: KernelTree) {
    self.tree = tree
    hasZFS = tree.exists("/proc/spl/kstat/zfs")
    readTables()
    for id in tree.namesIfPresent("/sys/fs/btrfs") {
      let members = tree.namesIfPresent("/sys/fs/btrfs/\(id)/devices")
      for member in members { btrfs[member] = members }
    }
  }

  private mutating func readTables() {
    do throws(ReadFailure) {
      mounts = MountTable(try MountTable.text(tree))
      placeRoot()
      if tree.isLive { spaces = SpaceQuestions(mounts?.pointsOnDevices ?? []) }
    } catch {
      unknown.append(UnknownFact(fact: "uses.mount", path: error.path, reason: error.reason))
    }
    do throws(ReadFailure) {
      swaps = MountTable.swaps(try tree.bytes("/proc/swaps", sensitivity: .freeText))
    } catch {
      // A kernel without swap support has no such file.
      if error.cause == .notFound && mounts != nil {
        swaps = []
      } else {
        unknown.append(UnknownFact(fact: "uses.swap", path: error.path, reason: error.reason))
      }
    }
  }

  /// Finds the device of the root file system. Without an initial RAM disk the table says
  /// `/dev/root`, and with one it may say the name of a link; the device number is always right,
  /// except with btrfs, which has a number of its own.
  private mutating func placeRoot() {
    guard let root = mounts?.root else { return }
    guard root.source.hasPrefix("/dev/") else {
      // These lie on no drive of this machine.
      canPlaceRoot = [
        "nfs", "nfs4", "tmpfs", "ramfs", "rootfs", "9p", "virtiofs", "cifs",
      ].contains(root.type)
      return
    }
    let name = String(root.source.dropFirst(5))
    if name.hasPrefix("mapper/") || tree.exists("/sys/class/block/" + name) {
      canPlaceRoot = true
      return
    }
    guard
      let text = try? tree.bytes(
        "/proc/self/mountinfo", limit: 16 << 20, sensitivity: .freeText),
      let number = MountTable.rootNumber(mountinfo: text),
      let device = (try? tree.realPath("/sys/dev/block/" + number))?.split(separator: "/").last
    else { return }
    mounts?.rename(name, to: String(device))
    canPlaceRoot = true
  }

  /// What lies on a drive: `name` is its folder in `/sys/block`.
  package mutating func on(_ name: String) -> Found {
    var found = Found()
    visit(name, folder: "/sys/block/" + name, label: nil, &found)
    return found
  }

  /// Whether the running system lies on a drive, as what was found on it says; nil where that cannot be said.
  package func holdsSystem(_ found: Found) -> Bool? {
    if !found.points.isDisjoint(with: ["/", "/boot", "/boot/efi", "/efi"]) { return true }
    return canPlaceRoot && found.isComplete ? false : nil
  }

  /// One device: its own uses, its partitions, its holders.
  private mutating func visit(
    _ name: String, folder: String, label: String?, _ found: inout Found
  ) {
    if found.seen.contains(name) { return }
    if found.seen.count >= BlockUses.maximumDevices {
      found.isComplete = false
      return
    }
    found.seen.insert(name)
    let before = found.uses.count
    let names: [String]
    do throws(ReadFailure) {
      names = try tree.names(folder)
    } catch {
      note(error, &found)
      return
    }
    let size = size(folder, &found)
    addMounts(name, label, size, &found)
    if swaps?.contains(name) == true || label.map({ swaps?.contains($0) == true }) == true {
      found.uses.append(NVMeController.Use(device: name, kind: .swap, sizeBytes: size))
    }
    var isInUse = found.uses.count > before
    var holders: [String] = []
    if names.contains("holders") {
      do throws(ReadFailure) {
        holders = try tree.names(folder + "/holders")
      } catch {
        note(error, &found)
        isInUse = true  // It may be: not idle for certain.
      }
    }
    for holder in holders {
      hold(name, holder, size, &found)
      isInUse = true
    }
    // Partitions are folders of the disk named after it: nvme0n1p1, md0p1.
    for part in names where part.hasPrefix(name) && part != name {
      guard tree.exists("\(folder)/\(part)/partition") || isPartition(part, of: name)
      else { continue }
      visit(part, folder: "\(folder)/\(part)", label: nil, &found)
      isInUse = true
    }
    if isInUse { return }
    if mounts == nil || swaps == nil { return }  // "Nothing uses it" would be a guess.
    if hasZFS {
      found.unknown.append(
        UnknownFact(
          fact: "uses", path: folder, reason: "ZFS is loaded and does not say which drives it uses"
        ))
      return
    }
    found.uses.append(NVMeController.Use(device: name, kind: .idle, sizeBytes: size))
  }

  private func note(_ failure: ReadFailure, _ found: inout Found) {
    found.isComplete = false
    found.unknown.append(UnknownFact(fact: "uses", path: failure.path, reason: failure.reason))
  }

  private func isPartition(_ part: String, of disk: String) -> Bool {
    let rest = part.dropFirst(disk.count)
    return rest.first == "p" && Int(rest.dropFirst()) != nil
  }

  /// A holder: what is stacked on `name`.
  private mutating func hold(
    _ name: String, _ holder: String, _ size: Int?, _ found: inout Found
  ) {
    var use = NVMeController.Use(device: name, kind: .other, target: holder, sizeBytes: size)
    let folder = "/sys/block/" + holder
    var label: String?
    if holder.hasPrefix("md") {
      use.kind = .raid
      use.detail = tree.textIfPresent(folder + "/md/level").flatMap { $0.isEmpty ? nil : $0 }
    } else if holder.hasPrefix("dm-") {
      use.kind = .deviceMapper
      do throws(ReadFailure) {
        let mapping = try tree.text(folder + "/dm/name", sensitivity: .freeText)
        if !mapping.isEmpty {
          use.target = mapping
          label = "mapper/" + mapping
        }
      } catch {
        note(error, &found)
      }
    }
    found.uses.append(use)
    visit(holder, folder: folder, label: label, &found)
  }

  /// File systems mounted from a device.
  private mutating func addMounts(
    _ name: String, _ label: String?, _ size: Int?, _ found: inout Found
  ) {
    guard let mounts else { return }
    var here = mounts.of(name)
    if let label { here += mounts.of(label) }
    if here.isEmpty {
      for member in btrfs[name] ?? [] { here += mounts.of(member) }
    }
    var points: Set<String> = []
    for mount in here where points.insert(mount.point).inserted {
      found.points.insert(mount.point)
      found.uses.append(
        NVMeController.Use(
          device: name, kind: .mount, target: mount.point, detail: mount.type,
          freeBytes: freeBytes(name, mount.point, &found), sizeBytes: size))
    }
  }

  /// Free bytes of the file system at a mount point, asked once for each device.
  private mutating func freeBytes(
    _ device: String, _ point: String, _ found: inout Found
  ) -> Int? {
    if let known = free[device] { return known }
    let name = SpaceAnswer.probeName(point)
    var bytes: Int?
    do throws(ReadFailure) {
      let text = try tree.probe(name, sensitivity: .none) { () throws(ReadFailure) in
        try spaces.answer(point)
      }
      bytes = SpaceAnswer.free(text)
      if bytes == nil {
        found.unknown.append(
          UnknownFact(fact: "freeBytes", path: name, reason: "cannot understand the answer"))
      }
    } catch {
      found.unknown.append(UnknownFact(fact: "freeBytes", path: name, reason: error.reason))
    }
    free[device] = .some(bytes)
    return bytes
  }

  /// Size of a device from its folder, bytes: sysfs counts 512 bytes whatever the block size.
  private func size(_ folder: String, _ found: inout Found) -> Int? {
    var reader = FactReader(tree, base: folder)
    let bytes = BlockUses.size(&reader)
    found.unknown += reader.unknown
    return bytes
  }

  /// Size of the device a reader stands at, bytes.
  static func size(_ reader: inout FactReader) -> Int? {
    reader.parsed("sizeBytes", "size", expected: true) { text in
      guard let sectors = ASCII.decimal(text), sectors >= 0 else { return nil }
      let (bytes, overflow) = sectors.multipliedReportingOverflow(by: 512)
      return overflow ? nil : bytes
    }
  }
}
