import Base
import Inventory
import Testing

@testable import Health

/// Two nodes of four CPUs (two cores each), a NIC on node 1 with a queue, a control vector and a
/// queue that the kernel spreads.
func interruptInventory(_ change: (inout Inventory) -> Void = { _ in }) -> Inventory {
  let address = PCIAddress(domain: 0, bus: 0x41, device: 0, function: 0)
  var inventory = Inventory(origin: "test")
  inventory.collectors = [
    CollectorReport(name: "PCI", outcome: .found), CollectorReport(name: "NIC", outcome: .found),
  ]
  for node in 0...1 {
    var numa = NUMANode(id: node)
    numa.cpus = NumberSet(range: (node * 4)...(node * 4 + 3))
    inventory.memory.nodes.append(numa)
    for core in 0...1 {
      let first = node * 4 + core * 2
      inventory.processors.cores.append(
        Processors.Core(
          package: node, die: nil, id: core, cpus: NumberSet(range: first...(first + 1))))
    }
  }
  var function = PCIFunction(address: address)
  function.driver = "mlx5_core"
  function.locality.numaNode = 1
  function.vectors = PCIVectors(kind: "msix", allocated: NumberSet([40, 41, 42, 43]))
  inventory.pci = [function]
  for (number, cpu, mobility) in [
    (40, 4, Interrupt.Mobility.movable), (41, 6, .movable), (42, 0, .fixed),
  ] {
    var interrupt = Interrupt(number: number)
    interrupt.device = address
    interrupt.numaNode = 1
    interrupt.mobility = mobility
    interrupt.affinity = NumberSet(range: 4...7)
    interrupt.effectiveAffinity = NumberSet([cpu])
    inventory.interrupts.append(interrupt)
  }
  var nic = NIC(name: "eth0")
  nic.address = address
  nic.bus = "pci"
  nic.operationalState = "up"
  nic.carrier = true
  nic.speedBitsPerSecond = 100_000_000_000
  nic.numaNode = 1
  nic.queues.channels = NIC.Channels(receive: 0, transmit: 0, other: 0, combined: 2)
  nic.queues.channelsMaximum = NIC.Channels(receive: 0, transmit: 0, other: 0, combined: 8)
  inventory.nics = [nic]
  inventory.system.processesListed = true
  change(&inventory)
  return inventory
}

@Suite struct IRQLocalityTests {
  private func verdicts(_ change: (inout Inventory) -> Void = { _ in }) -> [Verdict] {
    IRQLocalityCheck.verdicts(Box(interruptInventory(change)))
  }

  @Test func onItsNode() {
    #expect(verdicts() == [.pass])
    let evidence = IRQLocalityCheck.evaluate(Box(interruptInventory())).first?.evidence ?? []
    #expect(
      evidence.map(\.fact) == [
        "pci[0000:41:00.0].locality.numaNode", "memory.nodes[1].cpus",
        "interrupts[40].effectiveAffinity", "interrupts[41].effectiveAffinity",
      ])
  }

  @Test func offItsNode() {
    let moved = IRQLocalityCheck.evaluate(
      Box(interruptInventory { $0.interrupts[1].effectiveAffinity = NumberSet([2]) }))
    #expect(moved.map(\.verdict) == [.warn])
    #expect(moved.first?.subject == "eth0")
    #expect(moved.first?.summary == "1 of 2 interrupts off node 1")
    #expect(moved.first?.advice.first?.commands == ["echo 4-7 > /proc/irq/41/smp_affinity_list"])
  }

  @Test func whatTheKernelSpreadsIsItsAffair() {
    #expect(
      verdicts { inventory in
        for index in inventory.interrupts.indices { inventory.interrupts[index].mobility = .fixed }
      } == [.notApplicable])
  }

  @Test func whatCarriesNoDataMayComeFromAnywhere() {
    #expect(
      verdicts {
        $0.interrupts[0].effectiveAffinity = NumberSet([0])
        $0.interrupts[0].role = .admin
      } == [.pass])
  }

  @Test func affinityNotKnown() {
    #expect(verdicts { $0.interrupts[0].effectiveAffinity = nil } == [.unknown])
    // No CPU of the node is allowed: wherever it ends up, it is elsewhere.
    #expect(
      verdicts {
        $0.interrupts[0].effectiveAffinity = nil
        $0.interrupts[0].affinity = NumberSet([0])
      } == [.warn])
    // A recording without modes: it may be one that the kernel spreads.
    #expect(
      verdicts {
        $0.interrupts[0].mobility = .unknown
        $0.interrupts[0].effectiveAffinity = NumberSet([0])
      } == [.unknown])
  }

  @Test func otherFactsMissing() {
    #expect(verdicts { $0.pci[0].locality.numaNode = nil } == [.unknown])
    #expect(verdicts { $0.memory.nodes[1].cpus = nil } == [.unknown])
    #expect(verdicts { $0.memory.nodes[1].cpus = NumberSet() } == [.notApplicable])
    #expect(verdicts { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes.removeLast() } == [.notApplicable])
    #expect(verdicts { $0.interrupts = [] } == [.unknown])
    #expect(verdicts { $0.pci = [] } == [.unknown])
    // Found from the interrupts' side when the function does not list its vectors.
    #expect(verdicts { $0.pci[0].vectors = nil } == [.pass])
    #expect(
      verdicts {
        $0.interrupts[0].number = 7
        $0.interrupts = [$0.interrupts[0]]
        $0.interrupts[0].device = nil
      } == [.unknown])
    #expect(
      verdicts {
        $0.pci[0].driver = nil
        $0.pci[0].vectors = nil
        $0.interrupts[0].device = nil
        $0.interrupts = [$0.interrupts[0]]
      } == [.notApplicable])
  }
}

