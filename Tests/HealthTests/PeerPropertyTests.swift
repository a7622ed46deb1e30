import Inventory
import TestMachines
import TestSupport
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

  private func worst(_ findings: [Finding]) -> Verdict { findings.map(\.verdict).max() ?? .unknown }

  @Test(arguments: benches.map(\.name))
  func `a missing fact makes nothing pass`(_ name: String) throws {
    let bench = try #require(PeerPropertyTests.benches.first { $0.name == name }).bench
    let whole = try InventoryJSON(bench.inventory)
    let before = PeerCheckTests.checks.map { worst(bench.findings($0)) }
    if !before.contains(where: { $0 >= .unknown }) { return }
    var tried = 0
    for path in whole.paths {
      // A device that is not listed is no missing fact of one.
      if case .element = path.last { continue }
      guard let inventory = whole.without(path) else { continue }
      tried += 1
      let box = Box(inventory)
      for (check, verdict) in zip(PeerCheckTests.checks, before) where verdict >= .unknown {
        let after = worst(check.evaluate(box))
        #expect(after != .pass, "\(check.info.id) passes without \(whole.name(of: path))")
      }
    }
    #expect(tried > 100)
  }

  @Test(.seeded, arguments: benches.map(\.name))
  func `several missing facts make nothing pass`(_ name: String) throws {
    let bench = try #require(PeerPropertyTests.benches.first { $0.name == name }).bench
    let before = PeerCheckTests.checks.map { worst(bench.findings($0)) }
    if !before.contains(where: { $0 >= .unknown }) { return }
    let round = PeerPropertyTests.benches.firstIndex { $0.name == name }
    var dice = SeededGenerator(round: round ?? 0)
    for _ in 0..<6 {
      var inventory = bench.inventory
      var removed: [String] = []
      for _ in 0..<dice.pick(2...8) {
        let whole = try InventoryJSON(inventory)
        let path = dice.pick(whole.paths)
        guard case .key = path.last, let next = whole.without(path) else { continue }
        removed.append(whole.name(of: path))
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
    let whole = try InventoryJSON(bench.inventory)
    for check in PeerCheckTests.checks {
      for finding in bench.findings(check) where finding.verdict == .pass {
        #expect(!finding.evidence.isEmpty)
        for evidence in finding.evidence {
          let path = try #require(whole.path(of: evidence.fact), "no fact \(evidence.fact)")
          let inventory = try #require(whole.without(path), "cannot remove \(evidence.fact)")
          let after = check.evaluate(Box(inventory))
          let isLeft = after.contains { $0.verdict == .pass && $0.subject == finding.subject }
          #expect(!isLeft, "\(check.info.id) still passes without \(evidence.fact)")
        }
      }
    }
  }
}
