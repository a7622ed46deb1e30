import Base
import Inventory
import TestMachines
import Testing

@testable import Render

@Suite struct InterruptTableTests {
  /// Two nodes, a NIC on node 1 with three interrupts, one of them delivered to node 0.
  private var sample: Inventory {
    var box = Inventory(origin: "live")
    for id in 0..<2 {
      var node = NUMANode(id: id)
      node.cpus = NumberSet(range: (id * 4)...(id * 4 + 3))
      box.memory.nodes.append(node)
    }
    for (number, cpu, count) in [(40, 4, 300), (41, 0, 100), (42, 5, 0)] {
      var interrupt = Interrupt(number: number)
      interrupt.device = MadeUp.at("21:00.0")
      interrupt.deviceName = "eth0"
      interrupt.actions = ["eth0-rx-\(number - 40)"]
      interrupt.role = .queue
      interrupt.queue = number - 40
      interrupt.numaNode = 1
      interrupt.affinity = NumberSet(range: 0...7)
      interrupt.effectiveAffinity = NumberSet([cpu])
      interrupt.mobility = number == 42 ? .fixed : .movable
      interrupt.mobilityReason = number == 42 ? "managed" : nil
      if count > 0 { interrupt.counts = [cpu: count] }
      box.interrupts.append(interrupt)
    }
    var timer = Interrupt(number: 0)
    timer.actions = ["timer"]
    timer.counts = [2: 7]
    box.interrupts.insert(timer, at: 0)
    return box
  }

  @Test func sumsPerDeviceAndNode() {
    #expect(
      InterruptTable.render(sample, Style()) == [
        "device     address  node  IRQs  movable  on node  handled  share  busiest",
        "eth0       21:00.0     1     3        2      2/3      400   75 %    CPU 4",
        "no device  -           -     1  unknown        -        7      -    CPU 2",
        "", "node  CPUs  device IRQs  of own devices  handled",
        "   0  0-3             1               0      100",
        "   1  4-7             2               2      300", "",
        "75 % of all device interrupts so far were handled on the device's own node.",
      ])
  }

  @Test func listsEachInterrupt() {
    #expect(
      InterruptTable.render(sample, Style(width: 100), irqs: true) == [
        "IRQ  name       device  role     node  affinity  effective  movable      count",
        "  0  timer      -       other       -  -         -          unknown          7",
        " 40  eth0-rx-0  eth0    queue 0     1  0-7       4          yes            300",
        " 41  eth0-rx-1  eth0    queue 1     1  0-7       0          yes            100",
        " 42  eth0-rx-2  eth0    queue 2     1  0-7       5          no: managed      0",
      ])
  }

  @Test func doesNotGuessTheShare() {
    var box = sample
    for index in box.interrupts.indices { box.interrupts[index].numaNode = nil }
    #expect(InterruptSummary.ownNodeShare(box) == nil)
    #expect(InterruptSummary.all(box)[0].insideNode == nil)
    #expect(InterruptSummary.all(box)[0].share == nil)
    for index in box.interrupts.indices {
      box.interrupts[index].numaNode = 1
      box.interrupts[index].counts = [:]
    }
    #expect(InterruptSummary.ownNodeShare(box) == nil)
  }

  @Test func countsThatCouldNotBeReadAreUnknown() {
    var box = sample
    for index in box.interrupts.indices {
      box.interrupts[index].counts = [:]
      box.interrupts[index].unknown = [
        UnknownFact(fact: "counts", path: "/proc/interrupts", reason: "permission denied")
      ]
    }
    let summary = InterruptSummary.all(box)[0]
    #expect(InterruptTable.handled(summary).plain == "unknown")
  }

  @Test func `a sum that leaves one interrupt out is unknown`() {
    var box = sample
    // The first of the three of eth0.
    box.interrupts[1].counts = [:]
    box.interrupts[1].unknown = [
      UnknownFact(fact: "counts", path: "/proc/interrupts", reason: "3 columns of 8")
    ]
    #expect(
      InterruptTable.render(box, Style()) == [
        "device     address  node  IRQs  movable  on node  handled    share  busiest",
        "eth0       21:00.0     1     3        2      2/3  unknown  unknown  unknown",
        "no device  -           -     1  unknown        -        7        -    CPU 2",
        "", "node  CPUs  device IRQs  of own devices  handled",
        "   0  0-3             1               0  unknown",
        "   1  4-7             2               2  unknown",
        "count of 1 interrupt unknown",
      ])
    #expect(InterruptSummary.ownNodeShare(box) == nil)
  }

  @Test func knowsTheNodeOfACPU() {
    let nodes = NodeOfCPU(sample.memory)
    #expect(nodes[0] == 0)
    #expect(nodes[7] == 1)
    #expect(nodes[8] == nil)
    #expect(nodes[-1] == nil)
    #expect(nodes.lies(NumberSet([4, 5]), in: 1))
    #expect(!nodes.lies(NumberSet([3, 4]), in: 1))
  }
}
