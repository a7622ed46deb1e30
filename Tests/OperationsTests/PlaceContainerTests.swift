import Base
import Inventory
import KernelTree
import Placement
import Testing

@testable import Operations

/// Where `run` puts a container, from the files of a machine to the command.
@Suite struct PlaceContainerTests {
  /// A machine of one node with three cards of NVIDIA, the last two joined by NVLink.
  private func machine(mig: String = "") -> KernelTree {
    var tree = MemoryTreeBuilder()
    let files = [
      "/proc/self/status": "Cpus_allowed_list:\t0-3\nMems_allowed_list:\t0",
      "/proc/1/status": "Cpus_allowed_list:\t0-3\nMems_allowed_list:\t0",
      "/proc/self/cgroup": "0::/",
      "/sys/devices/system/cpu/online": "0-3", "/sys/devices/system/cpu/possible": "0-3",
      "/sys/devices/system/cpu/present": "0-3",
      "/sys/devices/system/node/online": "0", "/sys/devices/system/node/possible": "0",
      "/sys/devices/system/node/node0/cpulist": "0-3",
      "/sys/devices/system/node/node0/distance": "10",
      "/sys/devices/system/node/node0/meminfo":
        "Node 0 MemTotal:       16777216 kB\nNode 0 MemFree:        8388608 kB",
      "/sys/fs/cgroup/cgroup.controllers": "cpuset memory",
    ]
    for (path, text) in files { tree.file(path, text) }
    tree.directory("/proc/1/fd")
    var answer = "driver 570.86.15\n"
    for (index, bus) in ["21", "41", "61"].enumerated() {
      let address = "0000:\(bus):00.0"
      let folder = "/sys/bus/pci/devices/\(address)"
      let facts = [
        "vendor": "0x10de", "device": "0x2204", "class": "0x030000", "numa_node": "0",
      ]
      for (file, text) in facts { tree.file("\(folder)/\(file)", text) }
      tree.link("\(folder)/driver", to: "/sys/bus/pci/drivers/nvidia")
      tree.file("/proc/driver/nvidia/gpus/\(address)/information", "Device Minor: \(index)")
      // The driver makes the folder of instances for every card.
      tree.directory("/proc/driver/nvidia/capabilities/gpu\(index)/mig")
      tree.file("/dev/nvidia\(index)", "")
      answer += "gpu 0000\(address)\nname NVIDIA RTX A6000\n\(mig)"
      if bus != "21" { answer += "nvlink 0 1 00000000:\(bus == "41" ? "61" : "41"):00.0\n" }
    }
    tree.directory("/sys/bus/pci/drivers/nvidia")
    tree.file("/dev/nvidiactl", "")
    for (one, other) in [("41", "61"), ("61", "41")] {
      answer += "peer 00000000:\(one):00.0 00000000:\(other):00.0 0 0\n"
    }
    tree.probe("nvml", .success(Array(answer.utf8)))
    return tree.tree()
  }

  @Test func `cards that NVLink joins are given together`() throws {
    var needs = ContainerNeeds()
    needs.gpuCount = 2
    let placed = try PlacementOperations().place(
      ["docker", "run", "image"], needs: needs, on: machine())
    #expect(placed.reasons.contains("GPUs linked by NVLink"), "\(placed.reasons)")
    let devices = placed.arguments.filter { $0.hasPrefix("--device=/dev/nvidia") }
    #expect(
      devices == ["--device=/dev/nvidia1", "--device=/dev/nvidiactl", "--device=/dev/nvidia2"])
  }

  @Test func `a card in MIG mode without an instance is given to nobody`() throws {
    let off = try PlacementOperations().deviceSpecification(on: machine(mig: "mig 0 0\n"))
    #expect(off.devices.map(\.name) == ["0000:21:00.0", "0000:41:00.0", "0000:61:00.0", "all"])
    let failure = #expect(throws: Failure.self) {
      try PlacementOperations().deviceSpecification(on: machine(mig: "mig 1 1\n"))
    }
    #expect(failure.map { "\($0)" }?.contains("none that can be given") == true)
  }

  @Test func `a container without GPUs asks no driver`() throws {
    let operations = PlacementOperations()
    let inventory = try operations.inventory(machine())
    #expect(inventory.gpus.count == 3 && inventory.gpus.allSatisfy { $0.peerAnswers.isEmpty })
    let placed = try operations.place(
      ["docker", "run", "image"], needs: ContainerNeeds(), on: machine())
    #expect(!placed.arguments.contains { $0.hasPrefix("--device") })
  }
}

/// A profile as somebody wrote it.
@Suite struct ProfileFileTests {
  @Test func `a word that no place can be is named with its key`() {
    let text = """
      {"schema": "tinybox.profile/1", "name": "x", "origin": "declared", "places":
        [{"address": "0000:01:00.0", "kind": "toaster"}]}
      """
    let failure = #expect(throws: Failure.self) {
      try ProfileStore.decoded(Array(text.utf8), "/tmp/x.json")
    }
    let cause = failure.map { "\($0)" } ?? ""
    #expect(
      cause.contains("'places[0].kind': 'toaster' is not one of gpu, accelerator, nvme, nic"),
      "\(cause)")
  }
}
