import Base
import Inventory
import Testing

@testable import Health

/// A drive with a sound log.
func drive(_ name: String = "nvme0", _ change: (inout NVMeController) -> Void = { _ in })
  -> NVMeController
{
  var drive = NVMeController(name: name)
  drive.address = PCIAddress("0000:41:00.0")
  drive.state = "live"
  drive.model = "Samsung SSD 980 PRO 2TB"
  drive.firmware = "5B2QGXA7"
  drive.temperatures = [
    Temperature(label: "Composite", celsius: 41, criticalCelsius: 85),
    Temperature(label: "Sensor 2", celsius: 90, criticalCelsius: nil),
  ]
  drive.health = NVMeController.Health(
    criticalWarning: 0, temperatureCelsius: 41, availableSpare: 1, spareThreshold: 0.1,
    lifeUsed: 0.03, bytesRead: 1, bytesWritten: 1, powerOnHours: 1000, powerCycles: 1,
    unsafeShutdowns: 0, mediaErrors: 0, errorLogEntries: 0)
  change(&drive)
  return drive
}

func box(_ change: (inout Inventory) -> Void) -> Box {
  var inventory = Inventory(origin: "test")
  inventory.collectors = [
    CollectorReport(name: "System", outcome: .found),
    CollectorReport(name: "NVMe", outcome: .found),
  ]
  change(&inventory)
  return Box(inventory, advisories: .shipped)
}

func guest(_ kind: Virtualization.Kind) -> Virtualization {
  Virtualization(kind: kind, name: nil, evidence: "test")
}

extension Check {
  static func verdicts(_ box: Box) -> [Verdict] { evaluate(box).map(\.verdict) }
}

@Suite struct DriveTests {
  private func verdict(
    _ check: any Check.Type, _ change: (inout NVMeController) -> Void = { _ in }
  ) -> Verdict? {
    check.evaluate(box { $0.nvme = [drive("nvme0", change)] }).first?.verdict
  }
  private let all: [any Check.Type] = [
    NVMeStateCheck.self, NVMeSpareCheck.self, NVMeWearCheck.self, NVMeTemperatureCheck.self,
    NVMeFirmwareCheck.self,
  ]

  @Test func aSoundDrivePasses() {
    for check in all { #expect(verdict(check) == .pass, "\(check.info.id)") }
  }

  @Test func noDrive() {
    for check in all {
      #expect(check.verdicts(box { _ in }) == [.unknown])
      let none = box { $0.collectors = [CollectorReport(name: "NVMe", outcome: .nothing)] }
      #expect(check.verdicts(none) == [.notApplicable])
    }
  }

  @Test(arguments: [
    ("live" as String?, Verdict.pass), ("resetting", .warn), ("connecting", .warn), ("dead", .fail),
    (nil, .unknown),
  ])
  func state(_ state: String?, _ expected: Verdict) {
    #expect(verdict(NVMeStateCheck.self) { $0.state = state } == expected)
  }

  @Test func withoutALogNobodyKnows() {
    for check: any Check.Type in [NVMeSpareCheck.self, NVMeWearCheck.self] {
      let found = check.evaluate(
        box {
          $0.nvme = [
            drive {
              $0.health = nil
              $0.unknown = [
                UnknownFact(
                  fact: "health", path: "/dev/nvme0", reason: "permission denied")
              ]
            }
          ]
        })
      #expect(found.map(\.verdict) == [.unknown])
      #expect(found.first?.evidence.first?.value == "permission denied")
    }
  }

  @Test(arguments: [
    (0b1, Verdict.fail), (0b10, .warn), (0b100, .fail), (0b1000, .fail), (0b1_0000, .fail),
    (0x80, .fail), (0b11, .fail),
  ])
  func warnings(_ bits: Int, _ expected: Verdict) {
    #expect(verdict(NVMeSpareCheck.self) { $0.health?.criticalWarning = bits } == expected)
  }

  @Test(arguments: [
    (1.0, 0.1, Verdict.pass), (0.25, 0.1, .pass), (0.19, 0.1, .warn), (0.1, 0.1, .warn),
    (0.09, 0.1, .fail),
  ])
  func spare(_ spare: Double, _ threshold: Double, _ expected: Verdict) {
    #expect(
      verdict(NVMeSpareCheck.self) {
        $0.health?.availableSpare = spare
        $0.health?.spareThreshold = threshold
      } == expected)
  }

