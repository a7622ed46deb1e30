import Apply
import Base
import Inventory
import TestSupport
import Testing

@testable import Storage

/// A machine in memory. The power goes before any write that stays: of a sector, of a file, of a program's own.
final class StorageBench: StorageMachine {
  struct Drive: Equatable {
    var serial: String
    var size: Int
    /// Sectors that are not zero, by number.
    var sectors: [Int: [UInt8]] = [:]
  }

  var disks: [String: Drive] = [:]
  var files: [String: String] = [:]
  var enabled: Set<String> = []
  /// File systems on arrays, by UUID of the array, as mdadm writes it; `?` is an unfinished one.
  var onArrays: [String: String] = [:]
  var stored: StorageIntent?

  // What a restart forgets.
  private(set) var mounted: [String: String] = [:]
  private var running: Set<String> = []
  /// Drives whose partitions the kernel holds in an array that lacks members.
  private var partial: Set<String> = []
  private var held: Set<String> = []

  /// Writes until the power goes; nil for never.
  var writesLeft: Int?
  private(set) var writes = 0
  private(set) var isDown = false
  /// File systems that were mounted once: they may carry data.
  private(set) var used: Set<String> = []
  private(set) var commands: [[String]] = []
  private var generator: SeededGenerator

  init(order: SeededGenerator) { generator = order }

  struct PowerCut: Error {}

  private func write() throws(Failure) {
    try check()
    if let left = writesLeft {
      if left == 0 {
        isDown = true
        throw Failure("go on", PowerCut())
      }
      writesLeft = left - 1
    }
    writes += 1
  }

  private func check() throws(Failure) { if isDown { throw Failure("go on", PowerCut()) } }

  private func fail(_ step: String, _ reason: String) -> Failure { Failure(step, because: reason) }

  /// The next start: arrays that are whole are assembled, what is enabled is mounted.
  func restart() {
    (isDown, writesLeft, mounted, running, partial, held) = (false, nil, [:], [], [], [])
    for uuid in Set(stored?.drives.compactMap(\.arrayUUID) ?? []) {
      let all = stored?.drives ?? []
      let members = all.filter { member($0) }
      let name = UUIDText.array(UUIDText.bytes(uuid) ?? [])
      if members.count == all.count {
        running.insert(name)
      } else {
        partial.formUnion(members.map(\.serial))
      }
    }
    for unit in enabled { try? mount(unit) }
  }

  // MARK: Drives

  private func bytes(_ disk: Drive, _ offset: Int, _ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for (number, sector) in disk.sectors {
      let place = number * 512 - offset
      if place >= 0, place + 512 <= count {
        bytes.replaceSubrange(place..<(place + 512), with: sector)
      }
    }
    return bytes
  }

  func drives() throws(Failure) -> [DriveReading] {
    try check()
    return disks.keys.sorted().map { name in
      var reading = DriveReading(name: name, exclusive: .held)
      guard let disk = disks[name] else { return reading }
      reading.serial = disk.serial
      reading.wwid = "eui.\(disk.serial)"
      reading.sizeBytes = disk.size
      reading.blockBytes = 512
      reading.isSystem = false
      return content(reading)
    }
  }

  func content(_ reading: DriveReading) -> DriveReading {
    var reading = reading
    guard let disk = disks[reading.name] else { return reading }
    let size = disk.size
    let content = DriveContent(
      size: size, ends: [0..<(2 << 20), (size - (1 << 20))..<size], samples: []
    ) { offset, count in .success(self.bytes(disk, offset, count)) }
    let own = content.signatures.filter { $0.partition == nil }
    reading.content = content
    reading.opinions = [
      ToolOpinion("wipefs", signatures: own), ToolOpinion("blkid", signatures: own),
    ]
    let isInArray = partial.contains(disk.serial) || !running.isEmpty && planned(disk.serial) != nil
    if isInArray {
      reading.uses = [
        NVMeController.Use(device: "\(reading.name)p1", kind: .raid, target: "md127")
      ]
    }
    let isMounted = mounted.values.contains { planned(disk.serial)?.fileSystemUUID == $0 }
    if isMounted {
      reading.uses = [NVMeController.Use(device: "\(reading.name)p1", kind: .mount, target: "/srv")]
    }
    reading.exclusive = isInArray || isMounted || held.contains(reading.name) ? .busy : .held
    return reading
  }

  private func planned(_ serial: String) -> StorageIntent.Drive? {
    stored?.drives.first { $0.serial == serial }
  }

