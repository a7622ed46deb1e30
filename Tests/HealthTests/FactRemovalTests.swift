import Base
import Foundation
import Inventory
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
      Boxes.makeDesktop,
      Boxes.makeGuest,
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
      var inventory = Boxes.well()
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
    var anyCard = Boxes.profile()
    anyCard.gpus = [Profile.ExpectedGPU(count: 2, memoryBytes: 24 << 30, powerCapWatts: 300)]
    return [nil, Boxes.profile(), anyCard]
  }

  @Test(arguments: FactRemovalTests.boxes.indices) func noFactLessIsBetter(box: Int) throws {
    let inventory = FactRemovalTests.boxes[box]
    let encoded = try JSONEncoder().encode(inventory)
    let object = try JSONSerialization.jsonObject(with: encoded)
    let before = FactRemovalTests.profiles.map { FactRemovalTests.passes(inventory, $0) }
    var removed = 0
    for (path, value) in FactRemovalTests.paths(object) {
      guard let less = FactRemovalTests.removing(path, value, from: object) else { continue }
      removed += 1
      let name = FactRemovalTests.name(object, path)
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

  // MARK: - Paths in JSON

  /// Every key of every object, and every list.
  private static func paths(_ value: Any, _ prefix: [Any] = []) -> [(path: [Any], value: Any)] {
    if let object = value as? [String: Any] {
      // Blocks of memory are elements, as those of a list.
      if prefix.last as? String == "ecc" { return [] }
      return object.sorted { $0.key < $1.key }.flatMap { key, value in
        [(prefix + [key], value)] + paths(value, prefix + [key])
      }
    }
    if let list = value as? [Any] {
      // The first and the last stand for those between.
      return Set([list.startIndex, list.endIndex - 1]).sorted().filter(list.indices.contains)
        .flatMap {
          paths(list[$0], prefix + [$0])
        }
    }
    return []
  }

  /// The inventory without what is at a path: gone where that is possible, which it is for every
  /// fact that may be absent, else emptied. Nil for what is always there.
  private static func removing(_ path: [Any], _ value: Any, from root: Any) -> Inventory? {
    var replacements: [Any?] = [nil]
    if value is [Any] { replacements.append([Any]()) }
    if value is [String: Any] { replacements.append([String: Any]()) }
    for replacement in replacements {
      let smaller = replacing(path[...], in: root, by: replacement)
      if let data = try? JSONSerialization.data(withJSONObject: smaller),
        let inventory = try? JSONDecoder().decode(Inventory.self, from: data)
      {
        return inventory
      }
    }
    return nil
  }

  private static func replacing(
    _ path: ArraySlice<Any>, in value: Any, by replacement: Any?
  ) -> Any {
    guard let step = path.first else { return value }
    let rest = path.dropFirst()
    if let key = step as? String, var object = value as? [String: Any] {
      object[key] =
        rest.isEmpty ? replacement : object[key].map { replacing(rest, in: $0, by: replacement) }
      return object
    }
    if let index = step as? Int, var list = value as? [Any] {
      list[index] = replacing(rest, in: list[index], by: replacement)
      return list
    }
    return value
  }

  /// A path as evidence names it: elements by address, id or name.
  private static func name(_ root: Any, _ path: [Any]) -> String {
    var text = ""
    var value = root
    for step in path {
      if let key = step as? String {
        text += (text.isEmpty ? "" : ".") + key
        value = (value as? [String: Any])?[key] ?? 0
      } else if let index = step as? Int, let list = value as? [Any] {
        value = list[index]
        let object = value as? [String: Any] ?? [:]
        let id = object["address"] ?? object["name"] ?? object["id"] ?? index
        text += "[\(id)]"
      }
    }
    return text
  }
}
