import Base
import KernelTree
import Testing

@testable import Inventory

@Suite struct NVMeCollectorTests {
  /// A boot drive with LVM on md, whose block device carries another number (multipath); a drive
  /// with swap and an idle partition; a drive over a network.
  static func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    func controller(_ name: String, _ files: [String: String]) {
      for (file, text) in files { tree.file("/sys/class/nvme/\(name)/\(file)", text) }
    }
    func block(_ path: String, sectors: Int, holders: [String] = []) {
      tree.file("/sys/block/\(path)/size", "\(sectors)")
      tree.directory("/sys/block/\(path)/holders")
      for holder in holders {
        tree.link("/sys/block/\(path)/holders/\(holder)", to: "/sys/block/\(holder)")
      }
      if let last = path.split(separator: "/").last {
        tree.link("/sys/class/block/\(last)", to: "/sys/block/\(path)")
      }
    }
    controller(
      "nvme0",
      [
        "address": "0000:41:00.0", "transport": "pcie", "model": "BOX SSD 1            ",
        "serial": "S123", "firmware_rev": "1.0  ", "state": "live", "queue_count": "17",
        "numa_node": "1", "cmb": "cmbloc : x00000002\ncmbsz  : x00040013",
        "nvme1c0n1/uevent": "", "hwmon3/name": "nvme", "hwmon3/temp1_input": "41850",
        "hwmon3/temp1_label": "Composite", "hwmon3/temp1_crit": "84850",
        "hwmon3/temp3_input": "52850",
      ])
    controller(
      "nvme1",
      [
        "address": "0000:42:00.0", "transport": "pcie", "state": "live", "nvme0n1/uevent": "",
      ])
    controller(
      "nvme2", ["address": "traddr=192.0.2.1,trsvcid=4420", "transport": "tcp", "state": "dead"])
    tree.file("/sys/bus/pci/devices/0000:41:00.0/msi_irqs/40", "msix")
    for name in ["nvme0n1", "nvme1n1"] {
      tree.file("/sys/block/\(name)/nsid", "1")
      tree.file("/sys/block/\(name)/queue/logical_block_size", "512")
    }
    block("nvme1n1", sectors: 2000)
    block("nvme1n1/nvme1n1p1", sectors: 500)
    block("nvme1n1/nvme1n1p2", sectors: 1500, holders: ["md0"])
    block("md0", sectors: 1400, holders: ["dm-0", "dm-1"])
    tree.file("/sys/block/md0/md/level", "raid1")
    block("dm-0", sectors: 700)
    tree.file("/sys/block/dm-0/dm/name", "vg-root")
    block("dm-1", sectors: 700)
    tree.file("/sys/block/dm-1/dm/name", "vg-my data")
    block("nvme0n1", sectors: 4000)
    block("nvme0n1/nvme0n1p1", sectors: 1000)
    block("nvme0n1/nvme0n1p10", sectors: 1000)
    block("nvme0n1/nvme0n1p2", sectors: 1000)
    tree.file(
      "/proc/mounts",
      """
      /dev/mapper/vg-root / ext4 rw 0 0
      /dev/nvme1n1p1 /boot/efi vfat rw 0 0
      /dev/mapper/vg-my\\040data /my\\040data xfs rw 0 0
      /dev/mapper/vg-my\\040data /bind xfs rw 0 0
      """)
    tree.file("/proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2")
    tree.probe("statvfs/%2F", .success(Array("free 1000\ntotal 2000\n".utf8)))
    tree.probe("statvfs/%2Fmy data", .success(Array("free 77\ntotal 88\n".utf8)))
    tree.probe("nvme-smart/nvme0", .success(SMARTLog.encode(SMARTLogTests.log())))
    tree.probe(
      "nvme-smart/nvme1",
      .failure(ReadFailure(path: "/dev/nvme1", cause: .permissionDenied)))
    return tree
  }

  static func collect(
    _ tree: KernelTree, serials: Bool = false, parts: CollectionOptions.Parts = .all
  ) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(
      tree: tree, options: CollectionOptions(includeSerials: serials, parts: parts))
    NVMeCollector.collect(into: &inventory, &context)
    return inventory
  }

  private func lines(_ namespace: NVMeController.Namespace?) -> [String] {
    (namespace?.uses ?? []).map { use in
      "\(use.device) \(use.kind) \(use.target ?? "-") \(use.detail ?? "-")"
        + " \(use.freeBytes.map(String.init) ?? "-") \(use.sizeBytes.map(String.init) ?? "-")"
    }
  }

  @Test func followsAChainToTheRootFileSystem() throws {
    let inventory = Self.collect(Self.builder().tree())
    #expect(inventory.nvme.map(\.name) == ["nvme0", "nvme1", "nvme2"])
    let drive = try #require(inventory.nvme.first)
    #expect(drive.address?.description == "0000:41:00.0")
    #expect(drive.model == "BOX SSD 1")
    #expect(drive.firmware == "1.0")
    #expect(drive.serial == nil)
    #expect(drive.queueCount == 17)
    #expect(drive.numaNode == 1)
    #expect(drive.interrupts.description == "40")
    #expect(drive.controllerMemoryBytes == 1 << 18)
    #expect(drive.namespaces.map(\.name) == ["nvme1n1"])
    #expect(drive.namespaces.first?.id == 1)
    #expect(drive.capacityBytes == 2000 * 512)
    #expect(drive.isBootDisk == true)
    #expect(
      lines(drive.namespaces.first) == [
        "nvme1n1p1 mount /boot/efi vfat - 256000",
        "nvme1n1p2 raid md0 raid1 - 768000",
        "md0 deviceMapper vg-root - - 716800",
        "dm-0 mount / ext4 1000 358400",
        "md0 deviceMapper vg-my data - - 716800",
        "dm-1 mount /my data xfs 77 358400",
        "dm-1 mount /bind xfs 77 358400",
      ])
    #expect(drive.health?.powerOnHours == 10_000)
    #expect(
      drive.temperatures == [
        Temperature(label: "Composite", celsius: 41.85, criticalCelsius: 84.85),
        Temperature(label: "Sensor 2", celsius: 52.85),
      ])
    // The one probe this tree lacks.
    #expect(drive.unknown.map(\.path) == ["statvfs/%2Fboot%2Fefi"])
  }

  @Test func otherDrivesAreNotBootDisks() throws {
    let inventory = Self.collect(Self.builder().tree())
    let drive = try #require(inventory.nvme.first { $0.name == "nvme1" })
    #expect(drive.isBootDisk == false)
    #expect(
      lines(drive.namespaces.first) == [
        "nvme0n1p1 idle - - - 512000", "nvme0n1p2 swap - - - 512000",
        "nvme0n1p10 idle - - - 512000",
      ])
    #expect(drive.health == nil)
    #expect(
      drive.unknown == [
        UnknownFact(fact: "health", path: "/dev/nvme1", reason: "permission denied")
      ])
    let remote = try #require(inventory.nvme.last)
    #expect(remote.address == nil)
    #expect(remote.transport == "tcp")
    #expect(remote.capacityBytes == nil)
    #expect(remote.unknown.map(\.reason) == ["the controller is dead"])
  }

  @Test func statusSendsNoAdminCommandOfItsOwn() {
    let drive = Self.collect(Self.builder().tree(), parts: [.pci, .nvme]).nvme.first
    #expect(drive?.health == nil)
    #expect(drive?.temperatures.map(\.label) == ["Composite"])
    #expect(drive?.unknown.contains { $0.fact == "health" } == false)
  }

  @Test func serialsOnlyWhenAskedFor() {
    #expect(Self.collect(Self.builder().tree(), serials: true).nvme.first?.serial == "S123")
  }

  @Test func holdersThatHoldEachOtherEnd() {
    var tree = Self.builder()
    tree.link("/sys/block/dm-0/holders/md0", to: "/sys/block/md0")
    tree.link("/sys/block/md0/holders/md0", to: "/sys/block/md0")
    let drive = Self.collect(tree.tree()).nvme.first
    #expect(drive?.isBootDisk == true)
    #expect((drive?.namespaces.first?.uses.count ?? 0) < 12)
  }

  @Test(arguments: ["overlay", "rpool/ROOT", "/dev/root"])
  func anUnknownRootMakesNoDriveInnocent(source: String) throws {
    var tree = Self.builder()
    tree.file("/proc/mounts", "\(source) / zfs rw 0 0")
    for drive in Self.collect(tree.tree()).nvme {
      #expect(drive.isBootDisk == nil)
      #expect(drive.unknown.contains { $0.fact == "isBootDisk" })
    }
  }

  @Test func devRootIsFoundByItsNumber() {
    var tree = Self.builder()
    tree.file("/proc/mounts", "/dev/root / ext4 rw 0 0")
    tree.file("/proc/self/mountinfo", "21 1 259:2 / / rw - ext4 /dev/root rw")
    tree.link("/sys/dev/block/259:2", to: "/sys/block/nvme0n1/nvme0n1p1")
    let found = Self.collect(tree.tree()).nvme
    #expect(found.first { $0.name == "nvme1" }?.isBootDisk == true)
    #expect(found.first { $0.name == "nvme0" }?.isBootDisk == false)
  }

  @Test func withoutTablesNothingIsIdle() {
    var tree = Self.builder()
    tree.set("/proc/mounts", .failing(.permissionDenied, kind: .file))
    let drive = Self.collect(tree.tree()).nvme.first { $0.name == "nvme1" }
    #expect(drive?.isBootDisk == nil)
    #expect(drive?.namespaces.first?.uses.map(\.kind) == [.swap])
    #expect(drive?.unknown.contains { $0.fact == "uses.mount" } == true)
  }

  @Test func zfsHidesWhatItUses() {
    var tree = Self.builder()
    tree.directory("/proc/spl/kstat/zfs")
    let drive = Self.collect(tree.tree()).nvme.first { $0.name == "nvme1" }
    #expect(drive?.namespaces.first?.uses.map(\.kind) == [.swap])
    #expect(drive?.unknown.contains { $0.reason.contains("ZFS") } == true)
  }

  @Test func btrfsMembersAreInUseWhereOneIsMounted() {
    var tree = Self.builder()
    tree.link("/sys/fs/btrfs/id/devices/nvme0n1p1", to: "/sys/block/nvme0n1/nvme0n1p1")
    tree.link("/sys/fs/btrfs/id/devices/nvme1n1p1", to: "/sys/block/nvme1n1/nvme1n1p1")
    let drive = Self.collect(tree.tree()).nvme.first { $0.name == "nvme1" }
    #expect(drive?.namespaces.first?.uses.first?.target == "/boot/efi")
    #expect(drive?.isBootDisk == true)
  }

  @Test func sizesTooLargeAreUnknown() {
    var tree = Self.builder()
    tree.file("/sys/block/nvme1n1/size", "9223372036854775807")
    let drive = Self.collect(tree.tree()).nvme.first
    #expect(drive?.capacityBytes == nil)
    #expect(drive?.unknown.contains { $0.fact == "nvme1n1.sizeBytes" } == true)
  }

  @Test func noDriverIsNotNoDrive() {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(
      tree: MemoryTreeBuilder().tree(), options: CollectionOptions())
    NVMeCollector.collect(into: &inventory, &context)
    #expect(inventory.collectors.last?.outcome == .nothing)
    var function = PCIFunction(address: PCIAddress(domain: 0, bus: 1, device: 0, function: 0))
    function.identity.classCode = 0x010802
    inventory.pci = [function]
    NVMeCollector.collect(into: &inventory, &context)
    #expect(inventory.collectors.last?.outcome == .failed)
  }

  @Test func damagedFilesNeverInventFacts() {
    for (path, tree) in Damage.trees(of: Self.builder()) {
      for drive in Self.collect(tree).nvme {
        let isTable = path.hasPrefix("/proc/") || path.hasSuffix("/dm/name")
        if drive.name == "nvme0" {
          // It is the boot disk, unless something that tells so is gone; never "not".
          #expect(
            drive.isBootDisk != false || isTable || path.contains("/holders")
              || path.contains("/sys/class/nvme") || path.hasSuffix("/md0"), "\(path)")
        } else {
          #expect(drive.isBootDisk != true, "\(path)")
        }
        #expect((drive.capacityBytes ?? 0) >= 0, "\(path)")
        #expect(drive.health == nil || drive.name == "nvme0", "\(path)")
      }
    }
  }
}
