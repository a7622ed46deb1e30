import Base
import Foundation
import Inventory
import TestSupport
import Testing

/// The box that is odd on purpose: what a real kernel makes of gaps and asymmetries.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct OddBoxTests {
  let box: VirtualBox
  let inventory: Inventory

  init() throws {
    box = try VirtualBox.odd.get()
    inventory = try box.inventory()
  }

  @Test func nodesHaveTheirNumbersAndKinds() throws {
    let nodes = inventory.memory.nodes
    #expect(nodes.map(\.id) == [0, 1, 3])
    #expect(nodes.map(\.kind) == [.regular, .memoryless, .cpuless])
    #expect(inventory.memory.possibleNodes?.description == "0-3")
    // Columns of a distance line follow the online nodes, not their ids.
    #expect(nodes.map { $0.distances.map(\.node) } == Array(repeating: [0, 1, 3], count: 3))
    #expect(nodes.first?.distances.map(\.value) == [10, 20, 21])
  }

  @Test func offlineCPUsAreKnownAndNotCounted() throws {
    let processors = inventory.processors
    #expect(processors.online?.description == "0-2,4-5")
    #expect(processors.offline?.contains(3) == true)
    #expect(processors.smtActive == true)
    let threads = processors.cores.map(\.cpus.description)
    #expect(threads == ["0-1", "2", "4-5"])
    #expect(!inventory.interrupts.contains { $0.counts.keys.contains(3) })
  }

  @Test func devicesWithoutANodeAreSaidToHaveNone() throws {
    let lspci = LspciFunction.parse(try box.text("lspci"))
    for function in inventory.pci where function.address.bus == 0 {
      #expect(lspci[function.address.description]?.value("NUMA node:") == nil)
      #expect(function.locality.numaNode == nil, "\(function.address): several nodes, no evidence")
      #expect(function.locality.evidence == .unknown)
    }
    #expect(inventory.nvme.first { $0.address?.bus == 0 }?.numaNode == nil)
  }

  @Test func virtualFunctionsHangOnTheirPhysicalFunction() throws {
    let virtual = inventory.pci.filter { $0.physicalFunction != nil }
    #expect(virtual.map(\.address.description) == ["0000:21:10.0", "0000:21:10.2"])
    #expect(virtual.allSatisfy { $0.physicalFunction?.description == "0000:21:00.0" })
    let physical = inventory.pci.first { $0.address.description == "0000:21:00.0" }
    #expect(physical?.virtualFunctionsEnabled == 2 && physical?.virtualFunctionsPossible == 7)
    #expect(inventory.nics.filter(\.isVirtualFunction).count == 2)
  }

  @Test func aVirtualDisplayIsNoGPU() { #expect(inventory.gpus.isEmpty) }

  @Test func thereIsNoIOMMU() {
    #expect(inventory.machine.iommu.mode == .off)
    #expect(inventory.pci.allSatisfy { $0.iommuGroup == nil })
  }

  @Test func commandsSucceed() throws {
    for name in [
      "status.txt", "devices.txt", "topology.txt", "topology.svg", "interrupts.txt", "user.json",
    ] {
      try #require(box.status(name) == 0, "\(name) failed")
      #expect(!(try box.text(name)).isEmpty)
    }
  }
}
