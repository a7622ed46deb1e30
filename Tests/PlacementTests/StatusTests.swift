import Base
import Inventory
import KernelTree
import TestMachines
import Testing

@testable import Apply
@testable import Placement

@Suite struct StatusTests {
  private func status(
    _ box: Inventory, _ ledger: Ledger?, boot: String = "b",
    _ around: ServiceState = ServiceState(), _ tree: KernelTree = MemoryTreeBuilder().tree()
  ) -> PlacementStatus {
    PlacementStatus(
      ledger: ledger, bootID: boot, plan: Plan(box, Policy(), around), box, around, tree)
  }

  /// The ledger after the plan for two nodes was applied, and the machine then.
  private func placed() -> (Ledger, Inventory, ServiceState, KernelTree) {
    var box = MadeUp.twoNodes
    var around = ServiceState()
    let plan = Plan(box, Policy(), around)
    var ledger = Ledger(bootID: "b", generation: 2)
    var builder = MemoryTreeBuilder()
    for change in plan.changes {
      ledger.entries.append(
        .init(
          knob: change.knob, subject: change.subject, original: change.old ?? "",
          applied: change.new))
      if change.knob.format == .mask, let path = change.knob.path {
        builder.file(path, "0000000\(1 << (Int(change.new) ?? 0))")
      }
    }
    apply(plan, to: &box, &around)
    return (ledger, box, around, builder.tree())
  }

  @Test func `what was placed holds`() {
    let (ledger, box, around, tree) = placed()
    let status = status(box, ledger, around, tree)
    #expect(status.ledger == .thisBoot && status.held == ledger.entries.count)
    #expect(status.drifted.isEmpty && status.gone.isEmpty && status.plan.changes.isEmpty)
  }

  @Test func `an interrupt that was moved has drifted, and irqbalance is a suspect`() {
    var (ledger, box, around, tree) = placed()
    box.interrupts[1].affinity = NumberSet([6])
    #expect(status(box, ledger, around, tree).suspects.isEmpty)
    box.system.irqbalance = IRQBalance(pid: 44, arguments: [], unit: nil)
    let found = status(box, ledger, around, tree)
    #expect(found.drifted.map(\.actual) == ["6"] && found.drifted.map(\.desired) == ["0"])
    #expect(found.suspects.count == 1)
    #expect(found.plan.changes.map(\.knob.interrupt) == [31])
    ledger.isComplete = false
    #expect(status(box, ledger, around, tree).isComplete == false)
  }

  @Test func `a new number is no drift, a device that left is gone`() {
    var (ledger, box, around, tree) = placed()
    box.interrupts[1].number = 77
    #expect(status(box, ledger, around, tree).drifted.isEmpty)
    box.interrupts.remove(at: 1)
    let found = status(box, ledger, around, tree)
    #expect(found.gone.map(\.knob.action) == ["eth0-TxRx-0"] && found.drifted.isEmpty)
  }

  @Test func `a file that is gone, forbidden or garbage is never called held`() throws {
    let (ledger, box, around, _) = placed()
    let path = try #require(ledger.entries.first { $0.knob.format == .mask }?.knob.path)
    for (node, isGone) in [
      (nil, true), (MemorySource.Node.failing(.permissionDenied, kind: .file), false),
      (.file(Array("zz".utf8), permissions: 0o644), false),
    ] {
      var builder = MemoryTreeBuilder()
      if let node { builder.set(path, node) }
      let found = status(box, ledger, around, builder.tree())
      #expect(found.gone.contains { $0.knob.path == path } == isGone)
      #expect(found.drifted.contains { $0.knob.path == path && $0.reason != nil } == !isGone)
    }
  }

  @Test func `no ledger, an empty one, and one of another boot`() {
    let (ledger, box, _, _) = placed()
    #expect(status(box, nil).ledger == .none)
    #expect(status(box, Ledger(bootID: "b")).ledger == .none)
    #expect(status(box, ledger, boot: "c").ledger == .otherBoot)
  }

  @Test func `shares count what came since, and new interrupts whole`() throws {
    var (ledger, box, around, tree) = placed()
    for index in box.interrupts.indices { box.interrupts[index].counts = [7: 100] }
    box.interrupts[1].unknown = [UnknownFact(fact: "counts", path: "/p", reason: "no")]
    ledger.handledBefore = HandledCount.all(in: box)
    #expect(status(box, ledger, around, tree).handled == [])
    box.interrupts[2].counts[0, default: 0] += 30
    box.interrupts[2].counts[6] = 10
    // Made anew: it counts from nothing.
    box.interrupts[3].counts = [1: 5]
    let shares = try #require(status(box, ledger, around, tree).handled)
    #expect(shares.map(\.handled) == [45] && shares.map(\.onNode) == [35])
    #expect(shares[0].name == "eth0" && shares[0].numaNode == 0)
    ledger.handledBefore = nil
    #expect(status(box, ledger, around, tree).handled == nil)
  }

  @Test func `memory of a container is judged by the node of its CPUs`() {
    var (ledger, box, around, tree) = placed()
    var group = ControlGroup(path: "/machine.slice/libpod-a.scope")
    group.effectiveCPUs = NumberSet([4, 5])
    group.memoryByNode = [0: 100, 1: 300]
    var container = Container(id: "0123456789abcdef", engine: .podman, group: group)
    box.workloads.containers = [container]
    let share = status(box, ledger, around, tree).containers
    #expect(
      share == [ContainerShare(name: "0123456789ab", numaNode: 1, bytes: 400, localBytes: 300)])
    container.group.effectiveCPUs = NumberSet([3, 4])
    box.workloads.containers = [container]
    #expect(status(box, ledger, around, tree).containers.isEmpty)
    ledger.entries = []
  }
}
