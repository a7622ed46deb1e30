import Foundation
import Health
import Inventory
import Metrics
import Recordings
import TestSupport
import Testing

/// What must hold whatever an inventory says: the text is valid, and a missing fact is left out.
@Suite struct AnyInventoryTests {
  typealias JSON = [String: Any]

  private func json(_ inventory: Inventory) throws -> JSON {
    let data = try JSONEncoder().encode(inventory)
    return try #require(try JSONSerialization.jsonObject(with: data) as? JSON)
  }

  private func decode(_ object: Any) -> Inventory? {
    guard let data = try? JSONSerialization.data(withJSONObject: object) else { return nil }
    return try? JSONDecoder().decode(Inventory.self, from: data)
  }

  private func values(_ inventory: Inventory) throws -> [StrictParser.Series: Double] {
    let input = MetricsInput(
      version: "1", inventory: inventory, profile: FullBox.profile)
    var found: [StrictParser.Series: Double] = [:]
    for family in try StrictParser.families(Exposition.openmetrics.text(input), .openmetrics) {
      for sample in family.samples { found[sample.series] = sample.value }
    }
    return found
  }

  /// Every key of the full box is taken away in turn. No series may appear or change: a fact that is
  /// not there is never 0.
  @Test func aMissingFactIsLeftOut() throws {
    let object = try json(FullBox.inventory)
    let before = try values(FullBox.inventory)
    var removed = 0
    var gone: Set<String> = []
    for path in keys(of: object, []) where isFact(path) {
      guard let box = decode(edit(object, path[...]) { _ in nil } ?? [:]) else { continue }
      removed += 1
      let after = try values(box)
      for (series, value) in after where isOwn(series) {
        #expect(before[series] == value, "without \(path): \(series)")
      }
      for series in before.keys where after[series] == nil { gone.insert(series.name) }
    }
    // Optional facts only: the rest must be there for the inventory to be one.
    #expect(removed > 60)
    #expect(gone.count > 35, "removing facts removed only \(gone.sorted())")
  }

  /// Names in place of facts would be other series; interrupts are summed.
  private func isFact(_ path: [String]) -> Bool {
    let names: Set<String> = ["address", "port", "device", "label", "counts"]
    return names.isDisjoint(with: path)
  }

  private func isOwn(_ series: StrictParser.Series) -> Bool {
    !series.name.hasSuffix("_info") && !series.name.hasPrefix("tinybox_interrupt")
      && series.name != "tinybox_unknown_facts"
  }

  /// Any values within their types give valid text in both formats.
  @Test func anyValuesGiveValidText() throws {
    var inventories = [FullBox.inventory]
    for recording in Project.ownRecordings {
      inventories.append(
        InventoryReader.read(
          try RecordingLoader.open(recording.path), options: CollectionOptions()))
    }
    var random = Dice(state: 5)
    var tried = 0
    for inventory in inventories {
      let object = try json(inventory)
      let paths = keys(of: object, [])
      // The made-up box is small and has everything.
      for _ in 0..<(inventory.origin == FullBox.inventory.origin ? 150 : 8) {
        var changed: Any = object
        for _ in 0..<8 {
          let path = paths[Int(random.next() % UInt64(paths.count))]
          let dice = random.next()
          let next = edit(changed, path[...]) { change($0, dice) } ?? changed
          // Most changes of kind make no inventory any more.
          if decode(next) != nil { changed = next }
        }
        guard let box = decode(changed) else { continue }
        tried += 1
        let input = MetricsInput(
          version: "1", inventory: box, report: nil, profile: FullBox.profile,
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

  private func keys(of value: Any, _ path: [String]) -> [[String]] {
    if let object = value as? JSON {
      return object.keys.sorted().flatMap { key in
        [path + [key]] + keys(of: object[key] ?? NSNull(), path + [key])
      }
    }
    guard let list = value as? [Any] else { return [] }
    return list.enumerated().flatMap { keys(of: $0.element, path + ["\($0.offset)"]) }
  }

  private func edit(_ value: Any, _ path: ArraySlice<String>, _ body: (Any) -> Any?) -> Any? {
    guard let step = path.first else { return body(value) }
    if var object = value as? JSON, let inner = object[step] {
      object[step] = edit(inner, path.dropFirst(), body)
      return object
    }
    if var list = value as? [Any], let index = Int(step), list.indices.contains(index) {
      list[index] = edit(list[index], path.dropFirst(), body) ?? NSNull()
      return list
    }
    return value
  }
}

/// The same numbers every run (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
