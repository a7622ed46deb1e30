import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct KFDTests {
  @Test func `HIP counts the partitions of the cards before`() {
    var box = GPUTree()
    box.add("0000:21:00.0", vendor: 0x1002, driver: "amdgpu")
    box.add("0000:41:00.0", vendor: 0x1002, driver: "amdgpu")
    for part in 0..<4 { box.kfdNode(1 + part, gpuID: 7 + part, location: 0x2100 + part) }
    box.kfdNode(5, gpuID: 20, location: 0x4100)
    let inventory = box.collect()
    #expect(inventory.gpus.map(\.partitions) == [4, nil])
    #expect(inventory.gpus.map { inventory.libraryIndexes($0).hip } == [0, 4])
  }

  @Test(arguments: [
    (90402, "gfx942"), (110000, "gfx1100"), (90010, "gfx90a"), (120001, "gfx1201"),
    (90012, "gfx90c"), (100300, "gfx1030"), (0, nil), (-1, nil), (91700, nil), (Int.max, nil),
  ])
  func `target versions are names with hexadecimal digits`(_ version: Int, _ name: String?) {
    #expect(KFDTopology.targetName(version) == name)
  }

  /// One card split in `parts`, as 6.12 shows it: the partition in the function's bits, a render
  /// node that belongs to no PCI function for all but the first.
  static func partitioned(_ parts: Int, audio: Bool = false) -> GPUTree {
    var box = GPUTree()
    box.add("0000:05:00.0", vendor: 0x1002, classCode: 0x120000, driver: "amdgpu")
    if audio { box.add("0000:05:00.1", vendor: 0x1002, classCode: 0x040300) }
    box.file("0000:05:00.0", "drm/renderD128/dev", "226:128")
    box.kfdNode(0, gpuID: 0)
    for part in 0..<parts {
      box.kfdNode(
        part + 1, gpuID: 100 + part, location: 0x0500 | part, target: 90402, minor: 128 + part,
        banks: [(1, 16 << 30)])
      box.tree.file("/sys/class/kfd/kfd/proc/900/vram_\(100 + part)", "\(1 << 20)")
    }
    return box
  }

  @Test(arguments: [false, true])
  func `partitions are one card`(_ audio: Bool) throws {
    let inventory = Self.partitioned(8, audio: audio).collect()
    #expect(inventory.gpus.count == 1)
    let gpu = try #require(inventory.gpus.first)
    #expect(gpu.partitions == 8)
    #expect(gpu.kfd?.node == 1)
    // The node's memory is the partition's; the card's is all of them.
    #expect(gpu.kfd?.publicMemoryBytes == 16 << 30)
    #expect(gpu.memoryTotalBytes == 128 << 30)
    #expect(gpu.target == "gfx942")
    #expect(gpu.largeBar == true)
    #expect(
      gpu.processes == [
        GPU.GPUProcess(pid: 900, name: nil, memoryBytes: 8 << 20, evidence: "kfd")
      ])
    #expect(inventory.collectors.first?.note == nil)
  }

  @Test func `private banks are memory the host does not see`() {
    var box = GPUTree()
    box.add("0001:05:00.0", vendor: 0x1002, driver: "amdgpu")
    box.kfdNode(1, gpuID: 7, location: 0x0500, domain: 1, banks: [(1, 256 << 20), (2, 15 << 30)])
    let gpu = box.collect().gpus.first
    #expect(gpu?.largeBar == false)
    #expect(gpu?.memoryTotalBytes == 256 << 20 + 15 << 30)
  }

  @Test func `two cards on one bus number of two domains stay apart`() {
    var box = GPUTree()
    box.add("0000:05:00.0", vendor: 0x1002, driver: "amdgpu")
    box.add("10000:05:00.0", vendor: 0x1002, driver: "amdgpu")
    box.kfdNode(1, gpuID: 7, location: 0x0500, domain: 0x10000, target: 120001)
    box.kfdNode(2, gpuID: 8, location: 0x0500, domain: 0, target: 110000)
    #expect(box.collect().gpus.map(\.target) == ["gfx1100", "gfx1201"])
  }

  @Test func `a node of no function and a node that is forbidden are told`() {
    var box = GPUTree()
    box.add("0000:05:00.0", vendor: 0x1002, driver: "amdgpu")
    box.kfdNode(1, gpuID: 7, location: 0x9900)
    box.tree.set(
      "/sys/class/kfd/kfd/topology/nodes/2/gpu_id", .failing(.permissionDenied, kind: .file))
    let inventory = box.collect()
    #expect(inventory.gpus.first?.kfd == nil)
    let note = inventory.collectors.first?.note ?? ""
    #expect(note.contains("KFD node 1"))
    #expect(note.contains("KFD node 2: permission denied"))
  }

  @Test func `garbage in properties is left out`() {
    let text =
      "simd_count 192\nbroken\nsize_in_bytes xyz\nname[3] 5\nhive_id 18446744073709551615\n"
    #expect(KFDTopology.numbers(Array(text.utf8)) == ["simd_count": 192, "name[3]": 5])
  }

  @Test func `a topology that changes while it is read is read again`() throws {
    let source = RestlessSource(KFDTests.partitioned(2).tree.tree().source, changes: 2)
    let topology = try #require(KFDTopology.read(KernelTree(source)))
    #expect(topology.gpus.count == 2)
    #expect(topology.notes.isEmpty)
    let never = RestlessSource(KFDTests.partitioned(2).tree.tree().source, changes: 100)
    #expect(KFDTopology.read(KernelTree(never))?.notes.count == 1)
  }
}
