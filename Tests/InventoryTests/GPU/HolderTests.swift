import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct HolderTests {
  static func box() -> GPUTree {
    var box = GPUTree()
    box.add("0000:23:00.0", vendor: 0x1002, driver: "amdgpu")
    box.file("0000:23:00.0", "drm/card1/dev", "226:1")
    box.file("0000:23:00.0", "drm/renderD129/dev", "226:129")
    box.tree.file("/dev/dri/renderD129", "")
    box.tree.file("/proc/4242/comm", "llama-server")
    box.tree.link("/proc/4242/fd/0", to: "/dev/null")
    box.tree.link("/proc/4242/fd/7", to: "/dev/dri/renderD129")
    box.tree.link("/proc/4242/fd/8", to: "/dev/dri/renderD129")
    box.tree.link("/proc/5000/fd/3", to: "socket:[1234]")
    box.tree.link("/proc/5000/fd/4", to: "/dev/dri/renderD128")
    box.tree.file("/proc/2/comm", "kthreadd")
    box.tree.file("/proc/2/task/2/children", "3 4 ")
    box.tree.set("/proc/3/fd", .failing(.permissionDenied, kind: .directory))
    return box
  }

  @Test func `open device nodes tell who holds a card`() throws {
    let gpu = try #require(Self.box().collect().gpus.first)
    #expect(
      gpu.processes == [
        GPU.GPUProcess(pid: 4242, name: "llama-server", evidence: "/dev/dri/renderD129")
      ])
    // Kernel threads were not looked at, so nothing was denied.
    #expect(gpu.reason("processes") == nil)
  }

  @Test func `processes of other users are one unknown fact`() throws {
    var box = Self.box()
    for pid in 6000..<6100 {
      box.tree.set("/proc/\(pid)/fd", .failing(.permissionDenied, kind: .directory))
    }
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.processes.map(\.pid) == [4242])
    #expect(gpu.unknown.filter { $0.fact == "processes" }.count == 1)
  }

  @Test func `KFD's word counts for more than an open file`() throws {
    var box = Self.box()
    box.kfdNode(1, gpuID: 9, location: 0x2300, minor: 129)
    box.tree.file("/sys/class/kfd/kfd/proc/4242/vram_9", "4096")
    let gpu = try #require(box.collect().gpus.first)
    #expect(
      gpu.processes == [
        GPU.GPUProcess(pid: 4242, name: "llama-server", memoryBytes: 4096, evidence: "kfd")
      ])
  }

  @Test func `a lock file is evidence while somebody has it open`() throws {
    let lock = "/tmp/am_0000:23:00.0.lock"
    var box = GPUTree()
    box.add("0000:23:00.0", vendor: 0x1002)
    box.tree.file(lock, "")
    box.tree.directory("/proc/8/fd")
    // Left behind: nobody holds the card, and everybody could be asked.
    #expect(box.collect().gpus.first?.processes.isEmpty == true)
    #expect(box.collect().gpus.first?.reason("processes") == nil)
    box.tree.set("/proc/9/fd", .failing(.permissionDenied, kind: .directory))
    #expect(box.collect().gpus.first?.reason("processes") != nil)
    box.tree.link("/proc/77/fd/3", to: lock)
    #expect(box.collect().gpus.first?.processes.map(\.evidence) == [lock])
  }

  @Test func `a recording without processes unknown who holds a card`() {
    var box = GPUTree()
    box.add("0000:23:00.0", vendor: 0x1002, driver: "amdgpu")
    box.file("0000:23:00.0", "drm/renderD129/dev", "226:129")
    #expect(box.collect().gpus.first?.reason("processes") == "no processes to look at")
  }

  @Test func `a guest holds a card through VFIO`() {
    var box = GPUTree()
    box.add("0000:23:00.0", vendor: 0x10de, driver: "vfio-pci")
    box.functions[0].iommuGroup = 31
    box.tree.link("/proc/77/fd/3", to: "/dev/vfio/31")
    #expect(box.collect().gpus.first?.processes.map(\.pid) == [77])
  }

  @Test func `no device node, no look`() {
    var builder = MemoryTreeBuilder()
    builder.link("/proc/77/fd/3", to: "/dev/kfd")
    #expect(DeviceHolders.scan(builder.tree()) == DeviceHolders())
    builder.file("/dev/kfd", "")
    #expect(DeviceHolders.scan(builder.tree()).devicesByPID == [77: ["/dev/kfd"]])
    #expect(DeviceHolders.scan(builder.tree()).processes(holding: "/dev/kfd") == [77])
  }

  @Test func `an answer is read back as it was written`() {
    var holders = DeviceHolders()
    holders.devicesByPID = [7: ["/dev/kfd", "/dev/dri/renderD128"], 12: ["/dev/nvidia0"]]
    holders.denied = true
    #expect(DeviceHolders(parsing: holders.encoded) == holders)
    #expect(DeviceHolders(parsing: [0xff, 0x0a, 0x2d]).devicesByPID.isEmpty)
  }

  @Test func `a recorded answer is used instead of the files`() {
    var builder = MemoryTreeBuilder()
    builder.file("/dev/kfd", "")
    builder.link("/proc/77/fd/3", to: "/dev/kfd")
    builder.probe(DeviceHolders.probe, .success(Array("5 /dev/kfd\n".utf8)))
    #expect(DeviceHolders.scan(builder.tree()).devicesByPID == [5: ["/dev/kfd"]])
  }
}
