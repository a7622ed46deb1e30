import Base
import Inventory
import Testing

@testable import BenchmarkRunner

@Suite struct NetworkQueuesTests {
  @Test func `each interface of the devices has its discipline as a fact`() {
    let card = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)
    var inventory = Inventory(origin: "made up")
    inventory.nics = ["eth0", "eth1", "eth2"].map { NIC(name: $0) }
    inventory.nics[0].address = card
    inventory.nics[1].address = card
    let queues = ["eth0": "netem", "eth2": "mq"]
    #expect(
      NetworkQueues.facts([card], inventory) { queues[$0] } == ["01:00.0 eth0 qdisc": "netem"])
    #expect(NetworkQueues.facts([], inventory) { queues[$0] } == [:])
  }
}
