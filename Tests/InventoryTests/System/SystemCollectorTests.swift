import Base
import KernelTree
import Linux
import Testing

@testable import Inventory

@Suite struct SystemCollectorTests {
  /// Root on LVM on a mirror of two USB disks, a boot partition of a link's name, an image, a
  /// drive mounted twice, and an array that lost a member.
  static func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    tree.file(
      "/proc/mounts",
      """
      rootfs / rootfs rw 0 0
      proc /proc proc rw 0 0
      /dev/mapper/vg-root / ext4 rw,relatime,errors=remount-ro 0 0
      /dev/root /boot ext2 ro,relatime 0 0
      /dev/nvme0n1 /data xfs rw 0 0
      /dev/nvme0n1 /bind xfs rw 0 0
      /dev/loop3 /snap/core/1 squashfs ro 0 0
      /dev/sr0 /media iso9660 ro 0 0
      /dev/cut /cut ext4
      """)
    tree.file(
      "/proc/self/mountinfo", "30 1 8:2 / /boot rw - ext2 /dev/root rw\n31 1 0:9 / / rw - a b rw")
    func disk(_ name: String, _ path: String) {
      tree.directory(path)
      tree.link("/sys/class/block/" + name, to: path)
    }
    let port = "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.4"
    tree.file(port + "/speed", "480")
    tree.file("/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/speed", "5000")
    disk("sdb", port + "/2-1.4:1.0/host6/target6:0:0/6:0:0:0/block/sdb")
    disk("sdb1", port + "/2-1.4:1.0/host6/target6:0:0/6:0:0:0/block/sdb/sdb1")
    tree.file("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/speed", "5000")
    disk("sdc", "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host7/block/sdc")
    disk("sda2", "/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/block/sda/sda2")
    tree.link("/sys/dev/block/8:2", to: "/sys/class/block/sda2")
    disk("nvme0n1", "/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1")
    disk("dm-0", "/sys/devices/virtual/block/dm-0")
    tree.directory("/sys/devices/virtual/block/dm-0/slaves/md0")
    disk("md0", "/sys/devices/virtual/block/md0")
    tree.directory("/sys/devices/virtual/block/md0/slaves/sdb1")
    tree.directory("/sys/devices/virtual/block/md0/slaves/sdc")
    tree.file("/sys/block/dm-0/dm/name", "vg-root")
    tree.file("/sys/fs/ext4/dm-0/errors_count", "2")
    for (file, text) in [
      "level": "raid1", "array_state": "clean", "raid_disks": "2", "degraded": "1",
      "sync_action": "recover", "dev-sdb1/state": "in_sync", "dev-sdb1/errors": "0",
      "dev-sdc/state": "faulty,write_mostly", "dev-sdc/errors": "12",
    ] { tree.file("/sys/block/md0/md/" + file, text) }
    tree.probe(
      "statvfs/%2F",
      .success(Array("free 10\ntotal 100\nfiles-free 3\nfiles-total 50\n".utf8)))
    tree.probe("statvfs/%2Fboot", .success(Array("free 1\ntotal 2\n".utf8)))
    tree.probe("adjtimex", .success(Array("status 24641\nmaxerror 16000000\n".utf8)))
    tree.probe(
      "systemd/failed-units",
      .success(Array("unit b.service A thing\nunit a.mount\nasked 1\n".utf8)))
    tree.probe(
      "processes/irqbalance",
      .success(
        Array(
          "process 812\nunit irqbalance.service\nargument /usr/sbin/irqbalance\nlooked 1\n".utf8)))
    tree.probe(
      "runtime-locks",
      .success(
        Array(
          """
          looked 1
          lock /tmp/nv_0000:41:00.0.lock
          unknown 1
          lock /tmp/am_0000:21:00.0.lock
          holder 4242
          ended 17
          """.utf8)))
    return tree
  }

  static func collect(_ tree: KernelTree) -> Inventory {
    InventoryReader.read(tree, options: CollectionOptions(recordSources: true, parts: .system))
  }

  @Test func fileSystems() throws {
    let found = Self.collect(Self.builder().tree()).system.fileSystems
    #expect(found.map(\.mountPoint) == ["/", "/boot", "/data"])
    #expect(found.map(\.device) == ["mapper/vg-root", "sda2", "nvme0n1"])
    #expect(found.map(\.isReadOnly) == [false, true, false])
    #expect(found.map(\.remountsReadOnly) == [true, false, nil])
    #expect(found.map(\.errorCount) == [2, nil, nil])
    // The slower of the two disks of the mirror, at its own port and not at the hub's.
    #expect(found.map(\.usbMegabitsPerSecond) == [480, nil, nil])
    let root = try #require(found.first)
    #expect(root.totalBytes == 100)
    #expect(root.freeBytes == 10)
    #expect(root.totalFiles == 50)
    #expect(root.freeFiles == 3)
    #expect(root.unknown.isEmpty)
    // A recording of the first release tells no files, one without the answer nothing.
    #expect(found[1].freeBytes == 1)
    #expect(found[1].unknown.map(\.fact) == ["totalFiles", "freeFiles"])
    #expect(found[2].unknown.map(\.fact) == ["freeBytes"])
  }

  @Test func arrays() throws {
    let array = try #require(Self.collect(Self.builder().tree()).system.arrays.first)
    #expect(array.name == "md0")
    #expect(array.level == "raid1")
    #expect(array.state == "clean")
    #expect(array.memberCount == 2)
    #expect(array.missingMembers == 1)
    #expect(array.syncAction == "recover")
    #expect(array.members.map(\.state) == ["in_sync", "faulty,write_mostly"])
    #expect(array.members.map(\.errors) == [0, 12])
    #expect(array.unknown.isEmpty)
  }

  @Test func answers() {
    let system = Self.collect(Self.builder().tree()).system
    // 24641 is 0x6041: STA_NANO, STA_MODE, STA_UNSYNC, STA_PLL.
    #expect(
      system.clock == ClockState(isSynchronized: false, maximumErrorMicroseconds: 16_000_000))
    #expect(system.failedUnits?.map(\.name) == ["a.mount", "b.service"])
    #expect(system.failedUnits?.map(\.summary) == [nil, "A thing"])
    #expect(
      system.irqbalance
        == IRQBalance(
          pid: 812, arguments: ["/usr/sbin/irqbalance"], unit: "irqbalance.service"))
    #expect(system.processesListed == true)
    #expect(system.locksListed == true)
    #expect(
      system.runtimeLocks == [
        RuntimeLock(
          path: "/tmp/am_0000:21:00.0.lock", gpu: PCIAddress("0000:21:00.0"), holders: [4242, 17],
          holdersAlive: false, holdersKnown: true),
        RuntimeLock(
          path: "/tmp/nv_0000:41:00.0.lock", gpu: PCIAddress("0000:41:00.0"), holders: [],
          holdersKnown: false),
      ])
    #expect(system.unknown.isEmpty)
  }

  @Test func nothingIsThere() {
    let inventory = Self.collect(MemoryTreeBuilder().tree())
    let system = inventory.system
    #expect(system.fileSystems.isEmpty && system.arrays.isEmpty && system.clock == nil)
    #expect(system.failedUnits == nil && system.irqbalance == nil)
    #expect(system.processesListed == false && system.locksListed == false)
    #expect(
      Set(system.unknown.map(\.fact)) == [
        "fileSystems", "arrays", "clock", "failedUnits", "irqbalance", "runtimeLocks",
      ])
    #expect(system.unknown.allSatisfy { !$0.reason.isEmpty && !$0.path.isEmpty })
    #expect(inventory.collectors.last?.outcome == .failed)
  }

  @Test func systemdThatDoesNotAnswer() {
    var tree = Self.builder()
    tree.probe(
      "systemd/failed-units", .success(Array("failure systemd does not run here\n".utf8)))
    var system = Self.collect(tree.tree()).system
    #expect(system.failedUnits == nil)
    #expect(system.unknown.map(\.reason) == ["systemd does not run here"])
    // An answer that was cut proves nothing.
    tree.probe("systemd/failed-units", .success([]))
    system = Self.collect(tree.tree()).system
    #expect(system.failedUnits == nil && system.unknown.count == 1)
  }

  @Test(arguments: ["", "status x\n", "status -1\n", "maxerror 1\n"])
  func nonsenseOfTheClock(answer: String) {
    var tree = Self.builder()
    tree.probe("adjtimex", .success(Array(answer.utf8)))
    let system = Self.collect(tree.tree()).system
    #expect(system.clock == nil)
    #expect(system.unknown.map(\.fact) == ["clock"])
  }

  /// Whatever happens to a file, it takes facts away and makes none up.
  @Test func damage() {
    let whole = Self.collect(Self.builder().tree()).system
    for (path, tree) in Damage.trees(of: Self.builder()) {
      let system = Self.collect(tree).system
      #expect(system.arrays.isEmpty || system.arrays.map(\.name) == ["md0"], "\(path)")
      for state in system.fileSystems {
        guard let old = whole.fileSystems.first(where: { $0.mountPoint == state.mountPoint })
        else { continue }
        if path != "/proc/mounts" {
          #expect(state.isReadOnly == old.isReadOnly && state.type == old.type, "\(path)")
        }
        let count = state.errorCount
        #expect(count == nil || count == 2 || path.hasSuffix("errors_count"), "\(path)")
      }
      for array in system.arrays where !path.contains("/md0/md") {
        #expect(array == whole.arrays.first, "\(path)")
      }
    }
  }
}

