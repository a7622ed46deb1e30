import Base
import Inventory
import KernelTree
import TestMachines
import Testing

@testable import Placement

@Suite struct PlanTests {
  private func plan(
    _ box: Inventory = MadeUp.twoNodes, _ text: String = "",
    _ around: ServiceState = ServiceState()
  ) throws -> Plan {
    Plan(box, try PolicyTests.policy(text), around)
  }

  /// `number -> CPUs` of the interrupts that move.
  private func moves(_ plan: Plan) -> [Int: String] {
    var moves: [Int: String] = [:]
    for change in plan.changes {
      if let number = change.knob.interrupt { moves[number] = change.new }
    }
    return moves
  }

  @Test func `queues get a core each, others the node, managed ones nothing`() throws {
    let plan = try plan()
    #expect(moves(plan) == [30: "0-3", 31: "0", 32: "1", 33: "2", 34: "3", 35: "4-7"])
    let first = try #require(plan.changes.first { $0.knob.interrupt == 32 })
    #expect(first.old == "0-7" && first.fallback == "0-3" && first.subject == "eth0")
    #expect(first.knob.path == "/proc/irq/32/smp_affinity_list")
    #expect(first.knob.identity == "interrupt 0000:01:00.0 eth0-TxRx-1")
    #expect(
      plan.leftAlone == [
        Skipped(
          subject: "nvme0", device: PCIAddress("0000:41:00.0"),
          interrupts: NumberSet(range: 36...39), reason: "managed")
      ])
  }

  @Test func `transmit queues follow their interrupts`() throws {
    let masks = try plan().changes.filter { $0.knob.format == .mask }
    #expect(
      masks.map { $0.knob.path ?? "" }
        == (0..<4).map { "/sys/class/net/eth0/queues/tx-\($0)/xps_cpus" })
    #expect(masks.map(\.new) == ["0", "1", "2", "3"])
  }

  @Test func `first threads take queues before second ones`() throws {
    var box = MadeUp.twoNodes
    // Two cores a node, their threads four apart within the node's list: 0 and 2, 1 and 3.
    box.processors.cores = [[0, 2], [1, 3], [4, 6], [5, 7]].enumerated().map {
      Processors.Core(package: 0, die: nil, id: $0, cpus: NumberSet($1))
    }
    #expect(moves(try plan(box))[31] == "0")
    #expect(moves(try plan(box))[32] == "1")
    #expect(moves(try plan(box))[33] == "2")
    #expect(moves(try plan(box))[34] == "3")
    let never = try plan(box, "[placement]\nsiblings = \"never\"")
    #expect((31...34).map { moves(never)[$0] } == ["0", "1", "0", "1"])
    let masks = never.changes.filter { $0.knob.format == .mask }.map(\.new)
    #expect(masks == ["0,2", "1,3", "0,2", "1,3"])
  }

  @Test func `a second device starts where the first one ended`() throws {
    var box = MadeUp.twoNodes
    var second = box.nics[0]
    second.name = "eth1"
    second.address = PCIAddress("0000:02:00.0")
    box.nics[0].queues.transmitAllocated = 1
    box.nics.append(second)
    box.interrupts.removeAll { $0.number == 34 || $0.number == 33 }
    for queue in 0..<2 {
      var interrupt = box.interrupts[1]
      interrupt.number = 60 + queue
      interrupt.device = second.address
      interrupt.deviceName = "eth1"
      interrupt.queue = queue
      interrupt.actions = ["eth1-TxRx-\(queue)"]
      box.interrupts.append(interrupt)
    }
    let moves = moves(try plan(box))
    #expect([31, 32, 60, 61].map { moves[$0] } == ["0", "1", "2", "3"])
  }

  @Test func `two vectors of one queue share a core`() throws {
    var box = MadeUp.twoNodes
    for index in 1...4 { box.interrupts[index].queue = (index - 1) / 2 }
    let moves = moves(try plan(box))
    #expect((31...34).map { moves[$0] } == ["0", "0", "1", "1"])
  }

  @Test func `one core, reserved cores, and leave`() throws {
    let one = try plan(MadeUp.twoNodes, "[placement.nic]\ninterrupts = \"one-core\"")
    #expect((30...34).map { moves(one)[$0] } == Array(repeating: "0", count: 5))
    let reserved = try plan(
      MadeUp.twoNodes,
      "[placement.device.eth0]\ninterrupts = \"reserved\"\ncpus = \"2-3,6\"")
    #expect((30...34).map { moves(reserved)[$0] } == ["2-3", "2", "3", "2", "3"])
    let elsewhere = try plan(
      MadeUp.twoNodes, "[placement.device.eth0]\ninterrupts = \"reserved\"\ncpus = \"6\"")
    #expect(moves(elsewhere).keys.sorted() == [35])
    #expect(
      elsewhere.leftAlone.contains {
        $0.reason == "not one of its reserved CPUs 6 runs on its node 0"
      }
    )
    let leave = try plan(MadeUp.twoNodes, "[placement.nic]\ninterrupts = \"leave\"")
    #expect(moves(leave).keys.sorted() == [35])
    #expect(!leave.changes.contains { $0.subject == "eth0" })
    #expect(leave.leftAlone.contains { $0.subject == "eth0" && $0.reason.contains("toml:2") })
  }

  @Test func `housekeeping and isolated CPUs take nothing`() throws {
    var box = MadeUp.twoNodes
    box.processors.isolated = NumberSet([3])
    let plan = try plan(box, "[placement]\nhousekeeping = \"0\"")
    #expect((30...34).map { moves(plan)[$0] } == ["1-2", "1", "2", "1", "2"])
    let slice = plan.changes.first {
      $0.knob.unit == "tinybox-node0.slice" && $0.knob.property == "AllowedCPUs"
    }
    #expect(slice?.new == "1-2")
  }

  @Test func `an unknown node is left alone until the owner tells it`() throws {
    var box = MadeUp.twoNodes
    box.nics[0].numaNode = nil
    let plain = try plan(box)
    #expect(!plain.changes.contains { $0.subject == "eth0" })
    #expect(
      plain.leftAlone.contains {
        $0.reason == "its node is not known; set 'node' in placement.device.\"0000:01:00.0\""
          && $0.interrupts == NumberSet(range: 30...34)
      })
    let told = try plan(box, "[placement.device.\"0000:01:00.0\"]\nnode = 1")
    #expect(moves(told)[31] == "4")
  }

  @Test func `a device on a node without CPUs uses the nearest with some`() throws {
    var box = MadeUp.twoNodes
    var far = MadeUp.node(2, nil)
    far.distances = [(0, 30), (1, 20), (2, 10)].map { NUMANode.Distance(node: $0, value: $1) }
    box.memory.nodes.append(far)
    box.nics[0].numaNode = 2
    #expect(moves(try plan(box))[31] == "4")
    box.memory.nodes[2].distances = []
    #expect(moves(try plan(box))[31] == nil)
  }

  @Test func `what cannot be put back is not written`() throws {
    var box = MadeUp.twoNodes
    box.interrupts[1].affinity = nil
    box.interrupts[1].unknown = [
      UnknownFact(
        fact: "affinity", path: "/proc/irq/31/smp_affinity_list", reason: "permission denied")
    ]
    box.interrupts[2].mobility = .unknown
    box.interrupts[2].mobilityReason = "the recording contains no file modes"
    box.interrupts[3].actions = []
    let plan = try plan(box)
    #expect(moves(plan).keys.sorted() == [30, 34, 35])
    let reasons = plan.leftAlone.map(\.reason)
    #expect(
      reasons.contains(
        "its affinity now is not known: /proc/irq/31/smp_affinity_list: permission denied"))
    #expect(reasons.contains("the recording contains no file modes"))
    #expect(reasons.contains("no handler is registered: nothing uses it"))
  }

  @Test func `vectors of a CPU run out and are not overdrawn`() throws {
    var box = MadeUp.twoNodes
    let pattern = box.interrupts[1]
    box.interrupts = (0..<700).map {
      var interrupt = pattern
      interrupt.number = 100 + $0
      interrupt.queue = $0
      interrupt.actions = ["eth0-TxRx-\($0)"]
      return interrupt
    }
    let plan = try plan(box)
    var load: [String: Int] = [:]
    for cpus in moves(plan).values { load[cpus, default: 0] += 1 }
    #expect(load == ["0": 160, "1": 160, "2": 160, "3": 160])
    #expect(
      plan.leftAlone.first?.reason == "no CPU of its node has vectors left"
        && plan.leftAlone.first?.interrupts?.count == 60)
  }

  @Test func `queue counts need consent and come first`() throws {
    let asked = try plan(MadeUp.twoNodes, "[placement.device.eth0]\nqueues = 2")
    let change = try #require(asked.changes.first)
    #expect(change.knob == .channels("eth0") && change.old == "4" && change.new == "2")
    #expect(change.consent == "allow-link-reset" && !change.isAllowed)
    let given = try plan(
      MadeUp.twoNodes, "[placement.nic]\nqueues = 2\nallow-link-reset = true")
    #expect(given.changes.first?.isAllowed == true)
    #expect(
      !(try plan(MadeUp.twoNodes, "[placement.nic]\nqueues = \"fit\"").changes.contains {
        $0.knob.kind == .channels
      }))
    let fit = try plan(
      MadeUp.twoNodes, "placement.nic.queues = \"fit\"\nplacement.housekeeping = \"0-1\"")
    #expect(fit.changes.first?.new == "2")
    var box = MadeUp.twoNodes
    box.nics[0].queues.channels = nil
    let none = try plan(box, "[placement.nic]\nqueues = \"fit\"")
    #expect(none.leftAlone.contains { $0.what == "queue count" })
  }

  @Test func `software receive steering goes where queues suffice`() throws {
    var box = MadeUp.twoNodes
    box.nics[0].queues.rps = [1: NumberSet([5])]
    func rps(_ plan: Plan) -> [Change] {
      plan.changes.filter { $0.knob.path?.hasSuffix("rps_cpus") == true }
    }
    #expect(rps(try plan(box)).map(\.new) == [""])
    box.nics[0].queues.channels?.combined = 3
    #expect(rps(try plan(box)).isEmpty)
    box.nics[0].queues.channels?.combined = 4
    #expect(rps(try plan(box, "[placement.nic]\nsteering = \"leave\"")).isEmpty)
  }

  @Test func `kernel settings only where the policy names them`() throws {
    var box = MadeUp.twoNodes
    box.memory.numaBalancing = 1
    box.memory.transparentHugePages = "madvise"
    var frequency = Processors.Frequency()
    frequency.governors = ["schedutil": NumberSet([0, 1]), "performance": NumberSet(range: 2...7)]
    box.processors.frequency = frequency
    #expect(!(try plan(box)).changes.contains { $0.subject == "system" })
    let text =
      "[placement.system]\nnuma-balancing = 0\nzone-reclaim = 1\n"
      + "transparent-hugepages = \"never\"\ngovernor = \"performance\""
    let plan = try plan(box, text)
    let system = plan.changes.filter { $0.subject == "system" }
    #expect(
      system.map { "\($0.knob.path ?? "") \($0.old ?? "")>\($0.new)" } == [
        "/proc/sys/kernel/numa_balancing 1>0",
        "/sys/kernel/mm/transparent_hugepage/enabled madvise>never",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor schedutil>performance",
        "/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor schedutil>performance",
      ])
    #expect(
      plan.leftAlone.contains {
        $0.what == "/proc/sys/vm/zone_reclaim_mode" && $0.reason == "this kernel does not have it"
      })
  }

  @Test func `a slice for each node, its memory before its CPUs`() throws {
    let units = try plan().changes.filter { $0.knob.kind == .unit }
    #expect(
      units.map { "\($0.knob.label) \($0.new)" } == [
        "tinybox-node0.slice AllowedMemoryNodes 0", "tinybox-node0.slice AllowedCPUs 0-3",
        "tinybox-node1.slice AllowedMemoryNodes 1", "tinybox-node1.slice AllowedCPUs 4-7",
      ])
    var around = ServiceState()
    around.unitProperties["tinybox-node0.slice"] = [
      "AllowedCPUs": NumberSet(range: 0...3), "AllowedMemoryNodes": NumberSet([0]),
    ]
    let some = try plan(MadeUp.twoNodes, "", around).changes.filter { $0.knob.kind == .unit }
    #expect(some.allSatisfy { $0.knob.unit == "tinybox-node1.slice" } && some.count == 2)
    // What is in force goes before what was asked for.
    var box = MadeUp.twoNodes
    var group = ControlGroup(path: "/tinybox.slice/tinybox-node0.slice")
    group.cpus = NumberSet([1])
    box.workloads.slices = [group]
    let drifted = try plan(box, "", around).changes.first { $0.knob.kind == .unit }
    #expect(drifted?.old == "1" && drifted?.new == "0-3")
    box.workloads.isUnified = false
    let old = try plan(box)
    #expect(!old.changes.contains { $0.knob.kind == .unit })
    #expect(old.leftAlone.contains { $0.subject == "systemd" && $0.reason.contains("version 2") })
    box = MadeUp.twoNodes
    box.memory.nodes.removeLast()
    #expect(!(try plan(box)).changes.contains { $0.knob.kind == .unit })
  }

  @Test func `containers are adopted by label, and by GPU where allowed`() throws {
    var box = MadeUp.twoNodes
    let gpu = try #require(PCIAddress("0000:81:00.0"))
    box.gpus = [GPU(address: gpu, vendor: .amd)]
    var function = PCIFunction(address: gpu)
    function.locality.numaNode = 1
    box.pci = [function]
    func add(_ name: String, _ labels: [String: String], gpus: [PCIAddress] = []) {
      var container = Container(
        id: name, engine: .podman,
        group: ControlGroup(path: "/machine.slice/libpod-\(name).scope"))
      container.name = name
      container.labels = labels
      container.gpus = gpus
      box.workloads.containers.append(container)
    }
    add("a", ["dev.tinybox.node": "1"])
    add("b", ["dev.tinybox.nic": "eth0"])
    add("c", [:], gpus: [gpu])
    add("d", ["dev.tinybox.node": "9"])
    add("e", [:])
    func cpus(_ plan: Plan) -> [String] {
      plan.changes.filter {
        $0.knob.unit?.hasPrefix("libpod") == true && $0.knob.property == "AllowedCPUs"
      }
      .map { "\($0.subject) \($0.knob.unit ?? "") \($0.new)" }
    }
    let plain = try plan(box)
    #expect(cpus(plain) == ["a libpod-a.scope 4-7", "b libpod-b.scope 0-3"])
    #expect(plain.leftAlone.contains { $0.subject == "d" })
    let both = try plan(box, "[placement.containers]\nadopt = [\"gpu\"]")
    #expect(cpus(both) == ["c libpod-c.scope 4-7"])
  }

  @Test func `a container beside an interface shares its CPUs with the interrupts`() throws {
    var box = MadeUp.twoNodes
    var group = ControlGroup(path: "/machine.slice/libpod-a.scope")
    group.effectiveCPUs = NumberSet(range: 2...3)
    group.effectiveMemoryNodes = NumberSet([0])
    var container = Container(id: "a", engine: .podman, group: group)
    container.labels = ["dev.tinybox.nic": "eth0"]
    box.workloads.containers = [container]
    let beside = try plan(box)
    #expect((30...34).map { moves(beside)[$0] } == ["2-3", "2", "3", "2", "3"])
    // It keeps its part of the node.
    #expect(!beside.changes.contains { $0.knob.unit == "libpod-a.scope" })
    // Two of them, one that has the whole node, or one elsewhere: the node as ever.
    box.workloads.containers.append(container)
    #expect(moves(try plan(box))[31] == "0")
    box.workloads.containers = [container]
    for cpus in [NumberSet(range: 0...3), NumberSet(range: 3...4), NumberSet()] {
      box.workloads.containers[0].group.effectiveCPUs = cpus
      #expect(moves(try plan(box))[31] == "0")
    }
  }

  @Test func `services go where they are told`() throws {
    let plan = try plan(
      MadeUp.twoNodes,
      "[placement.service.\"a.service\"]\ndevice = \"nvme0\"\n"
        + "[placement.service.\"b.service\"]\ndevice = \"eth9\"")
    let change = plan.changes.first {
      $0.knob.unit == "a.service" && $0.knob.property == "AllowedCPUs"
    }
    #expect(change?.new == "4-7")
    #expect(
      plan.leftAlone.contains {
        $0.subject == "b.service" && $0.reason == "there is no device eth9"
      })
  }

  @Test func `irqbalance is told what to leave alone`() throws {
    var box = MadeUp.twoNodes
    box.system.irqbalance = IRQBalance(pid: 9, arguments: [], unit: "irqbalance.service")
    let silent = try plan(box)
    #expect(silent.leftAlone.contains { $0.subject == "irqbalance" })
    var around = ServiceState()
    around.bannedInterrupts = NumberSet([7])
    let change = try #require(
      try plan(box, "", around).changes.first { $0.knob.kind == .irqbalance })
    #expect(change.old == "7" && change.new == "7,30-35")
    let leave = try plan(box, "[placement]\nirqbalance = \"leave\"", around)
    #expect(!leave.changes.contains { $0.knob.kind == .irqbalance })
  }

  @Test func `what systemd was told is read from its files`() {
    var builder = MemoryTreeBuilder()
    builder.file(
      "/run/systemd/system.control/a.slice.d/50-AllowedCPUs.conf",
      "# comment\n[Slice]\nAllowedCPUs=\nAllowedCPUs=0-3 8")
    builder.file("/run/systemd/system.control/a.slice.d/50-CPUWeight.conf", "CPUWeight=1")
    let around = ServiceState.read(builder.tree())
    #expect(around.unitProperties == ["a.slice": ["AllowedCPUs": NumberSet([0, 1, 2, 3, 8])]])
    #expect(ServiceState.value(of: "AllowedCPUs", in: "AllowedCPUs=\n") == NumberSet())
    #expect(ServiceState.value(of: "AllowedCPUs", in: "AllowedCPUs=x") == nil)
  }

  @Test func `a rule of a device that is not there is told`() throws {
    let plan = try plan(MadeUp.twoNodes, "[placement.device.eth7]\ninterrupts = \"leave\"")
    #expect(
      plan.leftAlone.contains { $0.subject == "eth7" && $0.reason.contains("no such device") })
  }
}
