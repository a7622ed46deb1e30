import Base
import Configuration
import Inventory
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

  @Test(arguments: 0..<600)
  func `sets are not empty, inside the node, and free of housekeeping`(seed: Int) throws {
    var generator = Generator(seed: seed)
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

  @Test(arguments: 0..<600)
  func `the same facts give the same plan, and applying it leaves nothing to do`(seed: Int) {
    var generator = Generator(seed: seed)
    var box = generator.machine()
    let policy = generator.policy()
    var around = generator.serviceState()
    let plan = Plan(box, policy, around)
    #expect(plan == Plan(box, policy, around))
    apply(plan, to: &box, &around)
    let rest = Plan(box, policy, around).changes.filter(\.isAllowed)
    #expect(rest.isEmpty, "\(rest.map { ($0.knob.label, $0.old ?? "", $0.new) })")
  }

  @Test(arguments: 0..<300)
  func `every interrupt of a placed device is placed or accounted for`(seed: Int) {
    var generator = Generator(seed: seed)
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

  @Test func `cost grows with the machine, not with its square`() {
    func seconds(_ box: Inventory) -> Double {
      let time = ContinuousClock().measure { _ = Plan(box, Policy(), ServiceState()) }
      return Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds)
    }
    let (small, big) = (large(cpus: 256, queues: 2_500), large(cpus: 1024, queues: 10_000))
    // In turn, so that a busy machine hits both alike.
    let times = (0..<5).map { _ in (seconds(small), seconds(big)) }
    let least = (times.map(\.0).min() ?? 0, times.map(\.1).min() ?? 0)
    print("plan of 256 CPUs and 2,500 interrupts: \(least.0) s; of 1,024 and 10,000: \(least.1) s")
    // Four times the machine: a square would be sixteen times.
    #expect(least.1 < least.0 * 10)
  }

  /// 16 nodes, SMT, 40 interfaces with all the queues.
  private func large(cpus: Int, queues: Int) -> Inventory {
    var box = Inventory(origin: "large")
    box.processors.online = NumberSet(range: 0...(cpus - 1))
    box.processors.cores = (0..<cpus / 2).map {
      Processors.Core(package: 0, die: nil, id: $0, cpus: NumberSet([$0, $0 + cpus / 2]))
    }
    for id in 0..<16 {
      let first = id * cpus / 32
      var node = NUMANode(id: id)
      node.cpus = NumberSet(range: first...(first + cpus / 32 - 1)).union(
        NumberSet(range: (first + cpus / 2)...(first + cpus / 2 + cpus / 32 - 1)))
      node.totalBytes = 1 << 30
      node.kind = .regular
      box.memory.nodes.append(node)
    }
    box.workloads.isUnified = true
    box.workloads.controllers = ["cpuset"]
    var number = 100
    for index in 0..<40 {
      let address = PCIAddress(domain: 0, bus: UInt8(index + 1), device: 0, function: 0)
      var nic = NIC(name: "eth\(index)")
      nic.address = address
      nic.numaNode = index % 16
      nic.queues.transmitAllocated = queues / 40
      box.nics.append(nic)
      for queue in 0..<queues / 40 {
        var interrupt = Interrupt(number: number)
        number += 1
        interrupt.actions = ["eth\(index)-TxRx-\(queue)"]
        interrupt.device = address
        interrupt.deviceName = nic.name
        interrupt.role = .queue
        interrupt.queue = queue
        interrupt.affinity = NumberSet(range: 0...(cpus - 1))
        interrupt.mobility = .movable
        box.interrupts.append(interrupt)
      }
    }
    return box
  }
}
