package import Base
internal import Inventory
package import KernelTree
internal import Linux
package import Storage

/// Reads the drives of the machine, to judge them. It opens them for reading alone, and changes nothing.
package struct DriveReader {
  private let tree: KernelTree
  private let devices: String
  private let programs: DriveOpinions
  private let waitSeconds: Double

  /// - Parameters:
  ///   - tree: `/sys` and `/proc`.
  ///   - devices: the folder of device nodes.
  ///   - waitSeconds: how long a drive that nothing is known to use may be held by something else, as udev.
  package init(_ tree: KernelTree, devices: String = "/dev", waitSeconds: Double = 5) {
    self.waitSeconds = waitSeconds
    self.tree = tree
    self.devices = devices
    programs = DriveOpinions()
  }

  /// All drives, in the order of their names. Loop devices, arrays, mappings and RAM disks are none.
  /// - Throws: `Failure` where the kernel does not list them.
  package func all() throws(Failure) -> [DriveReading] {
    let names: [String]
    do throws(ReadFailure) {
      names = try tree.names("/sys/block")
    } catch {
      throw Failure("list the drives", error)
    }
    var uses = DriveUses(tree)
    var found: [DriveReading] = []
    for name in names where isDrive(name) { found.append(read(name, &uses)) }
    return found
  }

  /// Whether it has a device behind it. Paths below an NVMe drive with several are hidden, and are no drives.
  private func isDrive(_ name: String) -> Bool {
    let folder = "/sys/block/\(name)"
    return tree.exists("\(folder)/device") && tree.textIfPresent("\(folder)/hidden") != "1"
      && !name.hasPrefix("sr") && !name.hasPrefix("fd")
  }

  private func read(_ name: String, _ uses: inout DriveUses) -> DriveReading {
    var reading = DriveReading(name: name, exclusive: .held)
    identify(&reading)
    uses.add(to: &reading, tree)
    do throws(Errno) {
      let drive = try open(name, &reading)
      try content(&reading, drive)
    } catch {
      reading.exclusive = .failed(error.plainly)
    }
    return reading
  }

  /// What lies on a drive that is held by now, in place of what was read of it before.
  func again(_ reading: DriveReading, _ drive: HeldDrive) -> DriveReading {
    var reading = reading
    reading.exclusive = drive.isExclusive ? .held : .busy
    do throws(Errno) {
      try content(&reading, drive)
    } catch {
      reading.exclusive = .failed(error.plainly)
    }
    return reading
  }

  private func content(_ reading: inout DriveReading, _ drive: HeldDrive) throws(Errno) {
    let size = try drive.size()
    reading.content = DriveContent(size: size) { offset, count in
      Result { () throws(Errno) in try drive.read(at: offset, count: count) }
    }
    reading.opinions = programs.ask(drive)
  }

  private func open(_ name: String, _ reading: inout DriveReading) throws(Errno) -> HeldDrive {
    let path = "\(devices)/\(name)"
    do throws(Errno) {
      let isUsed = reading.uses.contains { $0.kind != .idle }
      return try HeldDrive(path, exclusive: true, waitSeconds: isUsed ? 0 : waitSeconds)
    } catch {
      guard error == .EBUSY || error == .EAGAIN else { throw error }
      reading.exclusive = .busy
      return try HeldDrive(path, exclusive: false, waitSeconds: 0)
    }
  }

  /// Serial, identifier and sizes. NVMe and virtio have them as text, SCSI and SATA a page of the drive
  /// (SPC-5, unit serial number: four bytes, then the number).
  private func identify(_ reading: inout DriveReading) {
    var facts = FactReader(tree, base: "/sys/block/\(reading.name)")
    for file in ["device/serial", "serial"] where reading.serial == nil {
      reading.serial = facts.text("serial", file, sensitivity: .serial)
    }
    if reading.serial == nil,
      let page = facts.bytes("serial", "device/vpd_pg80", sensitivity: .serial), page.count > 4
    {
      reading.serial = String(
        decoding: ASCII.trimmed(page.dropFirst(4).prefix(Int(page[2]) << 8 | Int(page[3]))),
        as: UTF8.self)
    }
    for file in ["wwid", "device/wwid"] where reading.wwid == nil {
      reading.wwid = facts.text("wwid", file, sensitivity: .serial)
    }
    reading.model = facts.text("model", "device/model")
    let size = facts.decimal("sizeBytes", "size", expected: true)
    reading.sizeBytes = size.flatMap {
      let (bytes, overflow) = $0.multipliedReportingOverflow(by: 512)
      return overflow ? nil : bytes
    }
    reading.blockBytes = facts.decimal("blockBytes", "queue/logical_block_size", expected: true)
    reading.isReadOnly = facts.flag("isReadOnly", "ro", expected: true)
    reading.isRemovable = facts.flag("isRemovable", "removable", expected: true)
    reading.unknown = facts.unknown
  }
}
