import Base
import Foundation
import Inventory
import Recordings
import TestSupport
import Testing

@testable import Health

/// What must hold of every check on every inventory, whatever is missing from it.
///
/// Facts are removed from the JSON of inventories of recorded machines: any key, any element of a
/// list. Values are changed within their type. Then:
/// - no check crashes, and each gives at least one finding;
/// - what was no pass before is no pass after a fact was taken away;
/// - a pass that cites a fact is gone when the fact is;
/// - a pass has evidence, none of it missing.
@Suite struct PropertyTests {
  typealias JSON = [String: Any]

  /// A removal: where in the JSON, as keys and positions.
  enum Step: Hashable {
    case key(String)
    case element(Int)
  }

  /// A GPU by its address: its number is for people, and shifts where an address is not known.
  struct Outcome: Hashable {
    var check: String
    var subject: String?

    init(_ finding: Finding) {
      check = finding.check
      let isGPU = finding.subject?.hasPrefix("GPU") == true
      subject = isGPU ? finding.address?.description ?? finding.subject : finding.subject
    }
  }

  static let rounds = Int(ProcessInfo.processInfo.environment["TINYBOX_FUZZ_ROUNDS"] ?? "") ?? 250

  /// Inventories with much in them: the recordings of the virtual boxes, and a box as it should be.
  static func inventories() throws -> [(name: String, Inventory)] {
    var found = [("well box", WellBox.inventory)]
    for recording in Project.ownRecordings {
      let tree = try RecordingLoader.open(recording.path)
      found.append(
        (recording.lastPathComponent, InventoryReader.read(tree, options: CollectionOptions())))
    }
    return found
  }

  @Test func anEmptyInventoryPassesNothing() {
    for check in Checks.all {
      let findings = check.evaluate(Box(Inventory(origin: "nothing")))
      #expect(!findings.isEmpty, "\(check.info.id)")
      #expect(!findings.contains { $0.verdict == .pass }, "\(check.info.id)")
    }
  }

  @Test func passesHaveEvidence() throws {
    for (name, inventory) in try Self.inventories() {
      for check in Checks.all {
        for finding in check.evaluate(Box(inventory)) where finding.verdict == .pass {
          #expect(!finding.evidence.isEmpty, "\(name) \(check.info.id)")
          let missing = finding.evidence.filter { $0.isMissing }
          #expect(missing.isEmpty, "\(name) \(check.info.id)")
        }
      }
    }
  }