@Suite struct IRQBalanceTests {
  private func verdicts(
    _ arguments: [String]?, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    IRQBalanceCheck.verdicts(
      Box(
        interruptInventory {
          $0.system.irqbalance = arguments.map {
            IRQBalance(pid: 812, arguments: ["/usr/sbin/irqbalance"] + $0, unit: nil)
          }
          change(&$0)
        }))
  }

  @Test func running() {
    #expect(verdicts([]) == [.warn])
    #expect(verdicts(["--foreground", "--banirq=40"]) == [.warn])
    #expect(verdicts(["--banirq=40", "--banirq=41"]) == [.pass])
    #expect(verdicts(["-i", "40", "-i41"]) == [.pass])
    #expect(verdicts(["--banmod=mlx5_core"]) == [.pass])
    #expect(verdicts(["--banmod=other"]) == [.warn])
    #expect(verdicts(["--policyscript=/usr/lib/x"]) == [.unknown])
  }

  @Test func notRunning() {
    #expect(verdicts(nil) == [.notApplicable])
    #expect(verdicts(nil) { $0.system.processesListed = false } == [.unknown])
    #expect(verdicts(nil) { $0.system.processesListed = nil } == [.unknown])
    // A container does not see its host's processes.
    #expect(verdicts(nil) { $0.machine.virtualization = guest(.container) } == [.unknown])
  }

  @Test func missingFacts() {
    let banned = ["--banirq=40", "--banirq=41"]
    #expect(verdicts(banned) { $0.interrupts = [] } == [.unknown])
    #expect(verdicts(banned) { $0.pci = [] } == [.unknown])
    #expect(verdicts(banned) { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts([]) { $0.memory.nodes.removeLast() } == [.notApplicable])
  }

  @Test func theAdviceNamesTheInterrupts() {
    let box = Box(
      interruptInventory {
        $0.system.irqbalance = IRQBalance(
          pid: 812, arguments: ["irqbalance"], unit: "irqbalance.service")
      })
    let finding = IRQBalanceCheck.evaluate(box).first
    #expect(finding?.summary == "runs, and may move eth0")
    #expect(finding?.advice.first?.commands.first?.contains("--banirq=40 --banirq=41") == true)
  }
}

@Suite struct NICQueueTests {
  private func verdicts(_ change: (inout Inventory) -> Void = { _ in }) -> [Verdict] {
    NICQueuesCheck.verdicts(Box(interruptInventory(change)))
  }

  @Test func queuesAgainstCores() {
    #expect(verdicts() == [.pass])
    #expect(verdicts { $0.nics[0].queues.channels?.combined = 4 } == [.warn])
    #expect(verdicts { $0.nics[0].queues.channels?.combined = 1 } == [.warn])
    #expect(
      verdicts {
        $0.nics[0].queues.channels?.combined = 1
        $0.nics[0].queues.channelsMaximum?.combined = 1
      } == [.pass])
  }

  @Test func oneNodeMayHaveAQueueForEachCPU() {
    #expect(
      verdicts {
        $0.memory.nodes.removeLast()
        $0.nics[0].queues.channels?.combined = 4
      } == [.pass])
  }

  @Test func noQuestion() {
    #expect(verdicts { $0.nics[0].carrier = false } == [.notApplicable])
    #expect(verdicts { $0.nics[0].operationalState = "down" } == [.notApplicable])
    #expect(verdicts { $0.nics[0].bus = "virtio" } == [.notApplicable])
    #expect(verdicts { $0.nics[0].isVirtualFunction = true } == [.notApplicable])
    #expect(verdicts { $0.nics[0].speedBitsPerSecond = 1_000_000_000 } == [.notApplicable])
  }

  @Test func missingFacts() {
    #expect(verdicts { $0.nics[0].speedBitsPerSecond = nil } == [.unknown])
    #expect(verdicts { $0.nics[0].queues.channels = nil } == [.unknown])
    #expect(verdicts { $0.nics[0].queues.channelsMaximum = nil } == [.unknown])
    #expect(verdicts { $0.nics[0].numaNode = nil } == [.unknown])
    #expect(verdicts { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes[1].cpus = nil } == [.unknown])
    #expect(verdicts { $0.processors.cores = [] } == [.unknown])
    #expect(verdicts { $0.nics = [] } == [.unknown])
  }
}
