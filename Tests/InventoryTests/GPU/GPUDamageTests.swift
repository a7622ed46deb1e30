import Base
import KernelTree
import TestSupport
import Linux
import TestMachines
import Testing

@testable import Inventory

/// Trees and answers damaged one place at a time: nothing may stop the collector.
@Suite struct GPUDamageTests {
  @Test(.seeded) func `each file of a card gone, forbidden, a folder, a loop or malformed`() {
    var random = SeededGenerator()
    let whole = AMDCardTests.card()
    for path in whole.tree.all.keys.sorted() where path != "/" {
      let malformed = random.bytes(random.pick(0..<64))
      var damages: [(inout MemoryTreeBuilder) -> Void] = [
        { $0.remove(path) },
        { $0.set(path, .failing(.permissionDenied, kind: .file)) },
        { $0.set(path, .failing(.gone, kind: .file)) },
        { $0.set(path, .file(malformed, permissions: 0o444)) },
        { $0.set(path, .file([], permissions: 0o444)) },
        { $0.link(path, to: path) },
      ]
      damages.append {
        $0.remove(path); $0.directory(path)
      }
      for damage in damages {
        var box = whole
        damage(&box.tree)
        // The card itself is PCI's word and stays.
        #expect(box.collect().gpus.map(\.address.description) == [AMDCardTests.address], "\(path)")
      }
    }
  }

  @Test(.seeded) func `answers of libraries with any bytes`() {
    var random = SeededGenerator()
    let seeds = [
      Array(NVIDIATests.answer.utf8),
      Array("agent gpu\nname gfx1100\nlocation 8448\npool 0 4 5\n".utf8),
      Array("denied 1\n12 /dev/kfd\n".utf8), Array(NVIDIATests.information.utf8),
    ]
    for _ in 0..<2000 {
      var bytes = random.pick(seeds)
      for _ in 0..<random.pick(1...8) {
        guard let place = bytes.indices.randomElement(using: &random) else { break }
        switch random.pick(0...2) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: place)
        }
      }
      var gpu = GPU(
        address: PCIAddress(domain: 0, bus: 1, device: 0, function: 0), vendor: .nvidia)
      for card in NVMLReport(parsing: bytes).cards { card.apply(to: &gpu) }
      if let share = gpu.busyShare { #expect(share >= 0 && share <= 1) }
      _ = HSAReport(parsing: bytes)
      _ = DeviceHolders(parsing: bytes)
      _ = NVIDIAFacts.parse(bytes)
      _ = KFDTopology.numbers(bytes)
      _ = AMDFacts.currentLevel(bytes[...])
      _ = AMDFacts.errorCounts(bytes[...])
    }
  }

  @Test func `the processes of this machine`() throws {
    // Whatever they are: the pass ends, and leaves this one out.
    let holders = try #require(Deadline.run(seconds: 60) { DeviceHolders.look(.live) })
    #expect(!holders.unlisted)
    #expect(DeviceHolders(parsing: holders.encoded) == holders)
  }
}
