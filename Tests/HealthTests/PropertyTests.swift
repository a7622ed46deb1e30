import Base
import Foundation
import Inventory
import Recordings
import TestMachines
import TestSupport
import Testing

@testable import Health

/// What must hold of every check on every inventory, whatever is missing from it.
///
/// Facts are removed from the JSON of inventories of recorded machines: any key, any element of a
/// list. Values are changed within their type. Then:
/// - no check crashes, and each gives at least one finding;
/// - what was no pass before is no pass after a fact was taken away, nor is a part of the box one
///   after another part was;
/// - a pass that cites a fact is gone when the fact is;
/// - a pass has evidence, none of it missing.
@Suite(.seeded) struct PropertyTests {
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
    var found = [("well box", WellServer.linked)]
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
    var random = SeededGenerator()
    var tried = 0
    var cited = 0
    for (name, inventory) in try Self.inventories() {
      let object = try InventoryJSON(inventory)
      let before = verdicts(inventory)
      for _ in 0..<Self.rounds {
        guard let path = object.somewhere(&random),
          let decoded = object.changing(path, { _ in nil }).inventory
        else { continue }
        tried += 1
        let after = verdicts(decoded)
        let place = object.name(of: path)
        for (outcome, finding) in after where finding.verdict == .pass {
          // A box without one of its parts is another one: as a whole it may be better.
          if case .element = path.last, outcome.subject == nil { continue }
          // So is one in which a virtual function, which is not checked by itself, is a device.
          if place.hasSuffix(".physicalFunction"), let address = finding.address,
            place.contains(address.description)
          {
            continue
          }
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
    var random = SeededGenerator()
    var tried = 0
    for (_, inventory) in try Self.inventories() {
      let object = try InventoryJSON(inventory)
      for _ in 0..<Self.rounds {
        var changed = object
        for _ in 0..<random.pick(1...20) {
          guard let path = changed.somewhere(&random) else { continue }
          let dice = random.next()
          changed = changed.changing(path) { other($0, dice) }
        }
        guard let decoded = changed.inventory else { continue }
        tried += 1
        let profile = Bool.random(using: &random) ? nil : WellServer.linkProfile
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

  /// Another value of the same type.
  private func other(_ old: Any, _ dice: UInt64) -> Any? {
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

  /// Whether evidence cites just the fact that was taken away, or something inside it.
  private func cites(_ fact: String, _ place: String) -> Bool {
    fact == place || fact.hasPrefix(place + ".") || fact.hasPrefix(place + "[")
  }
}

/// A JSON boolean arrives as a number whose type is that of booleans.
private func CFGetTypeIDIsBool(_ number: NSNumber) -> Bool {
  String(cString: number.objCType) == "c"
}
