import Base
import KernelTree
import Testing

@testable import Inventory

/// Trees and answers damaged one place at a time: nothing may stop the collector.
@Suite struct GPUDamageTests {
  /// A generator of numbers that are the same at every run (SplitMix64).
  struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  @Test func `each file of a card gone, forbidden, a folder, a loop or malformed`() {
    var random = Numbers(state: 1)
    let whole = AMDCardTests.card()
    for path in whole.tree.all.keys.sorted() where path != "/" {
      let malformed = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
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

  @Test func `answers of libraries with any bytes`() {
    var random = Numbers(state: 2)
    let seeds = [
      Array(NVIDIATests.answer.utf8),
      Array("agent gpu\nname gfx1100\nlocation 8448\npool 0 4 5\n".utf8),
      Array("denied 1\n12 /dev/kfd\n".utf8), Array(NVIDIATests.information.utf8),
    ]
    for _ in 0..<2000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        guard let place = bytes.indices.randomElement(using: &random) else { break }
        switch Int.random(in: 0...2, using: &random) {
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

  @Test func `the processes of this machine`() {
    // Whatever they are: the pass ends, and leaves this one out.
    let clock = ContinuousClock()
    let time = clock.measure { _ = DeviceHolders.look(.live) }
    #expect(time < .seconds(5))
    let holders = DeviceHolders.look(.live)
    #expect(!holders.unlisted)
    #expect(DeviceHolders(parsing: holders.encoded) == holders)
  }
}