  @Test func aDriveThatKeepsNoCount() {
    let silent = drive {
      $0.health?.availableSpare = 0
      $0.health?.spareThreshold = 0
    }
    #expect(NVMeSpareCheck.verdicts(box { $0.nvme = [silent] }) == [.unknown])
    let virtual = box {
      $0.nvme = [silent]
      $0.machine.virtualization = guest(.vm)
    }
    #expect(NVMeSpareCheck.verdicts(virtual) == [.notApplicable])
  }

  @Test func mediaErrors() {
    #expect(verdict(NVMeSpareCheck.self) { $0.health?.mediaErrors = 3 } == .warn)
  }

  @Test(arguments: [(0.79, Verdict.pass), (0.8, .warn), (1.0, .warn), (2.55, .warn)])
  func wear(_ used: Double, _ expected: Verdict) {
    #expect(verdict(NVMeWearCheck.self) { $0.health?.lifeUsed = used } == expected)
  }

  @Test func wearTellsHowLongTheRestLasts() {
    let worn = box {
      $0.nvme = [
        drive {
          $0.health?.lifeUsed = 0.8
          $0.health?.powerOnHours = 24 * 400
        }
      ]
    }
    let found = NVMeWearCheck.evaluate(worn)
    #expect(found.first?.consequence?.contains("100 days") == true)
  }

  @Test(arguments: [
    (79.0, 85.0 as Double?, Verdict.pass), (81, 85, .warn), (85, 85, .fail), (40, nil, .unknown),
    (40, 0, .unknown),
  ])
  func temperature(_ celsius: Double, _ limit: Double?, _ expected: Verdict) {
    #expect(
      verdict(NVMeTemperatureCheck.self) {
        $0.temperatures[0].celsius = celsius
        $0.temperatures[0].criticalCelsius = limit
      } == expected)
  }

  @Test func temperatureWithoutASensor() {
    #expect(verdict(NVMeTemperatureCheck.self) { $0.temperatures = [] } == .unknown)
    let virtual = box {
      $0.machine.virtualization = guest(.vm)
      $0.nvme = [drive { $0.temperatures = [] }]
    }
    #expect(NVMeTemperatureCheck.verdicts(virtual) == [.notApplicable])
  }

  @Test(arguments: [
    ("Samsung SSD 980 PRO 1TB" as String?, "3B2QGXA7" as String?, Verdict.fail),
    ("Samsung SSD 980 PRO 1TB", "5B2QGXA7", .pass), ("Samsung SSD 990 PRO 4TB", "0B2QJXD7", .fail),
    ("Micron_7450_MTFDKBG1T9TFR", "E2MU200", .fail),
    ("Micron_7450_MTFDKBG1T9TFR", "E2MU300", .pass), ("Other", "1", .notApplicable),
    (nil, "1", .unknown), ("Samsung SSD 980 PRO 1TB", nil, .unknown),
  ])
  func firmware(_ model: String?, _ revision: String?, _ expected: Verdict) {
    #expect(
      verdict(NVMeFirmwareCheck.self) {
        $0.model = model
        $0.firmware = revision
      } == expected)
  }

  @Test func aFaultThatLosesNothingIsAWarning() {
    var advisories = Advisories.none
    advisories.nvme = [
      Advisories.DriveFirmware(
        modelPrefix: "Samsung", affected: ["5B2QGXA7"], fixed: "X", fault: "slow",
        losesData: false, source: "here")
    ]
    var inventory = Inventory(origin: "test")
    inventory.nvme = [drive()]
    #expect(NVMeFirmwareCheck.verdicts(Box(inventory, advisories: advisories)) == [.warn])
  }

  @Test func drivesOfOneModelDiffer() {
    let mixed = box {
      $0.nvme = [drive("nvme0"), drive("nvme1") { $0.firmware = "4B2QGXA7" }]
    }
    let found = NVMeFirmwareCheck.evaluate(mixed)
    #expect(found.map(\.verdict) == [.pass, .pass, .warn])
    #expect(found.last?.subject == "Samsung SSD 980 PRO 2TB")
  }

  @Test func shippedAdvisoriesAreComplete() {
    let shipped = Advisories.shipped
    #expect(shipped.nvme.count >= 4)
    for entry in shipped.nvme {
      #expect(!entry.source.isEmpty && !entry.fault.isEmpty && !entry.fixed.isEmpty)
      #expect(!entry.affected.isEmpty && !entry.affected.contains(entry.fixed))
    }
  }
}

