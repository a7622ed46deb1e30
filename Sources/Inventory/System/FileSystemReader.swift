internal import Base
internal import KernelTree

/// The file systems that hold files, from the mount table: those on block devices, those that keep
/// their devices to themselves (ZFS), those of servers, and the root whatever it is.
struct FileSystemReader {
  private let tree: KernelTree
  /// Names of device mapper devices, `vg-root` to `dm-0`; read when the first is needed.
  private var mappings: [String: String]?
  /// `/proc/self/mountinfo`; read when a name in the table is no device.
  private var mountInfo: [UInt8]?
  /// The questions to the kernel about space, asked all at once.
  private var spaces = SpaceQuestions()

  private init(_ tree: KernelTree) { self.tree = tree }

  /// Images: they are always full, and nobody writes to them.
  private static let images: Set<String> = [
    "squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs",
  ]

  /// What the kernel makes up, or keeps in memory: nothing fills it (`nodev` of /proc/filesystems).
  private static let kernelTypes: Set<String> = [
    "proc", "sysfs", "devtmpfs", "devpts", "tmpfs", "ramfs", "rootfs", "cgroup", "cgroup2",
    "cpuset",
    "securityfs", "selinuxfs", "smackfs", "debugfs", "tracefs", "pstore", "efivarfs", "bpf",
    "mqueue", "hugetlbfs", "configfs", "fusectl", "binfmt_misc", "autofs", "rpc_pipefs", "nfsd",
    "nsfs", "pipefs", "sockfs", "bdev", "resctrl", "xenfs", "functionfs", "usbfs", "usbdevfs",
    "binder", "dax", "secretmem", "guest_memfd", "fuse", "none",
  ]

