import Foundation
import Health
import Inventory
import Metrics
import Recordings
import TestMachines
import TestSupport
import Testing

/// What must hold whatever an inventory says: the text is valid, and a missing fact is left out.
@Suite struct AnyInventoryTests {
  private func values(_ inventory: Inventory) throws -> [StrictParser.Series: Double] {
    let input = MetricsInput(
      version: "1", inventory: inventory, profile: FullMachine.profile)
    var found: [StrictParser.Series: Double] = [:]
    for family in try StrictParser.families(Exposition.openmetrics.text(input), .openmetrics) {
      for sample in family.samples { found[sample.series] = sample.value }
    }
    return found
  }

  /// Every key of the full box is taken away in turn. No series may appear or change: a fact that is
  /// not there is never 0.
  @Test func aMissingFactIsLeftOut() throws {
    let object = try InventoryJSON(FullMachine.inventory)
    let before = try values(FullMachine.inventory)
    var removed = 0
    var gone: Set<String> = []
    for path in object.paths where isFact(path) {
      guard let box = object.changing(path, { _ in nil }).inventory else { continue }
      removed += 1
      let after = try values(box)
      for (series, value) in after where isOwn(series) {
        #expect(before[series] == value, "without \(object.name(of: path)): \(series)")
      }
      for series in before.keys where after[series] == nil { gone.insert(series.name) }
    }
    // Optional facts only: the rest must be there for the inventory to be one.
    #expect(removed > 60)
    #expect(gone.count > 35, "removing facts removed only \(gone.sorted())")
  }

  /// Names in place of facts would be other series; interrupts are summed.
  private func isFact(_ path: [InventoryJSON.Step]) -> Bool {
    guard case .key = path.last else { return false }
    let names = ["address", "port", "device", "label", "counts"]
    return names.allSatisfy { !path.contains(.key($0)) }
  }

  private func isOwn(_ series: StrictParser.Series) -> Bool {
    !series.name.hasSuffix("_info") && !series.name.hasPrefix("tinybox_interrupt")
      && series.name != "tinybox_unknown_facts"
  }

  /// Any values within their types give valid text in both formats.
  @Test(.seeded) func anyValuesGiveValidText() throws {
    var inventories = [FullMachine.inventory]
    for recording in Project.ownRecordings {
      inventories.append(
        InventoryReader.read(
          try RecordingLoader.open(recording.path), options: CollectionOptions()))
    }
    var random = SeededGenerator()
    var tried = 0
    for inventory in inventories {
      let object = try InventoryJSON(inventory)
      let paths = object.paths.filter { if case .key = $0.last { true } else { false } }
      // The made-up box is small and has everything.
      for _ in 0..<(inventory.origin == FullMachine.inventory.origin ? 150 : 8) {
        var changed = object
        for _ in 0..<8 {
          let path = random.pick(paths)
          let dice = random.next()
          let next = changed.changing(path) { change($0, dice) }
          // Most changes of kind make no inventory any more.
          if next.inventory != nil { changed = next }
        }
        guard let box = changed.inventory else { continue }
        tried += 1
        let input = MetricsInput(
          version: "1", inventory: box, report: nil, profile: FullMachine.profile,
          collectorSeconds: ["x": .nan, "y": -1])
        for format in Exposition.allCases {
          #expect(throws: Never.self) {
            try StrictParser.families(format.text(input), format)
          }
          #expect(format.text(input) == format.text(input))
        }
      }
    }
    #expect(tried > 100)
  }

  private func change(_ old: Any, _ dice: UInt64) -> Any? {
    switch old {
    case let number as NSNumber:
      if String(cString: number.objCType) == "c" { return !number.boolValue }
      let choices: [NSNumber] = [0, -1, NSNumber(value: Int.max), 1e300, -5.5, 255]
      return choices[Int(dice % 6)]
    case is String:
      return ["", "a\"b\\c\nd", "\u{1b}[31m\u{0}", "日本 é", "live", "-0"][Int(dice % 6)]
    case let list as [Any]:
      // Twice the same thing: no series may come twice.
      return dice % 2 == 0 ? [Any]() : list + list
    default: return dice % 2 == 0 ? nil : old
    }
  }
}
