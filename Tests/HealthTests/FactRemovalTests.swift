import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// Takes every fact away, one at a time: none may make a pass of what was none, and a pass goes
/// with each fact it cites.
@Suite struct FactRemovalTests {
  static let checks = Checks.processors + Checks.memory + Checks.gpu

  /// The well box, and boxes with something wrong for each check.
  static var boxes: [Inventory] {
    let changes: [(inout Inventory) -> Void] = [
      { _ in },
      WellServer.makeDesktop,
      WellServer.makeGuest,
      { inventory in
        // Wrong in ways that every check of processors and memory warns of.
        inventory.processors.frequency?.energyPreferences = [
          "performance": NumberSet(range: 0...3), "power": NumberSet(range: 4...7),
        ]
        inventory.processors.frequency?.boost = false
        inventory.processors.idle?.states[1].latencyMicroseconds = 800
        inventory.processors.temperatures[1].celsius = 99
        inventory.processors.offline = NumberSet([7])
        inventory.processors.isolated = NumberSet()
        inventory.processors.nodesPerSocket?.value = 4
        inventory.memory.modules[0].configuredMegatransfersPerSecond = 2666
        inventory.memory.modules[1].sizeBytes = 8 << 30
        inventory.memory.nodes[1].totalBytes = 1 << 30
        inventory.memory.nodes[1].hugePages[0].total = 4
        inventory.memory.totalBytes = 64 << 30
        inventory.memory.transparentHugePages = "never"
      },
      { inventory in
        inventory.processors.frequency?.drivers = ["acpi-cpufreq": NumberSet(range: 0...7)]
        inventory.processors.frequency?.amdPstateStatus = "disable"
        inventory.memory.nodes[1].kind = .memoryless
        inventory.memory.modules[7].isPopulated = false
        inventory.memory.modules[6].ratedMegatransfersPerSecond = 2933
        for index in inventory.memory.modules.indices {
          inventory.memory.modules[index].configuredMegatransfersPerSecond = 2400
        }
      },
      { inventory in
        for index in inventory.gpus.indices {
          inventory.gpus[index].ecc?["gfx"] = GPU.ECCCount(corrected: 0, uncorrected: 2)
          inventory.gpus[index].powerCap?.watts = 150
          inventory.gpus[index].throttleReasons = ["HwSlowdown"]
          inventory.gpus[index].temperatures[1].celsius = 109
          inventory.gpus[index].processes[0].name = nil
          inventory.gpus[index].pcieReplays = 4
          inventory.gpus[index].memoryTotalBytes = 12 << 30
        }
        inventory.pci[0].identity.deviceID = 0x7550
      },
    ]
    return changes.map { change in
      var inventory = WellServer.inventory
      change(&inventory)
      return inventory
    }
  }

  private struct Subject: Hashable {
    var check: String
    var subject: String?
    var text: String { check + " " + (subject ?? "box") }
  }

  private static func passes(_ inventory: Inventory, _ profile: Profile?) -> [Subject: Finding] {
    let box = Box(inventory, profile: profile)
    let findings = checks.flatMap { $0.evaluate(box) }.filter { $0.verdict == .pass }
    return Dictionary(
      findings.map { (Subject(check: $0.check, subject: $0.subject), $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Profiles of different kinds: none, one by PCI id, one by any card.
  static var profiles: [Profile?] {
    var anyCard = WellServer.profile
    anyCard.gpus = [Profile.ExpectedGPU(count: 2, memoryBytes: 24 << 30, powerCapWatts: 300)]
    return [nil, WellServer.profile, anyCard]
  }

  @Test(arguments: FactRemovalTests.boxes.indices) func noFactLessIsBetter(box: Int) throws {
    let inventory = FactRemovalTests.boxes[box]
    let whole = try InventoryJSON(inventory)
    let before = FactRemovalTests.profiles.map { FactRemovalTests.passes(inventory, $0) }
    var removed = 0
    for path in whole.paths where FactRemovalTests.isTaken(path, whole) {
      guard let less = whole.without(path) else { continue }
      removed += 1
      let name = whole.name(of: path)
      for (profile, before) in zip(FactRemovalTests.profiles, before) {
        let after = FactRemovalTests.passes(less, profile)
        for (subject, finding) in after {
          #expect(before[subject] != nil, "\(subject.text) passes without \(name)")
          let cited = finding.evidence.map(\.fact)
          #expect(!cited.contains(name), "\(subject.text) passes without \(name), which it cites")
        }
        for (subject, finding) in before where finding.evidence.map(\.fact).contains(name) {
          #expect(after[subject] == nil, "\(subject.text) cites \(name) and passes without")
        }
      }
    }
    #expect(removed > 100)
  }

  /// Whether a path is taken: a key, and of the elements of a list the first and the last, which stand
  /// for those between. Blocks of memory are elements too.
  private static func isTaken(_ path: [InventoryJSON.Step], _ whole: InventoryJSON) -> Bool {
    guard case .key = path.last else { return false }
    return path.enumerated().allSatisfy { index, step in
      switch step {
      case .key(let key): return key != "ecc" || index == path.count - 1
      case .element(let place):
        let list = whole.value(at: path[..<index]) as? [Any] ?? []
        return place == 0 || place == list.count - 1
      }
    }
  }
}