@Suite struct IRQBalanceFinderTests {
  /// Another tool's recording with some processes.
  private func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    tree.file("/proc/1/comm", "systemd")
    tree.file("/proc/812/comm", "irqbalance")
    tree.file("/proc/812/status", "Name:\tirqbalance\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0")
    tree.link("/proc/812/exe", to: "/usr/sbin/irqbalance")
    tree.file("/proc/812/cmdline", bytes: Array("/usr/sbin/irqbalance\0--banirq=47\0".utf8))
    tree.file("/proc/812/cgroup", "0::/system.slice/irqbalance.service")
    return tree
  }

  @Test func isFoundFileByFile() {
    let found = IRQBalanceFinder.find(builder().tree())
    #expect(found.isComplete)
    #expect(
      found.irqbalance
        == IRQBalance(
          pid: 812, arguments: ["/usr/sbin/irqbalance", "--banirq=47"],
          unit: "irqbalance.service"))
  }

  @Test func startedByHandHasNoUnit() {
    var tree = builder()
    tree.file("/proc/812/cgroup", "0::/user.slice/user-0.slice/session-1.scope")
    #expect(IRQBalanceFinder.find(tree.tree()).irqbalance?.unit == nil)
  }

  @Test func absenceIsProvenOnlyWhenAllWereSeen() {
    var tree = builder()
    tree.remove("/proc/812")
    #expect(IRQBalanceFinder.find(tree.tree()).isComplete)
    tree.set("/proc/900/comm", .failing(.permissionDenied, kind: .file))
    #expect(!IRQBalanceFinder.find(tree.tree()).isComplete)
    tree.remove("/proc/900")
    tree.remove("/proc/1")
    #expect(!IRQBalanceFinder.find(tree.tree()).isComplete)
  }
}

@Suite struct RuntimeLockTests {
  @Test func holdersByFile() {
    let held = FileLocks.holders(
      Array(
        """
        1: POSIX  ADVISORY  READ  712 08:02:11 128 128
        2: FLOCK  ADVISORY  WRITE 4242 08:02:131090 0 EOF
        2: -> FLOCK  ADVISORY  WRITE 77 08:02:131090 0 EOF
        3: FLOCK  ADVISORY  WRITE 4242 08:02:131090 0 EOF
        4: OFDLCK ADVISORY  WRITE -1 08:02:131090 0 EOF
        nonsense
        """.utf8))
    #expect(held == ["08:02:11": [712], "08:02:131090": [4242]])
  }
}
