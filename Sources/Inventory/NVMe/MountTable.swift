internal import Base
internal import KernelTree

/// Mounted file systems and swap, by block device.
struct MountTable {
  /// One line of `/proc/mounts`.
  struct Mount: Equatable {
    /// Source as written: `/dev/nvme0n1p2`, `/dev/mapper/vg-root`, `overlay`.
    var source: String
    /// Mount point.
    var point: String
    /// File system type.
    var type: String
    /// Options in the order of the table: `rw`, `errors=remount-ro`.
    var options: [String] = []
  }

  /// All mounts, in order.
  var mounts: [Mount] = []
  /// Mounts by what follows `/dev/` in their source.
  private var byDevice: [String: [Mount]] = [:]

  /// The table of the machine; inside a sandbox the live tree gives that of process 1.
  static func text(_ tree: KernelTree) throws(ReadFailure) -> [UInt8] {
    func read(_ path: String) throws(ReadFailure) -> [UInt8] {
      try tree.bytes(path, limit: 16 << 20, sensitivity: .freeText)
    }
    do throws(ReadFailure) {
      return try read("/proc/mounts")
    } catch {
      return try read("/proc/self/mounts")
    }
  }

  /// Parses `/proc/mounts`.
  init(_ text: [UInt8]) {
    for line in ASCII.lines(text) {
      let fields = line.split(separator: 0x20)
      guard fields.count >= 3 else { continue }
      add(
        Mount(
          source: MountTable.unescaped(fields[0]), point: MountTable.unescaped(fields[1]),
          type: MountTable.unescaped(fields[2]),
          options: fields.count > 3
            ? fields[3].split(separator: 0x2c).map(MountTable.unescaped) : []))
    }
  }

  private mutating func add(_ mount: Mount) {
    mounts.append(mount)
    guard mount.source.hasPrefix("/dev/") else { return }
    // bcachefs names all its devices: `/dev/nvme0n1:/dev/nvme1n1`.
    for part in mount.source.split(separator: ":") where part.hasPrefix("/dev/") {
      byDevice[String(part.dropFirst(5)), default: []].append(mount)
    }
  }

  /// A mount point of each device, the one that `of` gives first; images on loop devices are left out.
  var pointsOnDevices: [String] {
    byDevice.filter { !$0.key.hasPrefix("loop") }.compactMap { $0.value.first?.point }
  }

  /// Mounts of `/dev/NAME`.
  func of(_ name: String) -> [Mount] { byDevice[name] ?? [] }

  /// The file system at `/`: the last one mounted there.
  var root: Mount? { mounts.last { $0.point == "/" } }

  /// Gives the mounts of one device's name to another name of the same device.
  mutating func rename(_ name: String, to device: String) {
    for mount in byDevice.removeValue(forKey: name) ?? [] {
      byDevice[device, default: []].append(mount)
    }
  }

  /// Undoes the kernel's octal escapes: `\040` is a blank.
  static func unescaped(_ text: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == 0x5c, index + 3 < text.endIndex,
        text[(index + 1)...(index + 3)].allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }),
        text[index + 1] <= 0x33
      {
        let value =
          Int(text[index + 1] - 0x30) << 6 | Int(text[index + 2] - 0x30) << 3
          | Int(text[index + 3] - 0x30)
        bytes.append(UInt8(value))
        index += 4
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Swap devices of `/proc/swaps`: what follows `/dev/`. Swap files are no devices.
  static func swaps(_ text: [UInt8]) -> Set<String> {
    var names: Set<String> = []
    for line in ASCII.lines(text).dropFirst() {
      guard let first = ASCII.fields(line).first else { continue }
      let path = unescaped(first)
      if path.hasPrefix("/dev/") { names.insert(String(path.dropFirst(5))) }
    }
    return names
  }

  /// The device number of the mount at `/` in `/proc/self/mountinfo`, as `major:minor`.
  static func rootNumber(mountinfo text: [UInt8]) -> String? { number(of: "/", mountinfo: text) }

  /// The device number of the last mount at a point in `/proc/self/mountinfo`, as `major:minor`.
  static func number(of point: String, mountinfo text: [UInt8]) -> String? {
    var found: String?
    for line in ASCII.lines(text) {
      let fields = line.split(separator: 0x20)
      guard fields.count > 4, unescaped(fields[4]) == point else { continue }
      found = String(decoding: fields[2], as: UTF8.self)
    }
    return found
  }
}
