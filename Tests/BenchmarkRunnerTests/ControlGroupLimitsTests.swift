import Base
import Inventory
import KernelTree
import Testing

@testable import BenchmarkRunner

@Suite struct ControlGroupLimitsTests {
  private static let drive = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)
  private static let unit = "/system.slice/tinybox-benchmark.service"

  private func tree(
    _ files: [String: String] = [:], own: String = "0::\(unit)"
  ) -> KernelTree {
    var builder = MemoryTreeBuilder()
    builder.file("/proc/self/cgroup", own)
    builder.file("/sys/class/block/nvme0n1/dev", "259:3")
    for (path, text) in files { builder.file("/sys/fs/cgroup\(path)", text) }
    return builder.tree()
  }

  private var inventory: Inventory {
    var inventory = Inventory(origin: "made up")
    var controller = NVMeController(name: "nvme0")
    controller.address = Self.drive
    controller.namespaces = [.init(name: "nvme0n1")]
    inventory.nvme = [controller]
    return inventory
  }

  @Test func `no limit is a fact where every place was seen`() {
    let controllers = ["/cgroup.controllers": "cpuset cpu io memory"]
    let free = tree(
      controllers.merging(["\(Self.unit)/cpu.max": "max 100000", "\(Self.unit)/io.max": ""]) { $1 })
    let limits = ControlGroupLimits(free)
    #expect(limits.machineFacts == ["cgroup.cpuQuota": "none"])
    #expect(
      limits.facts([Self.drive], inventory, free) == ["01:00.0 cgroup.ioLimit": "none"])
    // In a namespace; and where version 1 has the controllers.
    for tree in [tree(controllers, own: "0::/"), tree(["/cgroup.controllers": "memory"])] {
      #expect(ControlGroupLimits(tree).machineFacts == [:])
      #expect(ControlGroupLimits(tree).facts([Self.drive], inventory, tree) == [:])
    }
    let limited = tree(controllers.merging(["/system.slice/cpu.max": "50000 100000"]) { $1 })
    #expect(
      ControlGroupLimits(limited).machineFacts == ["cgroup.cpuQuota": "0.5 CPUs (/system.slice)"])
  }

  @Test func `what is not known is no fact`() {
    let trees = [
      tree(["\(Self.unit)/cpu.max": "max 100000", "\(Self.unit)/io.max": ""]), tree(),
      tree(own: "0::/"), tree(own: "12:cpu:/old"), tree(["/cpu.max": "1 1"]),
      tree(["\(Self.unit)/cpu.max": "50000 0"]), tree(["\(Self.unit)/cpu.max": "many few"]),
    ]
    for tree in trees {
      let limits = ControlGroupLimits(tree)
      #expect(limits.machineFacts == [:])
      #expect(limits.facts([Self.drive], inventory, tree) == [:])
    }
  }

  @Test func `the least quota counts, wherever it is set`() {
    let own = ["\(Self.unit)/cpu.max": "200000 100000", "/system.slice/cpu.max": "50000 100000"]
    #expect(ControlGroupLimits(tree(own)).cpuQuota == "0.5 CPUs (/system.slice)")
    let above = ["\(Self.unit)/cpu.max": "25000 100000", "/system.slice/cpu.max": "50000 100000"]
    #expect(
      ControlGroupLimits(tree(above)).machineFacts
        == ["cgroup.cpuQuota": "0.25 CPUs (\(Self.unit))"])
  }

  @Test func `a limited drive has a fact, another one has none`() {
    let tree = tree([
      "\(Self.unit)/io.max": """
      259:3 rbps=20971520 wbps=max riops=max wiops=100
      259:4 rbps=1 wbps=max riops=max wiops=max
      """, "/system.slice/io.max": "259:3 rbps=max wbps=1048576 riops=max wiops=max",
    ])
    let limits = ControlGroupLimits(tree)
    let text = "rbps=20971520 wiops=100 (\(Self.unit)), wbps=1048576 (/system.slice)"
    #expect(
      limits.facts([Self.drive], inventory, tree) == ["01:00.0 cgroup.ioLimit": text])
    #expect(limits.facts([], inventory, tree) == [:])
  }
}
