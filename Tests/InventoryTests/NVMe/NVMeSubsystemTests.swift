import Base
import KernelTree
import Testing

@testable import Inventory

/// Controllers of one subsystem are paths to one drive.
@Suite struct NVMeSubsystemTests {
  private func controllers(_ namespaces: [[String]]) -> [NVMeController] {
    namespaces.enumerated().map { index, names in
      var controller = NVMeController(name: "nvme\(index)")
      controller.namespaces = names.map { NVMeController.Namespace(name: $0) }
      return controller
    }
  }

  @Test func `two controllers of one subsystem are one drive`() {
    var tree = MemoryTreeBuilder()
    for name in ["nvme0", "nvme1"] {
      tree.directory("/sys/class/nvme-subsystem/nvme-subsys0/\(name)")
    }
    tree.directory("/sys/class/nvme-subsystem/nvme-subsys2/nvme2")
    var found = controllers([["nvme0n1"], ["nvme0n1"], ["nvme2n1"]])
    NVMeSubsystems.assign(&found, tree.tree())
    #expect(found.map(\.subsystem) == ["nvme-subsys0", "nvme-subsys0", "nvme-subsys2"])
    #expect(found.map(\.pathOf) == [nil, "nvme0", nil])
    var inventory = Inventory(origin: "test")
    inventory.nvme = found
    #expect(inventory.drives.map(\.name) == ["nvme0", "nvme2"])
    #expect(inventory.paths(to: found[0]).map(\.name) == ["nvme1"])
  }

  @Test func `the shared namespace tells where the class is not there`() {
    var tree = MemoryTreeBuilder()
    let folder = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1"
    tree.file("\(folder)/size", "8")
    tree.link("/sys/block/nvme0n1", to: "..\(folder.dropFirst(4))")
    var found = controllers([["nvme0n1"], ["nvme0n1"]])
    NVMeSubsystems.assign(&found, tree.tree())
    #expect(found.map(\.pathOf) == [nil, "nvme0"])
  }

  @Test func `controllers with a namespace each, or none known, are no paths`() {
    var tree = MemoryTreeBuilder()
    for name in ["nvme0", "nvme1"] {
      tree.directory("/sys/class/nvme-subsystem/nvme-subsys0/\(name)")
    }
    var found = controllers([["nvme0n1"], ["nvme0n2"]])
    NVMeSubsystems.assign(&found, tree.tree())
    #expect(found.map(\.pathOf) == [nil, nil])
    found = controllers([["nvme0n1"], ["nvme1n1"]])
    NVMeSubsystems.assign(&found, MemoryTreeBuilder().tree())
    #expect(found.map(\.subsystem) == [nil, nil])
    #expect(found.map(\.pathOf) == [nil, nil])
  }
}