  /// File systems mounted, the root first, then by mount point.
  static func read(_ tree: KernelTree, _ reader: inout FactReader) -> [FileSystemState] {
    let fact = "fileSystems"
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try MountTable.text(tree)
    } catch {
      reader.note(fact, error, expected: true)
      return []
    }
    reader.note(fact, source: "/proc/mounts")
    var sweep = FileSystemReader(tree)
    let table = MountTable(text)
    // What is mounted at a point is what was mounted there last.
    var covered: Set<String> = []
    var visible: [MountTable.Mount] = []
    for mount in table.mounts.reversed() where covered.insert(mount.point).inserted {
      visible.append(mount)
    }
    if let root = table.root, !isWanted(root) {
      reader.note(
        fact + "[/]", path: "/proc/mounts",
        unknown: "the root file system is \(root.type), which contains no files of a drive")
    } else if table.root == nil {
      reader.note(fact + "[/]", path: "/proc/mounts", unknown: "no root file system in the table")
    }
    var seen: Set<String> = []
    var chosen: [(mount: MountTable.Mount, device: String?)] = []
    // In the table's order, but for the root: an earlier mount of the same device is a part of it.
    let ordered =
      visible.reversed().filter { $0.point == "/" }
      + visible.reversed().filter { $0.point != "/" }
    for mount in ordered where isWanted(mount) {
      let isLocal = mount.source.hasPrefix("/dev/")
      let device = isLocal ? sweep.kernelName(mount) : nil
      // An engine mounts single files of the host's into a container. What lies on a server is not
      // asked: it may be away.
      if isLocal, (try? tree.status(mount.point))?.kind == .file { continue }
      if seen.insert(device ?? store(mount)).inserted {
        chosen.append((mount, device))
      }
    }
    if tree.isLive { sweep.spaces = SpaceQuestions(chosen.map(\.mount.point)) }
    let found = chosen.map { sweep.state($0.mount, $0.device) }
    return found.sorted { a, b in
      if a.mountPoint == "/" || b.mountPoint == "/" { return a.mountPoint == "/" }
      return NaturalOrder.precedes(a.mountPoint, b.mountPoint)
    }
  }

  private static func isWanted(_ mount: MountTable.Mount) -> Bool {
    // A line that was cut has no options, and nothing says whether it may be written. A file system
    // of a program (FUSE) answers when and what it likes.
    if mount.options.isEmpty || images.contains(mount.type) || mount.type.hasPrefix("fuse.") {
      return false
    }
    if mount.source.hasPrefix("/dev/") {
      return !mount.source.hasPrefix("/dev/loop") || mount.point == "/"
    }
    // An overlay has the space of the file system under it: engines mount one a container.
    if mount.type == "overlay" || mount.type == "aufs" { return mount.point == "/" }
    return !kernelTypes.contains(mount.type)
  }

  /// What a mount without a device has its space from: all data sets of a ZFS pool share its. With the
  /// type: sources are names of each type's own, and some types all have the same (`none`).
  private static func store(_ mount: MountTable.Mount) -> String {
    let pool = mount.type == "zfs" ? mount.source.split(separator: "/").first : nil
    return "\(mount.type) \(pool.map { String($0) } ?? mount.source)"
  }

  /// The facts of one file system; `device` is the kernel's name of what it lies on.
  private mutating func state(
    _ mount: MountTable.Mount, _ device: String?
  ) -> FileSystemState {
    let isLocal = mount.source.hasPrefix("/dev/")
    let written = isLocal ? String(mount.source.dropFirst(5)) : mount.source
    var state = FileSystemState(
      // A link's name says less than the device; a mapping's says more.
      mountPoint: mount.point,
      device: written.hasPrefix("mapper/") ? written : device ?? written,
      type: mount.type, isReadOnly: mount.options.contains("ro"))
    if mount.type.hasPrefix("ext") {
      state.remountsReadOnly = mount.options.contains("errors=remount-ro")
    }
    var reader = FactReader(tree, base: "/sys/fs/ext4/" + (device ?? ""))
    space(mount.point, &state, &reader)
    if let device {
      if mount.type.hasPrefix("ext") {
        // ext2 and ext3 are driven by ext4 too; an old driver of their own keeps no count.
        state.errorCount = reader.decimal(
          "errorCount", "errors_count", expected: mount.type == "ext4")
      }
      state.usbMegabitsPerSecond = USBSpeed.slowest(below: device, tree)
    } else if isLocal {
      reader.note(
        "errorCount", path: "/sys/class/block", unknown: "no block device \(written)")
    }
    state.unknown = reader.unknown
    return state
  }

  private func space(
    _ point: String, _ state: inout FileSystemState, _ reader: inout FactReader
  ) {
    let name = SpaceAnswer.probeName(point)
    do throws(ReadFailure) {
      let numbers = SpaceAnswer.numbers(
        try tree.probe(name, sensitivity: .none) { () throws(ReadFailure) in
          try spaces.answer(point)
        })
      state.totalBytes = numbers["total"]
      state.freeBytes = numbers["free"]
      state.totalFiles = numbers["files-total"]
      state.freeFiles = numbers["files-free"]
      for (fact, key) in [
        ("totalBytes", "total"), ("freeBytes", "free"), ("totalFiles", "files-total"),
        ("freeFiles", "files-free"),
      ] where numbers[key] == nil {
        reader.note(fact, path: name, unknown: "not in the answer")
      }
    } catch {
      reader.note("freeBytes", path: name, unknown: error.reason)
    }
  }

  // MARK: - Names of devices

  /// The kernel's name of the device of a mount: `sda2`, `dm-0`.
  private mutating func kernelName(_ mount: MountTable.Mount) -> String? {
    // bcachefs names all its devices; the first stands for them.
    let first = mount.source.split(separator: ":").first.map { String($0) } ?? mount.source
    let name = String(first.dropFirst(5))
    if name.hasPrefix("mapper/") { return mapped(String(name.dropFirst(7))) }
    if !name.contains("/"), tree.exists("/sys/class/block/" + name) { return name }
    // `/dev/root` and links of udev: the number is right, except with btrfs.
    if mountInfo == nil {
      mountInfo =
        (try? tree.bytes("/proc/self/mountinfo", limit: 16 << 20, sensitivity: .freeText)) ?? []
    }
    guard let number = MountTable.number(of: mount.point, mountinfo: mountInfo ?? []),
      let path = try? tree.realPath("/sys/dev/block/" + number)
    else { return nil }
    return path.split(separator: "/").last.map { String($0) }
  }

  private mutating func mapped(_ name: String) -> String? {
    if let mappings { return mappings[name] }
    var found: [String: String] = [:]
    for device in tree.namesIfPresent("/sys/block") where device.hasPrefix("dm-") {
      let path = "/sys/block/\(device)/dm/name"
      if let mapping = tree.textIfPresent(path, sensitivity: .freeText) { found[mapping] = device }
    }
    mappings = found
    return found[name]
  }
}

/// The speed of the USB port that a block device is plugged into.
enum USBSpeed {
  /// The slowest of all devices that a block device lies on, Mb/s; nil when none is on USB.
  static func slowest(below device: String, _ tree: KernelTree) -> Double? {
    var speeds: [Double] = []
    var seen: Set<String> = []
    var open = [device]
    while let name = open.popLast(), seen.count < 64 {
      guard seen.insert(name).inserted else { continue }
      let folder = "/sys/class/block/" + name
      // An array or a mapping lies on others; a disk has none.
      if name.hasPrefix("dm-") || name.hasPrefix("md") {
        open += tree.namesIfPresent(folder + "/slaves")
      } else if let speed = speed(folder, tree) {
        speeds.append(speed)
      }
    }
    return speeds.min()
  }

  private static func speed(_ folder: String, _ tree: KernelTree) -> Double? {
    guard let path = try? tree.realPath(folder), path.contains("/usb") else { return nil }
    let parts = path.split(separator: "/")
    // `usb2/2-1/2-1.4/2-1.4:1.0/host6/...`: the device is the last before its interface.
    guard let bus = parts.firstIndex(where: { $0.hasPrefix("usb") && Int($0.dropFirst(3)) != nil })
    else { return nil }
    let device = parts[(bus + 1)...].prefix { $0.contains("-") && !$0.contains(":") }
    guard !device.isEmpty else { return nil }
    let base = "/" + parts[...(bus + device.count)].joined(separator: "/")
    guard let text = try? tree.bytes(base + "/speed") else { return nil }
    return AttributeText.fraction(ASCII.trimmed(text[...]))
  }
}