  func hold(_ name: String) throws(Failure) -> any StorageDrive {
    try check()
    held.insert(name)
    return Held(self, name)
  }

  private final class Held: StorageDrive {
    private let bench: StorageBench
    private let name: String
    init(_ bench: StorageBench, _ name: String) { (self.bench, self.name) = (bench, name) }
    deinit { bench.held.remove(name) }
    func read(_ reading: DriveReading) -> DriveReading {
      var reading = bench.content(reading)
      reading.exclusive = .held
      return reading
    }
    func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
      try bench.write(name, bytes, at: offset)
    }
    func synchronise() throws(Failure) { try bench.check() }
    func rereadPartitions() {}
  }

  /// Sectors reach the drive one by one, in any order.
  private func write(_ name: String, _ bytes: [UInt8], at offset: Int) throws(Failure) {
    var sectors: [Int] = []
    for number in 0..<(bytes.count / 512) {
      let sector = bytes[(number * 512)..<(number * 512 + 512)]
      let old = disks[name]?.sectors[offset / 512 + number]
      if !(old.map { $0[...] == sector } ?? ZeroBytes.isZero(sector)) {
        sectors.append(number)
      }
    }
    sectors.shuffle(using: &generator)
    for number in sectors {
      try write()
      let sector = bytes[(number * 512)..<(number * 512 + 512)]
      disks[name]?.sectors[offset / 512 + number] = ZeroBytes.isZero(sector) ? nil : Array(sector)
    }
  }

  /// The place of a partition: drive, start; nil where no table has it.
  private func partition(_ path: String) -> (String, Int)? {
    let uuid = path.split(separator: "/").last.map(String.init)
    for (name, disk) in disks {
      let last = disk.size / 512 - 1
      if disk.sectors[1]?[0] != 0x45, disk.sectors[last]?[0] != 0x45 { continue }
      let ends = [
        DriveBytes.Region(offset: 0, bytes: bytes(disk, 0, 24 << 10)),
        DriveBytes.Region(
          offset: disk.size - (24 << 10), bytes: bytes(disk, disk.size - (24 << 10), 24 << 10)),
      ]
      let found = PartitionTables.scan(DriveBytes(size: disk.size, regions: ends))
      if let part = found.partitions.first(where: { $0.uuid == uuid }) {
        return (name, part.startBytes)
      }
    }
    return nil
  }

  private func sector(_ name: String, _ offset: Int) -> [UInt8] {
    disks[name]?.sectors[offset / 512] ?? [UInt8](repeating: 0, count: 512)
  }

  private func member(_ drive: StorageIntent.Drive) -> Bool {
    guard let (name, start) = partition(drive.partitionUUID) else { return false }
    return sector(name, start + 4096)[0] != 0
  }

  /// Programs that are not installed.
  var missing: Set<String> = []
  /// What lies at mount points.
  var obstacles: [String: String] = [:]
  func isInstalled(_ program: String) -> Bool { !missing.contains(program) }
  func obstacle(at point: String, mounting fileSystemUUID: String) throws(Failure) -> String? {
    try isMounted(fileSystemUUID, at: point) ? nil : obstacles[point]
  }

  func exists(_ path: String) -> Bool {
    if path.hasPrefix("/dev/disk/by-partuuid/") { return partition(path) != nil }
    if path.hasPrefix("/dev/disk/by-id/md-uuid-") { return running.contains(array(path)) }
    return files[path] != nil
  }

  private func array(_ path: String) -> String {
    String(path.dropFirst("/dev/disk/by-id/md-uuid-".count))
  }

  func wait(for path: String) throws(Failure) {
    try check()
    if !exists(path) { throw fail("wait for \(path)", "it is not there") }
  }

  // MARK: Files

  func write(_ text: String, to path: String) throws(Failure) {
    if files[path] == text { return }
    try write()
    files[path] = text
  }

  func remove(_ path: String) throws(Failure) {
    try write()
    files[path] = nil
  }

  func intent() throws(Failure) -> StorageIntent? {
    try check()
    return stored
  }

  func store(_ intent: StorageIntent) throws(Failure) {
    try write()
    stored = intent
  }

  func isMounted(_ fileSystemUUID: String, at point: String) throws(Failure) -> Bool {
    try check()
    return mounted[point] == fileSystemUUID
  }

  // MARK: Programs

  func run(_ command: [String]) throws(Failure) {
    try check()
    commands.append(command)
    switch (command[0], command.count > 1 ? command[1] : "") {
    case ("mkfs.ext4", _): try format(command.last ?? "", command[5], isXFS: false)
    case ("mkfs.xfs", _):
      let argument = command.first { $0.hasPrefix("uuid=") } ?? ""
      try format(command.last ?? "", String(argument.dropFirst(5)), isXFS: true)
    case ("mdadm", "--create"): try create(command)
    case ("mdadm", "--assemble"):
      running.insert(command.last.map { String($0.dropFirst("--uuid=".count)) } ?? "")
    case ("mdadm", "--stop"): partial = []
    case ("mdadm", "--zero-superblock"):
      guard let (name, start) = partition(command[2]), partial.isEmpty else {
        throw fail("run mdadm", "the device is busy")
      }
      try write(name, [UInt8](repeating: 0, count: 512), at: start + 4096)
    case ("systemctl", "daemon-reload"): break
    case ("systemctl", "enable"):
      if !enabled.contains(command[3]) {
        try write()
        enabled.insert(command[3])
      }
      try mount(command[3])
    case ("systemctl", "disable"):
      try write()
      enabled.remove(command[3])
      mounted = [:]
    default: throw fail("run \(command)", "no such program")
    }
  }

  private func superblock(_ uuid: String, isXFS: Bool, isFinished: Bool) -> (Int, [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let id = UUIDText.bytes(uuid) ?? []
    if isXFS {
      bytes.replaceSubrange(0..<4, with: Array("XFSB".utf8))
      bytes.replaceSubrange(32..<48, with: id)
      // sb_inprogress, which the kernel refuses.
      bytes[126] = isFinished ? 0 : 1
      return (0, bytes)
    }
    bytes.replaceSubrange(56..<58, with: [0x53, 0xef])
    bytes[96] = 0x40
    bytes.replaceSubrange(104..<120, with: id)
    return (1024, bytes)
  }

  private func format(_ device: String, _ uuid: String, isXFS: Bool) throws(Failure) {
    if used.contains(uuid) { throw fail("make a file system", "there was data on \(uuid)") }
    if device.hasPrefix("/dev/disk/by-id/") {
      guard running.contains(array(device)) else { throw fail("run mkfs", "no such device") }
      try write()
      onArrays[array(device)] = "?"
      try write()
      onArrays[array(device)] = uuid
      return
    }
    guard let (name, start) = partition(device) else { throw fail("run mkfs", "no such device") }
    try write(name, [UInt8](repeating: 7, count: 512), at: start + 65536)
    for isFinished in isXFS ? [false, true] : [true] {
      let (offset, bytes) = superblock(uuid, isXFS: isXFS, isFinished: isFinished)
      try write(name, bytes, at: start + offset)
    }
  }

  private func create(_ command: [String]) throws(Failure) {
    let members = command.filter { $0.hasPrefix("/dev/disk/") }
    let uuid = command.first { $0.hasPrefix("--uuid=") }.map { String($0.dropFirst(7)) } ?? ""
    for path in members {
      guard let (name, start) = partition(path), sector(name, start + 4096)[0] == 0, partial.isEmpty
      else { throw fail("run mdadm", "\(path) is in another array") }
    }
    for path in members {
      guard let (name, start) = partition(path) else { continue }
      var bytes = little(UInt32(0xa92b_4efc)) + little(UInt32(1)) + [UInt8](repeating: 0, count: 8)
      bytes += UUIDText.bytes(uuid) ?? []
      try write(name, bytes + [UInt8](repeating: 0, count: 512 - bytes.count), at: start + 4096)
    }
    running.insert(uuid)
  }

  private func mount(_ unit: String) throws(Failure) {
    let text = files["/etc/systemd/system/\(unit)"] ?? ""
    let lines = text.split(separator: "\n")
    func value(_ key: String) -> String {
      lines.first { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count)) } ?? ""
    }
    let uuid = String(value("What=").split(separator: "/").last ?? "")
    let isOnArray = onArrays.contains { $0.value == uuid && running.contains($0.key) }
    let isOnDrive = (stored?.drives ?? []).contains { drive in
      guard drive.fileSystemUUID == uuid, let (name, start) = partition(drive.partitionUUID)
      else { return false }
      let first = sector(name, start)
      let magic = sector(name, start + 1024)
      return first[0] == 0x58 ? first[126] == 0 : magic[56] == 0x53
    }
    guard isOnArray || isOnDrive else { throw fail("mount \(unit)", "no such file system") }
    mounted[value("Where=")] = uuid
    used.insert(uuid)
  }
}
