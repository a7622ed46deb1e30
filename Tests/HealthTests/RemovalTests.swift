import Base
import Foundation
import Inventory
import TestMachines
import Testing

@testable import Health

/// Takes one fact at a time from a box that is well and from one that is not: what was not fine
/// never becomes fine by knowing less, and a pass does not outlive a fact that it cites.
@Suite struct RemovalTests {
  static let checks: [any Check.Type] = [
    RootFileSystemCheck.self, BootDiskCheck.self, DiskSpaceCheck.self, RAIDCheck.self,
    NVMeStateCheck.self, NVMeSpareCheck.self, NVMeWearCheck.self, NVMeTemperatureCheck.self,
    NVMeFirmwareCheck.self, TimeSyncCheck.self, RuntimeLocksCheck.self,
    FailedUnitsCheck.self, IRQBalanceCheck.self, IRQLocalityCheck.self, NICQueuesCheck.self,
    EDACCheck.self,
  ]

  static func inventory(isWell: Bool) -> Inventory {
    var inventory = interruptInventory()
    inventory.collectors.append(CollectorReport(name: "System", outcome: .found))
    inventory.collectors.append(CollectorReport(name: "NVMe", outcome: .found))
    inventory.nvme = [drive()]
    inventory.nvme[0].address = nil
    inventory.nvme[0].isBootDisk = true
    var namespace = NVMeController.Namespace(name: "nvme0n1")
    namespace.uses = [NVMeController.Use(device: "nvme0n1p2", kind: .mount, target: "/")]
    inventory.nvme[0].namespaces = [namespace]
    var root = FileSystemState(
      mountPoint: "/", device: "nvme0n1p2", type: "ext4", isReadOnly: false)
    root.errorCount = isWell ? 0 : 3
    root.totalBytes = 100 << 30
    root.freeBytes = isWell ? 50 << 30 : 1 << 20
    root.totalFiles = 1_000_000
    root.freeFiles = isWell ? 900_000 : 10
    inventory.system.fileSystems = [root]
    var array = RAIDArray(name: "md0")
    array.level = "raid1"
    array.state = "clean"
    array.memberCount = 2
    array.missingMembers = 0
    array.syncAction = "idle"
    array.members = [RAIDArray.Member(device: "sda1", state: "in_sync", errors: isWell ? 0 : 5)]
    inventory.system.arrays = [array]
    inventory.system.clock = ClockState(
      isSynchronized: isWell, maximumErrorMicroseconds: 1)
    inventory.system.locksListed = true
    inventory.system.runtimeLocks = [
      RuntimeLock(
        path: "/tmp/am_0000:41:00.0.lock", gpu: PCIAddress("0000:41:00.0"), holders: [4],
        holdersAlive: isWell, holdersKnown: true)
    ]
    // An empty list is what is well here: nothing can be taken from it.
    inventory.system.failedUnits = isWell ? [] : nil
    inventory.system.irqbalance = IRQBalance(
      pid: 8, arguments: ["irqbalance"] + (isWell ? ["--banirq=40", "--banirq=41"] : []), unit: nil)
    var controller = MemoryController(name: "mc0")
    controller.correctedErrors = isWell ? 0 : 100
    controller.uncorrectedErrors = 0
    controller.secondsSinceReset = 86_400
    inventory.memory.controllers = [controller]
    inventory.machine.boardVendor = "V"
    inventory.machine.boardName = "B"
    if !isWell {
      inventory.nvme[0].state = "dead"
      inventory.nvme[0].health?.criticalWarning = 1
      inventory.nvme[0].health?.lifeUsed = 1.2
      inventory.nvme[0].temperatures[0].celsius = 90
      inventory.nvme[0].firmware = "3B2QGXA7"
      inventory.interrupts[0].effectiveAffinity = NumberSet([0])
      inventory.nics[0].queues.channels?.combined = 6
    }
    return inventory
  }

  static func findings(_ inventory: Inventory) -> [Finding] {
    let box = Box(inventory)
    return checks.flatMap { $0.evaluate(box) }
  }

  /// Each fact's path and the inventory without it: gone where it is optional, else an empty list.
  ///   With `extremes` also with numbers that no machine has.
  static func reductions(
    _ inventory: Inventory, extremes: Bool = false
  ) throws -> [(path: String, rest: Inventory)] {
    let whole = try InventoryJSON(inventory)
    return whole.paths.flatMap { path -> [(String, Inventory)] in
      guard case .key = path.last, !path.contains(.key("unknown")), path[0] != .key("collectors")
      else { return [] }
      let name = whole.name(of: path)
      let value = whole.value(at: path)
      var others: [Any?] = [nil]
      if let list = value as? [Any], !list.isEmpty { others.append([Any]()) }
      if extremes, value is NSNumber { others += [-1, 0, Int.max, 1e300, 0.5] as [Any?] }
      return others.compactMap { other in
        whole.changing(path) { _ in other }.inventory.map { (name, $0) }
      }
    }
  }

  @Test func theBoxesAreWellAndNot() {
    #expect(Self.findings(Self.inventory(isWell: true)).allSatisfy { $0.verdict == .pass })
    let bad = Self.findings(Self.inventory(isWell: false))
    #expect(
      bad.allSatisfy { $0.verdict == .warn || $0.verdict == .fail || $0.check == "failed-units" })
    #expect(bad.count == Self.checks.count)
  }

  @Test(arguments: [true, false]) func knowingLessIsNeverBetter(isWell: Bool) throws {
    let inventory = Self.inventory(isWell: isWell)
    let before = Self.findings(inventory)
    let passed = Set(before.filter { $0.verdict == .pass }.map(\.check))
    let reductions = try Self.reductions(inventory)
    #expect(reductions.count > 75)
    for (path, rest) in reductions {
      let after = Self.findings(rest)
      for check in Set(after.filter { $0.verdict == .pass }.map(\.check))
      where !passed.contains(check) {
        Issue.record("\(check) passes without \(path)")
      }
      for finding in before where finding.verdict == .pass {
        guard finding.evidence.contains(where: { $0.fact == path }) else { continue }
        let still = after.first { $0.check == finding.check && $0.subject == finding.subject }
        if still?.verdict == .pass { Issue.record("\(finding.check) passes without its \(path)") }
      }
    }
  }

  @Test(arguments: [true, false]) func numbersOfAnySizeNeverCrash(isWell: Bool) throws {
    let changed = try Self.reductions(Self.inventory(isWell: isWell), extremes: true)
    #expect(changed.count > 250)
    for (_, inventory) in changed {
      for finding in Self.findings(inventory) { #expect(!finding.summary.isEmpty) }
    }
  }

  @Test func citedFactsExist() throws {
    let inventory = Self.inventory(isWell: true)
    let whole = try InventoryJSON(inventory)
    let elements = whole.paths.filter { if case .element = $0.last { true } else { false } }
    let paths = Set(try Self.reductions(inventory).map(\.path) + elements.map(whole.name))
    for finding in Self.findings(inventory) {
      for evidence in finding.evidence {
        // A part of a value without an optional goes with the whole.
        let parent = evidence.fact.split(separator: ".").dropLast().joined(separator: ".")
        #expect(
          paths.contains(evidence.fact) || paths.contains(parent)
            || evidence.fact == "pci[0000:41:00.0].address"
            || evidence.fact.hasPrefix("system.fileSystems[/]"),
          "\(finding.check): \(evidence.fact)")
      }
    }
  }
}
