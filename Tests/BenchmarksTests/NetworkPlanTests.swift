import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// The plans for the network and NFS.
struct NetworkPlanTests {
  private var inventory: Inventory {
    var inventory = Inventory(origin: "test")
    inventory.memory.nodes = [WellServer.node(0, 0...3), WellServer.node(1, 4...7)]
    inventory.nics = [nic("eth0", "41:00.0"), nic("eth1", "42:00.0")]
    return inventory
  }

  private func nic(_ name: String, _ address: String) -> NIC {
    var nic = NIC(name: name)
    nic.address = MadeUp.at(address)
    nic.speedBitsPerSecond = 100_000_000_000
    nic.mtuBytes = 9000
    nic.numaNode = 1
    return nic
  }

  private func box(
    _ change: (inout Inventory) -> Void = { _ in }, peer: String? = "10.0.0.2",
    nfs: String? = nil, interface: String? = "eth0"
  ) -> BenchmarkBox {
    var inventory = inventory
    change(&inventory)
    var options = BenchmarkOptions()
    options.networkPeer = peer
    options.nfsServer = nfs
    var box = BenchmarkBox(inventory, options)
    box.peerInterface = interface
    box.nfsInterface = interface
    return box
  }

  @Test func withoutAPeerItSaysWhatToGive() {
    let plan = NetworkPlan.measurements(box(peer: nil))
    #expect(
      plan.map(\.obstacle) == [
        .notApplicable("give --peer ADDRESS of a machine where `iperf3 -s` runs")
      ])
  }

  @Test func bothWaysFromNearAndFar() throws {
    let plan = NetworkPlan.measurements(box())
    #expect(
      plan.map(\.series.metric) == [
        "send-1-near", "send-4-near", "receive-1-near", "receive-4-near", "send-1-far",
        "send-4-far", "receive-1-far", "receive-4-far", "rdma-write",
      ])
    #expect(plan.allSatisfy { $0.devices == [MadeUp.at("41:00.0")] })
    #expect(plan[0].parameters["cpus"] == "4-7")
    #expect(plan[4].parameters["cpus"] == "0-3")
    #expect(plan[4].parameters["memoryNode"] == "0")
    // The link of the other machine may be the slower one.
    #expect(plan.allSatisfy { $0.mark == nil })
    // A row that is not measured, as RDMA here, has none.
    #expect(plan.allSatisfy { $0.obstacle != nil || $0.ceiling?.value != nil })
    #expect(plan[0].series.key == "network.send-1-near/41:00.0-port0-to-10.0.0.2")
  }

  @Test func theCeilingIsTheLinkWithoutHeaders() {
    let ceiling = NetworkPlan.measurements(box())[0].ceiling
    #expect(ceiling?.value == 100e9 / 8 * (8948.0 / 9038))
    let six = NetworkPlan.measurements(box(peer: "fe80::1"))[0].ceiling
    #expect(six?.value == 100e9 / 8 * (8928.0 / 9038))
    let slow = NetworkPlan.measurements(box({ $0.nics[0].mtuBytes = 1500 }))[0].ceiling
    #expect(
      slow?.arithmetic == "link of the network: eth0 100 Gb/s / 8 x (1500 - 52) / (1500 + 38)")
    for change in [
      { $0.nics[0].speedBitsPerSecond = nil }, { $0.nics[0].mtuBytes = nil },
      { (inventory: inout Inventory) in inventory.nics[0].mtuBytes = 40 },
    ] as [(inout Inventory) -> Void] {
      #expect(NetworkPlan.measurements(box(change))[0].ceiling?.value == nil)
    }
  }

  @Test func aBondIsTheSumOfItsMembers() {
    let bond = box(
      { for index in $0.nics.indices { $0.nics[index].controller = "bond0" } }, interface: "bond0")
    let plan = NetworkPlan.measurements(bond)
    #expect(plan[0].devices.count == 2)
    #expect(plan[0].ceiling?.value == 2 * (100e9 / 8 * (8948.0 / 9038)))
  }

  @Test func anUnknownRouteIsMeasuredWithoutACeiling() {
    let plan = NetworkPlan.measurements(box(interface: nil))
    #expect(plan.map(\.series.metric).first == "send-1-any")
    #expect(plan[0].ceiling?.value == nil)
    #expect(plan[0].parameters["cpus"] == nil)
    #expect(NetworkPlan.measurements(box(interface: "lo"))[0].devices.isEmpty)
  }

  @Test func rdmaIsMeasuredWhereTheInterfaceHasIt() throws {
    let plain = try #require(NetworkPlan.measurements(box()).last)
    #expect(plain.obstacle == .notApplicable("eth0 to 10.0.0.2: no RDMA device"))
    let plan = NetworkPlan.measurements(
      box {
        $0.nics[0].rdmaDevices = [
          .init(name: "mlx5_0", portStates: [1: "4: ACTIVE"], portBitsPerSecond: [:])
        ]
      }
    ).suffix(3)
    #expect(plan.map(\.series.metric) == ["rdma-write-near", "rdma-write-far", "rdma-write-gpu"])
    let near = try #require(plan.first)
    #expect(near.obstacle == nil && near.parameters["rdmaDevice"] == "mlx5_0")
    #expect(near.parameters["cpus"] == "4-7" && near.parameters["memoryNode"] == "1")
    #expect(near.ceiling?.value == 100e9 / 8)
    if case .notApplicable(let reason) = plan.last?.obstacle {
      #expect(reason.contains("ROCm or CUDA"))
    } else {
      Issue.record("\(plan)")
    }
  }

  // MARK: NFS

  @Test func aServerIsReadAsMountWritesIt() throws {
    let plain = try #require(NFSServer("10.0.0.2:/export/a"))
    #expect(plain.url == "nfs://10.0.0.2/export/a?version=4")
    #expect(NFSServer("box:2050:/e")?.url == "nfs://box/e?version=4&nfsport=2050")
    #expect(NFSServer("[fe80::1]:/e")?.url == "nfs://[fe80::1]/e?version=4")
    #expect(NFSServer("[fe80::1]:2050:/e")?.port == 2050)
    for text in [
      "", "host", "host:", "/e", "host/e", ":/e", "host:0:/e", "h:99999:/e", "h:/e?x=1", "a b:/e",
      "[::1]/e",
    ] {
      #expect(NFSServer(text) == nil, "\(text)")
    }
  }

  @Test func nfsIsWrittenAndReadNearAndFar() throws {
    let plan = NFSPlan.measurements(box(nfs: "10.0.0.2:/export"))
    #expect(plan.map(\.series.metric) == ["write-near", "read-near", "write-far", "read-far"])
    #expect(plan[0].series.key == "nfs.write-near/41:00.0-port0-to-10.0.0.2_export")
    let read = try FioParameters(plan[1].parameters)
    #expect(read.kind == .nfs)
    #expect(read.fillsFile)
    for server in [nil, "server"] {
      let plan = NFSPlan.measurements(box(nfs: server))
      #expect(plan.count == 1)
      if case .notApplicable = plan[0].obstacle {} else { Issue.record("\(plan)") }
    }
  }
}
