import Base
import Configuration
import Inventory
import TestMachines
import TestSupport
import Testing

@testable import Placement

/// What holds for every plan of every machine.
@Suite struct PlanPropertyTests {
  /// CPUs that run on a node, or on the nearest with any: worked out anew, not with the planner's
  /// own means.
  private func home(_ id: Int, _ box: Inventory) -> NumberSet? {
    guard let node = box.memory.nodes.first(where: { $0.id == id }), let cpus = node.cpus else {
      return nil
    }
    if !cpus.isEmpty { return cpus }
    let near = node.distances.sorted { ($0.value, $0.node) < ($1.value, $1.node) }
    for step in near where step.node != id {
      if let cpus = box.memory.nodes.first(where: { $0.id == step.node })?.cpus, !cpus.isEmpty {
        return cpus
      }
    }
    return nil
  }

  private func nodeOf(_ device: PCIAddress?, _ box: Inventory) -> Int? {
    box.nics.first { $0.address == device }?.numaNode
      ?? box.nvme.first { $0.address == device }?.numaNode
      ?? box.pci.first { $0.address == device }?.locality.numaNode
  }

  @Test(.seeded, arguments: 0..<600)
  func `sets are not empty, inside the node, and free of housekeeping`(round: Int) throws {
    var generator = RandomMachine(SeededGenerator(round: round))
    let box = generator.machine()
    let policy = generator.policy()
    let plan = Plan(box, policy, generator.serviceState())
    let free = policy.housekeeping?.value ?? NumberSet()
    let online = try #require(box.processors.online)
    for change in plan.changes {
      let set = NumberSet(list: change.new)
      switch change.knob.kind {
      case .interrupt:
        let interrupt = try #require(
          box.interrupts.first { $0.number == change.knob.interrupt })
        #expect(interrupt.mobility == .movable)
        #expect(!interrupt.actions.isEmpty)
        #expect(change.old == interrupt.affinity?.description && change.old != nil)
        let node = try #require(nodeOf(interrupt.device, box))
        let cpus = try #require(home(node, box))
        for text in [change.new, change.fallback].compactMap({ $0 }) {
          let set = try #require(NumberSet(list: text))
          #expect(!set.isEmpty)
          #expect(set.isSubset(of: cpus), "\(set) of \(cpus)")
          #expect(set.isSubset(of: online))
          #expect(set.intersection(free).isEmpty)
        }
      case .file
      where change.knob.format == .mask && change.knob.path?.hasSuffix("xps_cpus") == true:
        let set = try #require(set)
        #expect(!set.isEmpty && set.intersection(free).isEmpty && set.isSubset(of: online))
      case .unit where change.knob.property == "AllowedCPUs":
        let set = try #require(set)
        #expect(!set.isEmpty && set.intersection(free).isEmpty && set.isSubset(of: online))
      case .unit:
        for node in try #require(set).numbers {
          #expect(box.memory.nodes.first { $0.id == node }?.totalBytes ?? 0 > 0)
        }
      default: break
      }
    }
  }

  @Test(.seeded, arguments: 0..<600)
  func `the same facts give the same plan, and applying it leaves nothing to do`(round: Int) {
    var generator = RandomMachine(SeededGenerator(round: round))
    var box = generator.machine()
    let policy = generator.policy()
    var around = generator.serviceState()
    let plan = Plan(box, policy, around)
    #expect(plan == Plan(box, policy, around))
    apply(plan, to: &box, &around)
    let rest = Plan(box, policy, around).changes.filter(\.isAllowed)
    #expect(rest.isEmpty, "\(rest.map { ($0.knob.label, $0.old ?? "", $0.new) })")
  }

  @Test(.seeded, arguments: 0..<300)
  func `every interrupt of a placed device is placed or accounted for`(round: Int) {
    var generator = RandomMachine(SeededGenerator(round: round))
    var box = generator.machine()
    let policy = generator.policy()
    var around = generator.serviceState()
    let plan = Plan(box, policy, around)
    apply(plan, to: &box, &around)
    var excused = NumberSet()
    for entry in plan.leftAlone { excused.formUnion(entry.interrupts ?? NumberSet()) }
    let placed = Set(PlacedDevice.all(in: box).map(\.address))
    for interrupt in box.interrupts {
      guard let device = interrupt.device, placed.contains(device),
        !excused.contains(interrupt.number)
      else { continue }
      guard let node = nodeOf(device, box), let cpus = home(node, box) else {
        Issue.record("interrupt \(interrupt.number) has no node and is not accounted for")
        continue
      }
      #expect(interrupt.affinity?.isSubset(of: cpus) == true)
      #expect(interrupt.mobility == .movable)
    }
  }

  /// What it costs is measured by `Benchmarks/run --only planning`.
  @Test(arguments: [(256, 2_500), (1024, 10_000)])
  func `a large machine is planned like a small one`(cpus: Int, queues: Int) throws {
    let box = MadeUp.manyQueues(cpus: cpus, queues: queues)
    let changes = Plan(box, Policy(), ServiceState()).changes.filter {
      $0.knob.kind == .interrupt
    }
    #expect(changes.count == box.interrupts.count)
    for (interrupt, change) in zip(box.interrupts, changes) {
      let node = try #require(nodeOf(interrupt.device, box))
      let cpus = try #require(home(node, box))
      #expect(NumberSet(list: change.new)?.isSubset(of: cpus) == true)
    }
  }
}
