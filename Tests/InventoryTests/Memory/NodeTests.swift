import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct NodeTests {
  /// A tree of nodes: id, CPUs, memory in KiB, the line of distances.
  private func tree(
    _ nodes: [(Int, String, Int, String)], online: String?
  ) -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    let base = "/sys/devices/system/node"
    if let online { tree.file(base + "/online", online) }
    for (id, cpus, memory, distances) in nodes {
      tree.file("\(base)/node\(id)/cpulist", cpus)
      tree.file(
        "\(base)/node\(id)/meminfo", "Node \(id) MemTotal: \(memory) kB\nNode \(id) MemFree: 0 kB")
      tree.file("\(base)/node\(id)/distance", distances)
    }
    return tree
  }

  private func memory(_ builder: MemoryTreeBuilder) -> Memory { collected(builder.tree()).memory }

  @Test func kindsOfNodes() {
    let memory = memory(
      tree(
        [
          (0, "0-3", 100, "10 20 20 20"), (1, "4-7", 0, "20 10 20 20"),
          (2, "", 100, "20 20 10 20"), (3, "", 0, "20 20 20 10"),
        ], online: "0-3"))
    #expect(memory.nodes.map(\.kind) == [.regular, .memoryless, .cpuless, .empty])
    #expect(memory.nodes[1].totalBytes == 0)
    #expect(memory.nodes[2].cpus == NumberSet())
    #expect(memory.unknown.isEmpty)
  }

  @Test(arguments: ["0,2,250-251", nil])
  func distanceColumnsFollowOnlineNodes(online: String?) {
    let memory = memory(
      tree(
        [
          (0, "0", 1, " 10 40 80 81"), (2, "1", 1, "40 10 82 83"),
          (250, "", 1, "80 82 10 84"), (251, "", 1, "81 83 84 10"),
        ], online: online))
    #expect(memory.nodes.map(\.id) == [0, 2, 250, 251])
    #expect(memory.nodes[0].distances.map(\.node) == [0, 2, 250, 251])
    #expect(memory.nodes[0].distances.map(\.value) == [10, 40, 80, 81])
    #expect(memory.nodes[3].distances.map(\.value) == [81, 83, 84, 10])
    #expect(memory.unknown.isEmpty)
  }

  @Test(arguments: ["10", "10 20 30", "10 x", "10 0", "10 -3", "10 256", ""])
  func raggedDistancesAreUnknown(line: String) {
    let memory = memory(tree([(0, "0", 1, line), (1, "1", 1, "20 10")], online: "0-1"))
    #expect(memory.nodes[0].distances.isEmpty)
    #expect(memory.nodes[0].unknown.map(\.fact) == ["distances"])
    #expect(memory.nodes[1].distances.map(\.value) == [20, 10])
  }

  @Test func aKernelWithoutNUMAHasNoNodes() {
    let memory = memory(MemoryTreeBuilder())
    #expect(memory.nodes.isEmpty)
    #expect(memory.unknown.isEmpty)
  }

  @Test func aNodeWithoutAFolderIsToldOnce() {
    let memory = memory(tree([(0, "0", 1, "10 20 20")], online: "0-2"))
    #expect(memory.nodes.map(\.id) == [0])
    #expect(memory.nodes[0].distances.map(\.node) == [0, 1, 2])
    #expect(memory.unknown.map(\.path) == ["/sys/devices/system/node/node{1-2}"])
  }

  @Test func aDamagedListFallsBackToTheFolders() {
    let memory = memory(tree([(0, "0", 1, "10 20"), (3, "1", 1, "20 10")], online: "0-99999999"))
    #expect(memory.nodes.map(\.id) == [0, 3])
    #expect(memory.nodes[1].distances.map(\.node) == [0, 3])
    #expect(memory.unknown.map(\.fact) == ["nodes"])
  }

  @Test func theMaskServesWhereThereIsNoList() {
    var builder = MemoryTreeBuilder()
    builder.file("/sys/devices/system/node/node0/cpumap", "00000000,003f0000,0000003f")
    let node = memory(builder).nodes.first
    #expect(node?.cpus == NumberSet(list: "0-5,48-53"))
    #expect(node?.kind == nil)
    #expect(node?.totalBytes == nil)
  }

  @Test func aFileWithoutABytesIsNotTheEmptySet() {
    var builder = tree([(0, "0", 1, "10")], online: "0")
    builder.file("/sys/devices/system/node/node0/cpulist", bytes: [])
    let node = memory(builder).nodes.first
    #expect(node?.cpus == nil)
    #expect(node?.kind == nil)
    #expect(node?.unknown.map(\.fact) == ["cpus"])
  }

  @Test func meminfoOfAnotherNodeIsNotBelieved() {
    var builder = tree([(0, "0", 1, "10")], online: "0")
    builder.file("/sys/devices/system/node/node0/meminfo", "Node 1 MemTotal: 5 kB")
    let node = memory(builder).nodes.first
    #expect(node?.totalBytes == nil)
    #expect(node?.unknown.map(\.fact) == ["totalBytes", "freeBytes"])
  }

  @Test(arguments: ["9223372036854775807 kB", "-1 kB", "12", "12 MB", "kB"])
  func sizesThatMakeNoSense(size: String) {
    let info = MemoryInfo(Array("MemTotal: \(size)\n".utf8), wanted: ["MemTotal"])
    #expect(info.bytes.isEmpty)
    #expect(info.damaged == ["MemTotal"])
  }

  @Test func `a part above its whole is unknown, with what was read`() {
    var builder = MachineTree().builder()
    builder.file(
      "/proc/meminfo",
      "MemTotal: 1000 kB\nMemAvailable: 9000 kB\nSwapTotal: 400 kB\nSwapFree: 600 kB")
    builder.file(
      "/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 5 kB\nNode 0 MemFree: 6 kB")
    let memory = memory(builder)
    #expect(memory.totalBytes == 1_024_000 && memory.availableBytes == nil)
    #expect(memory.swapTotalBytes == 409_600 && memory.swapFreeBytes == nil)
    #expect(
      memory.unknown == [
        UnknownFact(
          fact: "availableBytes", path: "/proc/meminfo",
          reason: "MemAvailable is 9000 kB, above MemTotal, 1000 kB"),
        UnknownFact(
          fact: "swapFreeBytes", path: "/proc/meminfo",
          reason: "SwapFree is 600 kB, above SwapTotal, 400 kB"),
      ])
    #expect(memory.nodes[0].totalBytes == 5120 && memory.nodes[0].freeBytes == nil)
    #expect(
      memory.nodes[0].unknown.map(\.reason) == ["MemFree is 6 kB, above MemTotal, 5 kB"])
    // All of it is free: that can be.
    builder.file("/proc/meminfo", "MemTotal: 10 kB\nMemAvailable: 10 kB")
    #expect(collected(builder.tree()).memory.availableBytes == 10_240)
  }

  @Test func hugePages() {
    var builder = tree([(0, "0", 1, "10")], online: "0")
    let folder = "/sys/devices/system/node/node0/hugepages/"
    builder.file(folder + "hugepages-2048kB/nr_hugepages", "512")
    builder.file(folder + "hugepages-2048kB/free_hugepages", "500")
    builder.file(folder + "hugepages-1048576kB/nr_hugepages", "2")
    builder.file(folder + "hugepages-1048576kB/free_hugepages", "2")
    builder.file(folder + "hugepages-64kB/nr_hugepages", "2")
    #expect(
      memory(builder).nodes.first?.hugePages == [
        NUMANode.HugePagePool(pageBytes: 2 << 20, total: 512, free: 500),
        NUMANode.HugePagePool(pageBytes: 1 << 30, total: 2, free: 2),
      ])
  }

  @Test func hugePagePromises() {
    var builder = tree([(0, "0", 1, "10")], online: "0")
    #expect(memory(builder).hugePagePromises.isEmpty)
    let folder = "/sys/kernel/mm/hugepages/"
    builder.file(folder + "hugepages-2048kB/resv_hugepages", "512")
    builder.file(folder + "hugepages-1048576kB/resv_hugepages", "-1")
    builder.set(
      folder + "hugepages-64kB/resv_hugepages", .failing(.system(Errno(5)), kind: .file))
    let memory = memory(builder)
    #expect(memory.hugePagePromises == [HugePagePromise(pageBytes: 2 << 20, pages: 512)])
    #expect(
      Set(memory.unknown.map(\.fact)).isSuperset(of: [
        "hugePagePromises.1073741824", "hugePagePromises.65536",
      ]))
  }

  @Test func withoutMemoryOnlyTheNodesAreRead() {
    let builder = MachineTree().builder()
    let memory = collected(builder.tree(), parts: .pci).memory
    let full = collected(builder.tree()).memory
    #expect(memory.nodes.map(\.distances) == full.nodes.map(\.distances))
    #expect(memory.nodes.map(\.cpus) == full.nodes.map(\.cpus))
    #expect(memory.nodes.allSatisfy { $0.hugePages.isEmpty && $0.kind == .regular })
    #expect(memory.totalBytes == nil && memory.modules.isEmpty && memory.controllers.isEmpty)
  }
}

