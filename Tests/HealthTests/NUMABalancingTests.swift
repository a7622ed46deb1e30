import Inventory
import Testing

@testable import Health

@Suite struct NUMABalancingTests {
  private func box(_ mode: Int?, nodes: Int = 2) -> Box {
    var inventory = Inventory(origin: "test")
    inventory.memory.nodes = (0..<nodes).map { NUMANode(id: $0) }
    inventory.memory.numaBalancing = mode
    return Box(inventory)
  }

  @Test func offIsFine() {
    #expect(NUMABalancingCheck.evaluate(box(0)).map(\.verdict) == [.pass])
  }

  @Test(arguments: [1, 3]) func onIsAWarning(mode: Int) {
    #expect(NUMABalancingCheck.evaluate(box(mode)).map(\.verdict) == [.warn])
  }

  @Test func missingIsUnknown() {
    #expect(NUMABalancingCheck.evaluate(box(nil)).map(\.verdict) == [.unknown])
    #expect(NUMABalancingCheck.evaluate(box(0, nodes: 0)).map(\.verdict) == [.unknown])
  }

  @Test func oneNodeHasNothingToBalance() {
    #expect(NUMABalancingCheck.evaluate(box(1, nodes: 1)).map(\.verdict) == [.notApplicable])
  }
}