@Suite struct FileSystemTests {
  private func root(_ change: (inout FileSystemState) -> Void = { _ in }) -> Box {
    box { inventory in
      var root = FileSystemState(
        mountPoint: "/", device: "nvme0n1p2", type: "ext4", isReadOnly: false)
      root.errorCount = 0
      root.totalBytes = 1 << 40
      root.freeBytes = 1 << 39
      root.totalFiles = 1_000_000
      root.freeFiles = 900_000
      change(&root)
      inventory.system.fileSystems = [root]
    }
  }

  @Test func rootFileSystem() {
    #expect(RootFileSystemCheck.verdicts(root()) == [.pass])
    #expect(RootFileSystemCheck.verdicts(root { $0.errorCount = 2 }) == [.fail])
    #expect(RootFileSystemCheck.verdicts(root { $0.errorCount = nil }) == [.unknown])
    #expect(RootFileSystemCheck.verdicts(root { $0.isReadOnly = true }) == [.warn])
    #expect(
      RootFileSystemCheck.verdicts(
        root {
          $0.type = "xfs"
          $0.errorCount = nil
        }) == [.pass])
    #expect(RootFileSystemCheck.verdicts(root { $0.mountPoint = "/data" }) == [.unknown])
    #expect(RootFileSystemCheck.verdicts(box { _ in }) == [.unknown])
    let elsewhere = root {
      $0.mountPoint = "/data"
    }.inventory.system
    let noted = box {
      $0.system = elsewhere
      $0.system.unknown = [
        UnknownFact(fact: "fileSystems[/]", path: "/proc/mounts", reason: "it is zfs")
      ]
    }
    #expect(RootFileSystemCheck.evaluate(noted).first?.evidence.first?.value == "it is zfs")
    #expect(
      RootFileSystemCheck.verdicts(box { $0.machine.virtualization = guest(.container) })
        == [.notApplicable])
  }

  @Test(arguments: [
    // free and total in MiB: small, usual, huge.
    (200, 1_000, Verdict.pass), (50, 1_000, .warn), (900, 30_000, .warn), (3_500, 30_000, .pass),
    (500, 30_000, .fail),
    (19_000, 1_000_000, .warn), (30_000, 1_000_000, .pass), (900, 1_000_000, .fail),
    (100_000, 16_000_000, .pass),
  ])
  func space(_ free: Int, _ total: Int, _ expected: Verdict) {
    #expect(
      DiskSpaceCheck.verdicts(
        root {
          $0.freeBytes = free << 20
          $0.totalBytes = total << 20
        }) == [expected])
  }

  @Test(arguments: [
    (0, 0, Verdict.pass), (40_000, 1_000_000, .warn), (60_000, 1_000_000, .pass),
    (200_000, 10_000_000, .pass), (100, 1_000_000, .fail),
  ])
  func files(_ free: Int, _ total: Int, _ expected: Verdict) {
    #expect(
      DiskSpaceCheck.verdicts(
        root {
          $0.freeFiles = free
          $0.totalFiles = total
        }) == [expected])
  }

  @Test func spaceNotKnown() {
    #expect(DiskSpaceCheck.verdicts(root { $0.freeBytes = nil }) == [.unknown])
    #expect(DiskSpaceCheck.verdicts(root { $0.totalBytes = nil }) == [.unknown])
    #expect(DiskSpaceCheck.verdicts(root { $0.freeFiles = nil }) == [.unknown])
    #expect(DiskSpaceCheck.verdicts(root { $0.totalFiles = nil }) == [.unknown])
    #expect(DiskSpaceCheck.verdicts(box { _ in }) == [.unknown])
    #expect(DiskSpaceCheck.verdicts(root { $0.isReadOnly = true }) == [.notApplicable])
  }

  @Test func aSmallFirmwarePartitionMayBeFull() {
    func efi(_ free: Int) -> Box {
      root {
        $0.mountPoint = "/boot/efi"
        $0.totalBytes = 100 << 20
        $0.freeBytes = free
        $0.totalFiles = 0
      }
    }
    #expect(DiskSpaceCheck.verdicts(efi(5 << 20)) == [.pass])
    #expect(DiskSpaceCheck.verdicts(efi(1 << 20)) == [.warn])
  }

  @Test func bootDisk() {
    func usb(_ speed: Double?) -> Box {
      root {
        $0.device = "sdb2"
        $0.usbMegabitsPerSecond = speed
      }
    }
    #expect(BootDiskCheck.verdicts(usb(480)) == [.warn])
    #expect(BootDiskCheck.verdicts(usb(5000)) == [.pass])
    // Not on USB, or not known to be: SATA disks tell nothing here.
    #expect(BootDiskCheck.verdicts(usb(nil)) == [.unknown])
    #expect(BootDiskCheck.verdicts(box { _ in }) == [.unknown])
    func nvme(_ change: (inout NVMeController) -> Void) -> Box {
      box {
        var namespace = NVMeController.Namespace(name: "nvme0n1")
        namespace.uses = [
          NVMeController.Use(device: "nvme0n1p2", kind: .mount, target: "/")
        ]
        $0.nvme = [
          drive {
            $0.isBootDisk = true
            $0.namespaces = [namespace]
            change(&$0)
          }, drive("nvme1"),
        ]
        $0.system = root().inventory.system
      }
    }
    #expect(BootDiskCheck.verdicts(nvme { _ in }) == [.pass])
    #expect(BootDiskCheck.verdicts(nvme { $0.health?.criticalWarning = 4 }) == [.fail])
    #expect(BootDiskCheck.verdicts(nvme { $0.health?.criticalWarning = 2 }) == [.pass])
    #expect(BootDiskCheck.verdicts(nvme { $0.health?.mediaErrors = 1 }) == [.warn])
    #expect(BootDiskCheck.verdicts(nvme { $0.health = nil }) == [.unknown])
    #expect(BootDiskCheck.verdicts(nvme { $0.isBootDisk = nil }) == [.unknown])
    // Only the boot loader lies on it.
    #expect(BootDiskCheck.verdicts(nvme { $0.namespaces = [] }) == [.pass, .unknown])
    for kind in [Virtualization.Kind.vm, .container] {
      var inventory = usb(nil).inventory
      inventory.machine.virtualization = guest(kind)
      #expect(BootDiskCheck.verdicts(Box(inventory)) == [.notApplicable])
    }
  }
}