@Suite struct NUMALibraryTests {
  private func memory(_ answer: String?) -> Memory {
    var builder = MachineTree(sockets: 1, nodesPerSocket: 2).builder()
    if let answer { builder.probe("numa", .success(Array(answer.utf8))) }
    return collected(builder.tree()).memory
  }

  @Test func agreement() {
    let memory = memory(
      "available 1\nallowed 0\nnodes 0-1\ndistances 0 10 12\ndistances 1 12 10\n")
    #expect(memory.allowedNodes == NumberSet([0]))
    #expect(memory.unknown.isEmpty)
  }

  @Test func contradictionIsTold() {
    let memory = memory(
      "available 1\nallowed 0-1\nnodes 0-1\ndistances 0 10 21\ndistances 1 21 10\n")
    #expect(
      memory.unknown.map(\.reason) == [
        "node 0 to 1: libnuma says 21, sysfs says 12 (and 1 more)"
      ])
    #expect(memory.nodes[0].distances.map(\.value) == [10, 12])
  }

  @Test func aRecordingWithoutItSaysNothing() {
    #expect(memory(nil).allowedNodes == nil)
    #expect(memory(nil).unknown.isEmpty)
  }

  @Test(arguments: ["available 0\n", "garbage", "", "available 1\nallowed 99999999999\n"])
  func unavailableOrDamaged(answer: String) {
    #expect(memory(answer).allowedNodes == nil)
    #expect(memory(answer).unknown.map(\.fact) == ["allowedNodes"])
  }

  @Test func theLiveLibraryAgreesWithSysfs() {
    let inventory = collected(.live)
    #expect(!inventory.memory.unknown.contains { $0.fact == "nodes.distances" })
    if let allowed = inventory.memory.allowedNodes {
      #expect(allowed.isSubset(of: NumberSet(inventory.memory.nodes.map(\.id))))
    }
  }
}
