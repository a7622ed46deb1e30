import Foundation
import Inventory
import PeerBench
import Testing

@testable import Health

/// Facts removed one at a time, through the JSON they are shown in: what passes rests on what it
/// cites, and nothing that does not pass starts to.
@Suite struct PeerPropertyTests {
  static let benches: [(name: String, bench: PeerBench)] = {
    var small = PeerBench.twoPorts()
    small.editGPU("42:00.0") { $0.largeBar = false }
    var raid = PeerBench.good()
    raid.inventory.nvme[0].namespaces[0].uses = [
      .init(device: "nvme0n1", kind: .raid, target: "md0", detail: "raid0")
    ]
    var off = PeerBench.twoPorts()
    off.inventory.machine.kernel.amdgpuPeerAccess = .off
    var refused = PeerBench.twoPorts()
    refused.editGPU("41:00.0") {
      $0.peerAnswers[0].read = .refused
      $0.peerAnswers[0].write = .refused
    }
    var mixed = PeerBench.geforce(.allowed)
    mixed.inventory.machine.iommu.mode = .mixed
    var none = PeerBench.geforce(.gpuNotSupported)
    none.inventory.machine.iommu.mode = .off
    var translated = PeerBench.good()
    translated.inventory.machine.iommu.mode = .translated
    return [
      ("good", .good()), ("redirect", .good(acs: [0x1d])), ("two ports", .twoPorts()),
      ("geforce", .geforce(.allowed)), ("laptop", .laptop), ("small BAR", small), ("raid", raid),
      ("parameter off", off), ("refused", refused), ("mixed", mixed), ("no IOMMU", none),
      ("translated", translated),
    ]
  }()

  /// A path in JSON: keys and places.
  enum Step: Hashable {
    case key(String)
    case place(Int)
  }

  private func json(_ inventory: Inventory) throws -> Any {
    try JSONSerialization.jsonObject(with: try JSONEncoder().encode(inventory))
  }

  private func paths(_ value: Any, _ prefix: [Step] = []) -> [[Step]] {
    var found: [[Step]] = prefix.isEmpty ? [] : [prefix]
    if let object = value as? [String: Any] {
      for (key, inner) in object.sorted(by: { $0.key < $1.key }) {
        found += paths(inner, prefix + [.key(key)])
      }
    } else if let list = value as? [Any] {
      for (place, inner) in list.enumerated() { found += paths(inner, prefix + [.place(place)]) }
    }
    return found
  }

  private func replacing(_ value: Any, _ path: ArraySlice<Step>, with other: Any?) -> Any? {
    guard let step = path.first else { return other }
    switch step {
    case .key(let key):
      guard var object = value as? [String: Any], let inner = object[key] else { return value }
      object[key] = replacing(inner, path.dropFirst(), with: other)
      return object
    case .place(let place):
      guard var list = value as? [Any], list.indices.contains(place) else { return value }
      if let changed = replacing(list[place], path.dropFirst(), with: other) {
        list[place] = changed
      } else {
        list.remove(at: place)
      }
      return list
    }
  }

  /// The inventory without one fact; a list that has to be there is emptied. Nil when the fact is
  /// part of what makes the object one.
  private func without(_ path: [Step], of whole: Any) -> Inventory? {
    for other in [nil, [Any]()] as [Any?] {
      guard let changed = replacing(whole, path[...], with: other),
        let data = try? JSONSerialization.data(withJSONObject: changed),
        let inventory = try? JSONDecoder().decode(Inventory.self, from: data)
      else { continue }
      return inventory
    }
    return nil
  }

  private func worst(_ findings: [Finding]) -> Verdict { findings.map(\.verdict).max() ?? .unknown }

  @Test(arguments: benches.map(\.name))
  func `a missing fact makes nothing pass`(_ name: String) throws {
    let bench = try #require(PeerPropertyTests.benches.first { $0.name == name }).bench
    let whole = try json(bench.inventory)
    let before = PeerCheckTests.checks.map { worst(bench.findings($0)) }
    if !before.contains(where: { $0 >= .unknown }) { return }
    var tried = 0
    for path in paths(whole) {
      // A device that is not listed is no missing fact of one.
      if case .place = path.last { continue }
      guard let inventory = without(path, of: whole) else { continue }
      tried += 1
      let box = Box(inventory)
      for (check, verdict) in zip(PeerCheckTests.checks, before) where verdict >= .unknown {
        let after = worst(check.evaluate(box))
        #expect(after != .pass, "\(check.info.id) passes without \(path)")
      }
    }
    #expect(tried > 100)
  }

  @Test(arguments: benches.map(\.name))
  func `several missing facts make nothing pass`(_ name: String) throws {
    let bench = try #require(PeerPropertyTests.benches.first { $0.name == name }).bench
    let before = PeerCheckTests.checks.map { worst(bench.findings($0)) }
    if !before.contains(where: { $0 >= .unknown }) { return }
    var dice = Dice(state: 7)
    for _ in 0..<6 {
      var inventory = bench.inventory
      var removed: [[Step]] = []
      for _ in 0..<Int.random(in: 2...8, using: &dice) {
        let whole = try json(inventory)
        guard let path = paths(whole).randomElement(using: &dice), let last = path.last,
          case .key = last, let next = without(path, of: whole)
        else { continue }
        removed.append(path)
        inventory = next
      }
      let box = Box(inventory)
      for (check, verdict) in zip(PeerCheckTests.checks, before) where verdict >= .unknown {
        #expect(
          worst(check.evaluate(box)) != .pass, "\(check.info.id) passes without \(removed)")
      }
    }
  }

  @Test(arguments: benches.map(\.name))
  func `a pass goes with each fact it cites`(_ name: String) throws {
    let bench = try #require(PeerPropertyTests.benches.first { $0.name == name }).bench
    let whole = try json(bench.inventory)
    for check in PeerCheckTests.checks {
      for finding in bench.findings(check) where finding.verdict == .pass {
        #expect(!finding.evidence.isEmpty)
        for evidence in finding.evidence {
          let path = try #require(steps(evidence.fact, in: whole), "no fact \(evidence.fact)")
          let inventory = try #require(without(path, of: whole), "cannot remove \(evidence.fact)")
          let after = check.evaluate(Box(inventory))
          let isLeft = after.contains { $0.verdict == .pass && $0.subject == finding.subject }
          #expect(!isLeft, "\(check.info.id) still passes without \(evidence.fact)")
        }
      }
    }
  }

  /// Where a fact of evidence is: `pci[0000:21:00.0].acs` by the element's address or name.
  private func steps(_ fact: String, in whole: Any) -> [Step]? {
    var steps: [Step] = []
    var value: Any = whole
    var rest = Substring(fact)
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let end = rest.firstIndex(of: "]"), let list = value as? [[String: Any]] else {
          return nil
        }
        let name = String(rest[rest.index(after: rest.startIndex)..<end])
        guard
          let place = list.firstIndex(where: {
            $0["address"] as? String == name || $0["name"] as? String == name
          })
        else { return nil }
        steps.append(.place(place))
        value = list[place]
        rest = rest[rest.index(after: end)...]
      } else {
        if rest.first == "." { rest = rest.dropFirst() }
        let key = rest.prefix { $0 != "." && $0 != "[" }
        guard let object = value as? [String: Any], let inner = object[String(key)] else {
          return nil
        }
        steps.append(.key(String(key)))
        value = inner
        rest = rest.dropFirst(key.count)
      }
    }
    return steps
  }
}

/// The same numbers every run.
private struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