  @Test func removedFactsNeverMakeAPass() throws {
    var random = Random(seed: 20)
    var tried = 0
    var cited = 0
    for (name, inventory) in try Self.inventories() {
      let object = try json(inventory)
      let before = verdicts(inventory)
      for _ in 0..<Self.rounds {
        guard let path = somewhere(in: object, &random), let damaged = remove(path, from: object),
          let decoded = decode(damaged)
        else { continue }
        tried += 1
        let after = verdicts(decoded)
        let place = describe(path, in: object)
        for (outcome, finding) in after where finding.verdict == .pass {
          // A subject that was not there before has no verdict to compare with; there is none.
          // A device is called by its class when the entry of its driver is taken away.
          let was =
            before[outcome]
            ?? finding.address.flatMap { address in
              before.first { $0.key.check == outcome.check && $0.value.address == address }?.value
            }
          #expect(
            was?.verdict == .pass,
            "\(name): without \(place), \(outcome.check) passes for \(outcome.subject ?? "the box"), which was \(was?.verdict.rawValue ?? "not judged"): \(finding.summary)"
          )
        }
        for (outcome, finding) in before where finding.verdict == .pass {
          let isCited = finding.evidence.contains { cites($0.fact, place) }
          if !isCited { continue }
          cited += 1
          if case .element = path.last { continue }
          #expect(
            after[outcome]?.verdict != .pass,
            "\(name): \(outcome.check) still passes for \(outcome.subject ?? "the box") without \(place), which it cites"
          )
        }
      }
    }
    print("facts removed: \(tried), cited by a pass: \(cited)")
    #expect(tried > Self.rounds)
    #expect(cited > 10)
  }

  @Test func anyValuesWithinTheirTypesAreSurvived() throws {
    var random = Random(seed: 7)
    var tried = 0
    for (_, inventory) in try Self.inventories() {
      let object = try json(inventory)
      for _ in 0..<Self.rounds {
        var changed = object
        for _ in 0..<(1 + Int(random.next() % 20)) {
          guard let path = somewhere(in: changed, &random),
            let next = change(path, in: changed, &random) as? JSON
          else { continue }
          changed = next
        }
        guard let decoded = decode(changed) else { continue }
        tried += 1
        let profile = random.next() % 2 == 0 ? nil : WellBox.profile
        for check in Checks.all {
          let findings = check.evaluate(Box(decoded, profile: profile))
          #expect(!findings.isEmpty, "\(check.info.id)")
          for finding in findings where finding.verdict == .pass {
            #expect(!finding.evidence.isEmpty, "\(check.info.id)")
          }
        }
      }
    }
    print("inventories with random values: \(tried)")
    #expect(tried > 50)
  }

  // MARK: JSON

  private func json(_ inventory: Inventory) throws -> JSON {
    let data = try JSONEncoder().encode(inventory)
    return try #require(try JSONSerialization.jsonObject(with: data) as? JSON)
  }

  private func decode(_ object: JSON) -> Inventory? {
    guard let data = try? JSONSerialization.data(withJSONObject: object) else { return nil }
    return try? JSONDecoder().decode(Inventory.self, from: data)
  }

  /// The worst finding of each check for each subject.
  private func verdicts(_ inventory: Inventory) -> [Outcome: Finding] {
    var worst: [Outcome: Finding] = [:]
    for check in Checks.all {
      for finding in check.evaluate(Box(inventory)) {
        let key = Outcome(finding)
        if worst[key].map({ $0.verdict < finding.verdict }) ?? true { worst[key] = finding }
      }
    }
    return worst
  }

  /// A random place: a key or an element, not too often at the top.
  private func somewhere(in object: JSON, _ random: inout Random) -> [Step]? {
    var path: [Step] = []
    var value: Any = object
    while true {
      if let dictionary = value as? JSON, !dictionary.isEmpty {
        let key = dictionary.keys.sorted()[Int(random.next() % UInt64(dictionary.count))]
        path.append(.key(key))
        value = dictionary[key] ?? NSNull()
      } else if let list = value as? [Any], !list.isEmpty {
        let index = Int(random.next() % UInt64(list.count))
        path.append(.element(index))
        value = list[index]
      } else {
        return path.isEmpty ? nil : path
      }
      if path.count > 1, random.next() % 4 == 0 { return path }
    }
  }

  private func remove(_ path: [Step], from value: Any) -> JSON? {
    edit(path[...], value) { _ in nil } as? JSON
  }

  private func change(_ path: [Step], in value: Any, _ random: inout Random) -> Any? {
    let dice = random.next()
    return edit(path[...], value) { old in
      switch old {
      case let number as NSNumber where CFGetTypeIDIsBool(number): return !number.boolValue
      case let number as NSNumber:
        let choices: [NSNumber] = [
          0, 1, -1, NSNumber(value: Int.max), NSNumber(value: number.int64Value &+ 1), 255, 65536,
        ]
        return choices[Int(dice % UInt64(choices.count))]
      case let text as String:
        return ["", "unknown", text + "x", "0-3", "-1", "\u{1b}[31m"][Int(dice % 6)]
      case is [Any]: return [Any]()
      default: return old
      }
    }
  }

  private func edit(_ path: ArraySlice<Step>, _ value: Any, _ body: (Any) -> Any?) -> Any? {
    guard let step = path.first else { return body(value) }
    switch step {
    case .key(let key):
      guard var dictionary = value as? JSON, let inner = dictionary[key] else { return value }
      dictionary[key] = edit(path.dropFirst(), inner, body)
      return dictionary
    case .element(let index):
      guard var list = value as? [Any], list.indices.contains(index) else { return value }
      if let inner = edit(path.dropFirst(), list[index], body) {
        list[index] = inner
      } else {
        list.remove(at: index)
      }
      return list
    }
  }

  /// A path as evidence writes it: elements by address, name, id, number or mount point.
  private func describe(_ path: [Step], in object: JSON) -> String {
    var text = ""
    var value: Any = object
    for step in path {
      switch step {
      case .key(let key):
        text += text.isEmpty ? key : "." + key
        value = (value as? JSON)?[key] ?? NSNull()
      case .element(let index):
        let element = (value as? [Any]).flatMap { $0.indices.contains(index) ? $0[index] : nil }
        let object = element as? JSON
        let name =
          ["address", "mountPoint", "name", "number", "id", "path"].lazy
          .compactMap { object?[$0] }.first
        text += "[\(name.map { "\($0)" } ?? "\(index)")]"
        value = element ?? NSNull()
      }
    }
    return text
  }

  /// Whether evidence cites just the fact that was taken away, or something inside it.
  private func cites(_ fact: String, _ place: String) -> Bool {
    fact == place || fact.hasPrefix(place + ".") || fact.hasPrefix(place + "[")
  }
}

/// A JSON boolean arrives as a number whose type is that of booleans.
private func CFGetTypeIDIsBool(_ number: NSNumber) -> Bool {
  String(cString: number.objCType) == "c"
}

/// A small generator with a seed (SplitMix64): the same run each time.
struct Random: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
