import Base
import Configuration
import Inventory
import KernelTree
import TestMachines
import Testing

@testable import Placement

@Suite struct RunTests {
  private let first = PCIAddress(domain: 0, bus: 0x81, device: 0, function: 0)
  private let second = PCIAddress(domain: 0, bus: 0x82, device: 0, function: 0)
  private let far = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)

  /// Two GPUs on node 1, one on node 0.
  private func box() -> Inventory {
    var box = MadeUp.twoNodes
    for (address, node) in [(far, 0), (first, 1), (second, 1)] {
      var gpu = GPU(address: address, vendor: .amd)
      gpu.driver = "amdgpu"
      gpu.renderNode = "renderD\(address.bus)"
      box.gpus.append(gpu)
      var function = PCIFunction(address: address)
      function.locality.numaNode = node
      box.pci.append(function)
    }
    for index in box.memory.nodes.indices { box.memory.nodes[index].freeBytes = 1 << 29 }
    return box
  }

  private func container(_ name: String, _ cpus: String, _ labels: [String: String] = [:])
    -> Container
  {
    var group = ControlGroup(path: "/machine.slice/libpod-\(name).scope")
    group.effectiveCPUs = NumberSet(list: cpus)
    var container = Container(id: name, engine: .podman, group: group)
    container.labels = labels
    return container
  }

  private func find(
    _ box: Inventory, _ policy: Policy = Policy(), offers: [PCIAddress: GPUOffer]? = nil,
    limits: CallerLimits = CallerLimits(), _ change: (inout AllocationRequest) -> Void
  ) throws -> Allocation {
    var request = AllocationRequest()
    change(&request)
    let all = box.gpus.map { ($0.address, GPUOffer([DeviceNode("/dev/dri/renderD1")])) }
    return try Allocation.find(
      request, box, policy, offers: offers ?? Dictionary(uniqueKeysWithValues: all),
      limits: limits)
  }

  private func refusal(
    _ box: Inventory, _ policy: Policy = Policy(), offers: [PCIAddress: GPUOffer]? = nil,
    limits: CallerLimits = CallerLimits(), _ change: (inout AllocationRequest) -> Void
  ) -> [String] {
    do {
      _ = try find(box, policy, offers: offers, limits: limits, change)
      return []
    } catch let failure as AllocationFailure {
      return failure.reasons
    } catch {
      return ["\(error)"]
    }
  }

  /// GPUs with a link of their own are given together, before others that come first.
  @Test func `linked GPUs go together`() throws {
    var box = box()
    let third = PCIAddress(domain: 0, bus: 0x83, device: 0, function: 0)
    var gpu = GPU(address: third, vendor: .amd)
    gpu.driver = "amdgpu"
    gpu.renderNode = "renderD131"
    box.gpus.append(gpu)
    var function = PCIFunction(address: third)
    function.locality.numaNode = 1
    box.pci.append(function)
    #expect(try find(box) { $0.gpuCount = 2 }.gpus == [first, second])
    for (from, to) in [(second, third), (third, second)] {
      guard let index = box.gpus.firstIndex(where: { $0.address == from }) else { continue }
      box.gpus[index].peerAnswers = [
        PeerAnswer(peer: to, source: .kfd, read: .allowed, write: .allowed, link: .xgmi)
      ]
    }
    let allocation = try find(box) { $0.gpuCount = 2 }
    #expect(allocation.gpus == [second, third])
    #expect(allocation.reasons.last == "GPUs linked by XGMI")
    let all = try find(box) { $0.gpuCount = 3 }
    #expect(all.gpus == [first, second, third])
    #expect(all.reasons.last == "GPUs partly linked by XGMI")
    #expect(try find(box) { $0.gpuCount = 1 }.gpus == [PCIAddress("0000:21:00.0")])
  }

  @Test func `GPUs decide the node`() throws {
    let allocation = try find(box()) { $0.gpuCount = 2 }
    #expect(allocation.node == 1 && allocation.gpus == [first, second])
    #expect(allocation.cpus.description == "4-7" && allocation.memoryNode == 1)
    #expect(allocation.slice == "tinybox-node1.slice")
    #expect(
      allocation.reasons == ["node 1: the only one that fits", "node 0: 1 GPU free, 2 asked for"])
    #expect(try find(box()) { $0.gpus = ["0000:21:00.0"] }.node == 0)
    #expect(try find(box()) { $0.gpus = ["82:00.0"] }.gpus == [second])
  }

  /// All names that `tinyboxctl devices` takes.
  @Test func `a GPU is asked for by any of its names`() throws {
    var box = box()
    box.gpus[1].drmCard = "card1"
    box.numberGPUs()
    for name in [
      "GPU1", "gpu1", "81:00.0", "0000:81:00.0", "card1", "renderD129", "/dev/dri/renderD129",
    ] {
      #expect(try find(box) { $0.gpus = [name] }.gpus == [first], "\(name)")
    }
    for name in ["eth0", "nvme0", "GPU9", "01:00.0", ""] {
      #expect(refusal(box) { $0.gpus = [name] } == ["there is no GPU \(name)"])
    }
  }

  /// Their interrupts are placed as those of GPUs; `run` knows no device nodes of them.
  @Test func `an accelerator is no GPU`() throws {
    var box = box()
    var accelerator = Accelerator(address: PCIAddress(domain: 0, bus: 0x84, device: 0, function: 0))
    accelerator.numaNode = 1
    accelerator.deviceNodes = ["/dev/accel/accel0"]
    box.accelerators = [accelerator]
    box.pci.append(PCIFunction(address: accelerator.address))
    #expect(try find(box) { $0.gpuCount = 2 }.reasons.contains { $0.contains("84:00.0") } == false)
    #expect(refusal(box) { $0.gpuCount = 3 }.contains("node 1: 2 GPUs free, 3 asked for"))
    #expect(refusal(box) { $0.gpus = ["accel0"] } == ["there is no GPU accel0"])
    #expect(refusal(box) { $0.gpus = ["accelerator"] } == ["there is no GPU accelerator"])
    let placed = PlacedDevice.all(in: box).first { $0.address == accelerator.address }
    #expect(placed?.kind == .gpu && placed?.names == [] && placed?.label == "accelerator")
  }

  @Test func `a GPU that is held, given away or not known is not free`() throws {
    var held = box()
    held.gpus[1].processes = [GPU.GPUProcess(pid: 7, name: "python3", evidence: "kfd")]
    #expect(try find(held) { $0.gpuCount = 1 }.gpus != [first])
    #expect(
      refusal(held) { $0.gpus = ["81:00.0"] } == ["GPU 81:00.0 is held by python3 (7)"])
    #expect(
      refusal(held) { $0.gpuCount = 2 }.contains("node 1: GPU 81:00.0 is held by python3 (7)"))
    var given = box()
    given.workloads.containers = [container("a", "4-7", [Allocation.gpuLabel: "0000:81:00.0,x"])]
    #expect(refusal(given) { $0.gpus = ["81:00.0"] } == ["GPU 81:00.0 belongs to a container"])
    var unknown = box()
    unknown.gpus[1].unknown = [
      UnknownFact(fact: "processes", path: "/proc/PID/fd", reason: "permission denied")
    ]
    #expect(
      refusal(unknown) { $0.gpus = ["81:00.0"] } == [
        "who holds GPU 81:00.0 is not known: permission denied"
      ])
  }

  @Test func `wishes that contradict each other are refused with both reasons`() {
    #expect(
      refusal(box()) {
        $0.nic = "eth0"
        $0.gpus = ["81:00.0"]
      } == ["node 0: eth0 is on it", "node 1: GPU 81:00.0 is on it"])
    #expect(refusal(box()) { $0.node = 5 } == ["there is no node 5"])
    #expect(refusal(box()) { $0.nic = "eth9" } == ["there is no network interface eth9"])
    #expect(refusal(box()) { $0.gpus = ["01:00.0"] } == ["there is no GPU 01:00.0"])
    var lost = box()
    lost.nics[0].numaNode = nil
    #expect(refusal(lost) { $0.nic = "eth0" }.first?.contains("is not known") == true)
  }

  @Test func `memory and CPUs must be there`() {
    #expect(
      refusal(box()) { $0.memoryBytes = 1 << 30 } == [
        "node 0: 512 MiB of memory free, 1024 asked for",
        "node 1: 512 MiB of memory free, 1024 asked for",
      ])
    #expect(refusal(box()) { $0.cpuCount = 5 }.count == 2)
    var unknown = box()
    for index in unknown.memory.nodes.indices { unknown.memory.nodes[index].freeBytes = nil }
    #expect(
      refusal(unknown) { $0.memoryBytes = 1 }.first == "node 0: its free memory is not known")
    var policy = Policy()
    policy.housekeeping = .init(NumberSet(range: 0...7))
    #expect(refusal(box(), policy) { _ in }.count == 2)
  }

  @Test func `CPUs are those of the interface, then cores nobody has`() throws {
    var box = box()
    box.interrupts[1].effectiveAffinity = NumberSet([2])
    box.interrupts[2].effectiveAffinity = NumberSet([3])
    box.interrupts[3].effectiveAffinity = NumberSet([9])
    box.interrupts[4].effectiveAffinity = nil
    let beside = try find(box) {
      $0.nic = "eth0"
      $0.cpuCount = 3
    }
    #expect(beside.cpus.description == "0,2-3" && beside.nic == "eth0")
    box.workloads.containers = [container("a", "4-5"), container("b", "0-7")]
    #expect(
      try find(box) {
        $0.node = 1
        $0.cpuCount = 2
      }.cpus.description == "6-7")
    // Two containers may have to share.
    #expect(
      try find(box) {
        $0.node = 1
        $0.cpuCount = 3
      }.cpus.description == "4,6-7")
  }

  @Test func `the emptier node is taken`() throws {
    var box = box()
    #expect(try find(box) { _ in }.node == 0)
    box.memory.nodes[1].freeBytes = 1 << 30
    #expect(try find(box) { _ in }.node == 1)
    box.workloads.containers = [container("a", "4-5")]
    #expect(try find(box) { _ in }.node == 0)
  }

  @Test func `the command line gets the place behind run`() throws {
    var policy = Policy()
    let allocation = try find(box()) {
      $0.gpus = ["81:00.0"]
      $0.cpuCount = 2
    }
    let podman = try ContainerCommand.place(
      ["podman", "run", "-d", "img", "run"], in: allocation, devices: ["/dev/kfd"],
      memoryBytes: 1 << 30)
    #expect(
      podman == [
        "podman", "run", "--cpuset-cpus=4-5", "--cpuset-mems=1",
        "--cgroup-parent=tinybox-node1.slice", "--memory=1073741824b", "--device=/dev/kfd",
        "--label=dev.tinybox.node=1", "--annotation=dev.tinybox.node=1",
        "--label=dev.tinybox.gpus=0000:81:00.0", "--annotation=dev.tinybox.gpus=0000:81:00.0",
        "-d", "img", "run",
      ])
    policy.slices = .none
    let plain = try find(box(), policy) { $0.nic = "eth0" }
    let docker = try ContainerCommand.place(
      ["/usr/bin/docker", "container", "create", "img"], in: plain, devices: [], memoryBytes: nil)
    #expect(
      docker == [
        "/usr/bin/docker", "container", "create", "--cpuset-cpus=0-3", "--cpuset-mems=0",
        "--label=dev.tinybox.node=0", "--label=dev.tinybox.nic=eth0", "img",
      ])
    for wrong in [
      [], ["ls"], ["podman"], ["podman", "ps"], ["podman", "run", "--cpuset-cpus", "3", "img"],
      ["podman", "run", "--cgroup-parent=x", "img"],
    ] {
      #expect(throws: ContainerCommand.Refusal.self) {
        try ContainerCommand.place(wrong, in: plain, devices: [], memoryBytes: nil)
      }
    }
  }

  /// Device nodes belong to groups that rootless podman drops.
  @Test func `rootless podman keeps the user's groups for device nodes`() throws {
    let allocation = try find(box()) { $0.gpus = ["81:00.0"] }
    func groups(_ command: [String], isRootless: Bool, devices: [String] = ["/dev/kfd"]) throws
      -> [String]
    {
      try ContainerCommand.place(
        command, in: allocation, devices: devices, memoryBytes: nil, isRootless: isRootless
      ).filter { $0.hasPrefix("--group-add") }
    }
    let podman = ["podman", "run", "img"]
    #expect(try groups(podman, isRootless: true) == ["--group-add=keep-groups"])
    #expect(try groups(podman, isRootless: false) == [])
    #expect(try groups(podman, isRootless: true, devices: []) == [])
    #expect(try groups(["docker", "run", "img"], isRootless: true) == [])
    // It can be had with no other group.
    let own = ["podman", "run", "--group-add=video", "img"]
    #expect(try groups(own, isRootless: true) == ["--group-add=video"])
  }

  @Test func `GPUs that cannot be given, or are built in, are left out and named`() throws {
    let node = DeviceNode("/dev/dri/renderD1")
    let offers = [
      far: GPUOffer([node], objection: "it is built into the processor"),
      first: GPUOffer(refusal: "/dev/dri/renderD129 is not there"), second: GPUOffer([node]),
    ]
    let allocation = try find(box(), offers: offers) { $0.gpuCount = 1 }
    #expect(allocation.gpus == [second])
    #expect(
      allocation.reasons == [
        "node 1: the only one that fits", "node 0: 0 GPUs free, 1 asked for",
        "GPU 21:00.0 is left out: it is built into the processor; --gpu 21:00.0 takes it",
        "GPU 81:00.0 cannot be given: /dev/dri/renderD129 is not there",
      ])
    #expect(try find(box(), offers: offers) { $0.gpus = ["21:00.0"] }.gpus == [far])
    #expect(
      refusal(box(), offers: offers) { $0.gpus = ["81:00.0"] } == [
        "GPU 81:00.0 cannot be given: /dev/dri/renderD129 is not there"
      ])
    #expect(refusal(box(), offers: offers) { $0.gpuCount = 2 }.count == 4)
    #expect(refusal(box(), offers: [:]) { $0.gpuCount = 1 }.count == 5)
    var lost = box()
    for index in lost.pci.indices { lost.pci[index].locality.numaNode = nil }
    #expect(
      refusal(lost) { $0.gpuCount = 1 }.contains(
        "GPU 82:00.0 is left out: its node is not known"))
  }

  @Test func `CPUs and memory are those that the caller may use`() throws {
    var limits = CallerLimits()
    limits.cpus = NumberSet(list: "2,5-9")
    limits.sources = ["/sys/fs/cgroup/x/cpuset.cpus.effective"]
    #expect(try find(box(), limits: limits) { $0.node = 0 }.cpus.description == "2")
    #expect(try find(box(), limits: limits) { $0.node = 1 }.cpus.description == "5-7")
    #expect(refusal(box(), limits: limits) { $0.cpuCount = 4 }.count == 2)
    limits.cpus = NumberSet(list: "2")
    #expect(
      refusal(box(), limits: limits) { $0.node = 1 } == [
        "node 1: this program may use CPUs 2 only (/sys/fs/cgroup/x/cpuset.cpus.effective)"
      ])
    #expect(try find(box(), limits: limits) { _ in }.node == 0)
    limits.memoryNodes = NumberSet(list: "1")
    #expect(
      refusal(box(), limits: limits) { $0.node = 0 }.first?.contains("memory of nodes 1 only")
        == true)
    limits.unknown = [UnknownFact(fact: "cpus", path: "/proc/self/status", reason: "no such file")]
    #expect(
      refusal(box(), limits: limits) { _ in } == [
        "the CPUs that this program may use are not known: /proc/self/status: no such file"
      ])
    #expect(
      refusal(Inventory(origin: "test")) { _ in } == [
        "the NUMA nodes of the machine are not known"
      ])
  }
}