@Suite struct RAIDTests {
  private func array(_ change: (inout RAIDArray) -> Void = { _ in }) -> Box {
    box { inventory in
      var array = RAIDArray(name: "md0")
      array.level = "raid1"
      array.state = "clean"
      array.memberCount = 2
      array.missingMembers = 0
      array.syncAction = "idle"
      array.members = [
        RAIDArray.Member(device: "sda1", state: "in_sync", errors: 0),
        RAIDArray.Member(device: "sdb1", state: "in_sync", errors: 0),
      ]
      change(&array)
      inventory.system.arrays = [array]
    }
  }

  @Test func verdicts() {
    #expect(RAIDCheck.verdicts(array()) == [.pass])
    #expect(RAIDCheck.verdicts(array { $0.missingMembers = 1 }) == [.fail])
    #expect(RAIDCheck.verdicts(array { $0.members[1].state = "faulty,blocked" }) == [.fail])
    #expect(RAIDCheck.verdicts(array { $0.state = "inactive" }) == [.fail])
    #expect(RAIDCheck.verdicts(array { $0.state = "readonly" }) == [.warn])
    #expect(RAIDCheck.verdicts(array { $0.syncAction = "resync" }) == [.warn])
    #expect(RAIDCheck.verdicts(array { $0.syncAction = "check" }) == [.pass])
    #expect(RAIDCheck.verdicts(array { $0.members[0].errors = 9 }) == [.warn])
    #expect(
      RAIDCheck.verdicts(
        array {
          $0.missingMembers = 1
          $0.syncAction = "recover"
        }) == [.warn])
  }

  /// An array of so many places, its members in these states.
  private func finding(
    _ level: String, places: Int, missing: Int?, action: String = "idle", _ states: [String?]
  ) -> Finding? {
    RAIDCheck.evaluate(
      array {
        $0.level = level
        $0.memberCount = places
        $0.missingMembers = missing
        $0.syncAction = action
        $0.members = states.enumerated().map { index, state in
          RAIDArray.Member(
            device: "sd\(Character(UnicodeScalar(UInt8(97 + index))))1", state: state, errors: 0)
        }
      }
    ).first
  }

  @Test func `a failed drive whose place is taken costs a spare`() {
    let found = finding("raid1", places: 2, missing: 0, ["in_sync", "in_sync", "faulty"])
    #expect(found?.verdict == .warn)
    #expect(
      found?.summary == "a failed drive is still in the array: sdc1; all 2 members in place")
    #expect(found?.advice.first?.commands == ["mdadm /dev/md0 --remove /dev/sdc1"])
    // Not where a place is empty, or where nobody knows.
    let empty = finding(
      "raid5", places: 4, missing: 1, ["in_sync", "in_sync", "in_sync", "faulty"])
    #expect(empty?.verdict == .fail)
    #expect(finding("raid1", places: 2, missing: nil, ["in_sync", "faulty"])?.verdict == .fail)
    #expect(finding("raid1", places: 3, missing: 0, ["in_sync", nil, "faulty"])?.verdict == .fail)
  }

  @Test func `a mirror with room has as many copies as drives`() {
    let found = finding("raid1", places: 32, missing: 29, ["in_sync", "in_sync", "in_sync"])
    #expect(found?.verdict == .warn)
    #expect(found?.summary == "3 of 32 members in place")
    #expect(found?.consequence == "2 more may fail, 3 may not")
    let two = finding("raid1", places: 3, missing: 1, ["in_sync", "in_sync,write_mostly"])
    #expect(two?.verdict == .warn)
    #expect(two?.consequence == "one more may fail, two may not")
    #expect(finding("raid1", places: 3, missing: 2, ["in_sync"])?.verdict == .fail)
    let faulty = finding("raid1", places: 3, missing: 1, ["in_sync", "in_sync", "faulty"])
    #expect(faulty?.verdict == .fail)
    #expect(faulty?.consequence == "one more may fail, two may not")
    #expect(finding("raid1", places: 4, missing: 1, ["in_sync", "in_sync", nil])?.verdict == .fail)
  }

  @Test(arguments: [
    ("raid1", 1, "the next drive to fail takes the data with it"),
    ("raid4", 1, "the next drive to fail takes the data with it"),
    ("raid5", 1, "the next drive to fail takes the data with it"),
    ("raid6", 1, "one more may fail, two may not"),
    ("raid6", 2, "the next drive to fail takes the data with it"),
    ("raid10", 1, "whether the next drive to fail takes data with it depends on which it is"),
  ])
  func consequences(level: String, missing: Int, consequence: String) {
    let states = Array(repeating: "in_sync", count: level == "raid1" ? 1 : 4 - missing)
    let places = states.count + missing
    let found = finding(level, places: places, missing: missing, states)
    #expect(found?.verdict == .fail)
    #expect(found?.consequence == consequence)
  }

  /// An array that lost more than it has copies of: an added drive would be written over, and a
  /// member that is still readable may be the one that saves the data.
  @Test(arguments: [
    ("raid5", 2, true), ("raid6", 3, true), ("raid5", 1, false), ("raid6", 2, false),
  ])
  func `nothing is added to what cannot be rebuilt`(level: String, missing: Int, isLost: Bool) {
    let found = finding(
      level, places: 5, missing: missing, Array(repeating: "in_sync", count: 5 - missing))
    #expect(found?.verdict == .fail)
    #expect((found?.consequence == "nothing can be rebuilt from what is left") == isLost)
    let commands = found?.advice.flatMap(\.commands) ?? []
    #expect(commands.contains { $0.contains("--add") } == !isLost)
    #expect(commands.contains { $0.hasPrefix("mdadm --examine /dev/sda1 ") } == isLost)
    // Nor to what does not run.
    let stopped = RAIDCheck.evaluate(array { $0.state = "inactive" }).first?.advice ?? []
    #expect(stopped.flatMap(\.commands) == ["mdadm --examine /dev/sda1 /dev/sdb1"])
  }

  @Test func `a member that is being replaced is there until it is done`() {
    let states = ["want_replacement,in_sync", "in_sync", "in_sync", "spare", "spare,replacement"]
    let found = finding("raid5", places: 3, missing: 0, action: "recover", states)
    #expect(found?.verdict == .warn)
    #expect(found?.summary == "sda1 is being replaced by sde1")
    #expect(found?.consequence == "slower until it is done, as redundant as before")
    let rebuild = finding("raid5", places: 3, missing: 1, action: "recover", states)
    #expect(rebuild?.summary == "rebuilding")
    let waits = finding("raid5", places: 3, missing: 0, Array(states.prefix(3)))
    #expect(waits?.verdict == .warn)
    #expect(waits?.summary == "should be replaced: sda1")
  }

  @Test func noRedundancyIsNoFault() {
    let stripes = RAIDCheck.evaluate(
      array {
        $0.level = "raid0"
        $0.missingMembers = nil
        $0.syncAction = nil
      })
    #expect(stripes.map(\.verdict) == [.pass])
    #expect(stripes.first?.summary == "raid0, complete; no redundancy")
  }

  @Test func missingFacts() {
    #expect(RAIDCheck.verdicts(array { $0.level = nil }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.state = nil }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.missingMembers = nil }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.syncAction = nil }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.members = [] }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.members[0].state = nil }) == [.unknown])
    #expect(RAIDCheck.verdicts(array { $0.members[0].errors = nil }) == [.unknown])
  }

  @Test func noArray() {
    #expect(RAIDCheck.verdicts(box { _ in }) == [.notApplicable])
    #expect(RAIDCheck.verdicts(box { $0.collectors = [] }) == [.unknown])
    let hidden = box {
      $0.system.unknown = [
        UnknownFact(fact: "arrays", path: "/sys/block", reason: "permission denied")
      ]
    }
    #expect(RAIDCheck.verdicts(hidden) == [.unknown])
  }
}
