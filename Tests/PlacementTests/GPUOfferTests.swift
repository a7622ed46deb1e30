import Base
import Configuration
import Inventory
import KernelTree
import TestMachines
import TestSupport
import Testing

@testable import Placement

@Suite struct GPUOfferTests {
  private static let address = PCIAddress(domain: 0, bus: 0x81, device: 0, function: 0)

  private func gpu(_ driver: String?, _ vendor: GPU.Vendor = .amd) -> GPU {
    var gpu = GPU(address: Self.address, vendor: vendor)
    gpu.driver = driver
    return gpu
  }

  private func box(_ gpus: [GPU]) -> Inventory {
    var box = MadeUp.twoNodes
    box.gpus = gpus
    for gpu in gpus {
      var function = PCIFunction(address: gpu.address)
      function.iommuGroup = 14
      function.locality.numaNode = 1
      box.pci.append(function)
    }
    return box
  }

  private func tree(_ files: [String: String]) -> KernelTree {
    var builder = MemoryTreeBuilder()
    for (path, text) in files { builder.file(path, text) }
    return builder.tree()
  }

  private func offer(_ gpu: GPU, _ files: [String: String]) -> GPUOffer? {
    GPUOffer.all(box([gpu]), tree(files)) { _ in nil }[gpu.address]
  }

  private func paths(_ offer: GPUOffer?) -> [String]? { offer?.nodes.map(\.path) }

  @Test(arguments: ["amdgpu", "i915", "xe", "radeon", "nouveau"])
  func `drivers of the kernel's graphics give a render node`(driver: String) {
    var card = gpu(driver)
    card.renderNode = "renderD129"
    card.drmCard = "card2"
    let files = ["/dev/dri/renderD129": "", "/dev/dri/card2": "", "/dev/kfd": ""]
    let kfd = driver == "amdgpu" ? ["/dev/kfd"] : []
    #expect(paths(offer(card, files)) == ["/dev/dri/renderD129", "/dev/dri/card2"] + kfd)
    #expect(paths(offer(card, ["/dev/dri/renderD129": ""])) == ["/dev/dri/renderD129"])
    // KFD alone gives access to the other cards.
    #expect(offer(card, ["/dev/kfd": ""])?.refusal == "/dev/dri/renderD129 is not there")
    card.renderNode = nil
    #expect(offer(card, files)?.refusal == "its driver \(driver) gives it no render node")
  }

  @Test func `a card without a driver, or that is dead, cannot be given`() {
    #expect(offer(gpu(nil), ["/dev/kfd": ""])?.refusal == "no driver is bound to it")
    #expect(offer(gpu("pci-stub"), [:])?.refusal == "its driver pci-stub gives it no render node")
    var dead = gpu("amdgpu")
    dead.renderNode = "renderD129"
    var box = box([dead])
    box.pci[0].isDead = true
    let offers = GPUOffer.all(box, tree(["/dev/dri/renderD129": ""])) { _ in nil }
    #expect(offers[Self.address]?.refusal == "it does not answer any more")
    #expect(GPUOffer.all(box, tree([:])) { _ in nil }[Self.address]?.nodes == [])
  }

  @Test func `NVIDIA's nodes come with the number that the driver tells`() {
    let information = "/proc/driver/nvidia/gpus/\(Self.address)/information"
    let card = gpu("nvidia", .nvidia)
    var files = [information: "Model: \t x\nDevice Minor: \t 3", "/dev/nvidiactl": ""]
    #expect(offer(card, files)?.refusal?.hasPrefix("/dev/nvidia3 is not there") == true)
    files["/dev/nvidia3"] = ""
    #expect(paths(offer(card, files)) == ["/dev/nvidia3", "/dev/nvidiactl"])
    files["/dev/nvidia-uvm"] = ""
    #expect(paths(offer(card, files))?.last == "/dev/nvidia-uvm")
    files["/dev/nvidiactl"] = nil
    #expect(offer(card, files)?.refusal?.hasPrefix("/dev/nvidiactl is not there") == true)
    files[information] = nil
    #expect(offer(card, files)?.refusal?.contains("is not known") == true)
  }

  @Test func `a card in MIG mode comes with the nodes of its instances`() {
    let mig = "/proc/driver/nvidia/capabilities/gpu3/mig"
    var files = [
      "/proc/driver/nvidia/gpus/\(Self.address)/information": "Device Minor: 3",
      "/dev/nvidiactl": "", "/dev/nvidia3": "",
      "\(mig)/gi3/access": "DeviceFileMinor: 30\nDeviceFileMode: 292",
      "\(mig)/gi3/ci0/access": "DeviceFileMinor: 31\nDeviceFileMode: 292",
      "\(mig)/gi4/access": "DeviceFileMinor: 39",
      "/dev/nvidia-caps/nvidia-cap30": "", "/dev/nvidia-caps/nvidia-cap31": "",
      // Of another card.
      "/proc/driver/nvidia/capabilities/gpu0/mig/gi1/access": "DeviceFileMinor: 12",
      "/dev/nvidia-caps/nvidia-cap12": "",
    ]
    let card = gpu("nvidia", .nvidia)
    #expect(offer(card, files)?.refusal?.contains("nvidia-cap39 is not there") == true)
    files["/dev/nvidia-caps/nvidia-cap39"] = ""
    let found = offer(card, files)
    #expect(paths(found)?.suffix(3).map { $0.suffix(5) } == ["cap30", "cap31", "cap39"])
    #expect(found?.nodes.filter(\.isReadOnly).count == 3)
    files["\(mig)/gi3/ci0/access"] = "nothing"
    #expect(offer(card, files)?.refusal?.contains("does not report it") == true)
  }

  /// The driver makes the folder of instances for every card, and leaves it empty without MIG.
  @Test(arguments: [nil, false, true] as [Bool?])
  func `only NVML tells that a card without instances is in MIG mode`(isEnabled: Bool?) {
    var card = gpu("nvidia", .nvidia)
    if let isEnabled {
      card.mig = MIG()
      card.mig?.isEnabled = isEnabled
    }
    var builder = MemoryTreeBuilder()
    builder.file("/proc/driver/nvidia/gpus/\(Self.address)/information", "Device Minor: 3")
    builder.file("/dev/nvidiactl", "")
    builder.file("/dev/nvidia3", "")
    builder.directory("/proc/driver/nvidia/capabilities/gpu3/mig")
    let offers = GPUOffer.all(box([card]), builder.tree()) { _ in nil }
    let refusal = isEnabled == true ? "it is in MIG mode and has no instance" : nil
    #expect(offers[Self.address]?.refusal == refusal)
    let nodes = isEnabled == true ? [] : ["/dev/nvidia3", "/dev/nvidiactl"]
    #expect(paths(offers[Self.address]) == nodes)
  }

  @Test func `vfio is for whoever names the card`() {
    let card = gpu("vfio-pci", .nvidia)
    let given = offer(card, ["/dev/vfio/14": "", "/dev/vfio/vfio": ""])
    #expect(paths(given) == ["/dev/vfio/vfio", "/dev/vfio/14"])
    #expect(given?.objection?.contains("guest") == true)
    #expect(offer(card, [:])?.refusal?.contains("/dev/vfio/vfio is not there") == true)
    #expect(
      offer(card, ["/dev/vfio/vfio": ""])?.refusal?.contains("/dev/vfio/14 is not there") == true)
    var other = card
    other.address = PCIAddress(domain: 0, bus: 0x82, device: 0, function: 0)
    let both = GPUOffer.all(box([card, other]), tree(["/dev/vfio/14": "", "/dev/vfio/vfio": ""])) {
      _ in nil
    }
    #expect(both[Self.address]?.refusal == "its IOMMU group 14 gives GPU 82:00.0 too")
    let specification = CDISpecification(box([card]), [card.address: given ?? GPUOffer([])])
    #expect(specification.devices.isEmpty)
  }

  @Test func `the specification has each card, and all that anybody gets`() {
    var gpus: [GPU] = []
    for index in 0..<3 {
      var card = gpu("amdgpu")
      card.address = PCIAddress(domain: 0, bus: UInt8(0x81 + index), device: 0, function: 0)
      card.renderNode = "renderD\(128 + index)"
      card.isBuiltIn = index == 2
      gpus.append(card)
    }
    let files = Dictionary(uniqueKeysWithValues: (128...130).map { ("/dev/dri/renderD\($0)", "") })
    let offers = GPUOffer.all(box(gpus), tree(files)) { _ in nil }
    let specification = CDISpecification(box(gpus), offers)
    #expect(specification.kind == "tinybox.dev/gpu")
    #expect(
      specification.devices.map(\.name) == [
        "0000:81:00.0", "0000:82:00.0", "0000:83:00.0", "all",
      ])
    #expect(specification.devices[0].annotations?["dev.tinybox.slice"] == "tinybox-node1.slice")
    #expect(specification.devices[3].containerEdits.deviceNodes.count == 2)
  }

  /// Machines with GPUs of every kind and state, device nodes there or not, some closed to the
  /// caller: what `run` gives is there and may be opened, and nobody gets a built-in one, or a
  /// guest's, without its name.
  @Test(.seeded, arguments: 0..<300)
  func `run never gives a device that it could not open`(round: Int) {
    var dice = SeededGenerator(round: round)
    var generator = RandomMachine(dice)
    var box = generator.machine()
    var files: [String: String] = [:]
    var closed: Set<String> = []
    for index in box.gpus.indices { dress(&box, index, &files, &closed, &dice) }
    let offers = GPUOffer.all(box, tree(files)) { closed.contains($0.path) ? "closed" : nil }
    let count = dice.pick(1...2)
    for name in [nil] + box.gpus.map({ Optional($0.address.description) }) {
      var request = AllocationRequest()
      if let name { request.gpus = [name] } else { request.gpuCount = count }
      guard
        let allocation = try? Allocation.find(
          request, box, Policy(), offers: offers, limits: CallerLimits())
      else { continue }
      #expect(allocation.gpus.count == (name == nil ? count : 1))
      for address in allocation.gpus {
        let gpu = box.gpus.first { $0.address == address }
        let nodes = offers[address]?.nodes.map(\.path) ?? []
        #expect(!nodes.isEmpty)
        #expect(nodes.allSatisfy { files[$0] != nil && !closed.contains($0) })
        #expect(gpu?.processes.isEmpty == true && gpu?.driver != nil)
        if name == nil { #expect(gpu?.isBuiltIn != true && gpu?.driver != "vfio-pci") }
      }
    }
  }

  private func dress(
    _ box: inout Inventory, _ index: Int, _ files: inout [String: String],
    _ closed: inout Set<String>, _ dice: inout SeededGenerator
  ) {
    let address = box.gpus[index].address
    let driver = dice.pick(["amdgpu", "nvidia", "i915", "xe", "vfio-pci", "pci-stub", nil])
    box.gpus[index].driver = driver
    box.gpus[index].isBuiltIn = dice.pick([true, false, false, nil])
    if dice.chance(15) {
      box.gpus[index].processes = [GPU.GPUProcess(pid: 7, name: nil, evidence: "kfd")]
    }
    var paths: [String] = []
    if driver == "nvidia" {
      let information = "/proc/driver/nvidia/gpus/\(address)/information"
      if dice.chance(90) { files[information] = "Device Minor: \(index)" }
      paths = ["/dev/nvidia\(index)", "/dev/nvidiactl", "/dev/nvidia-uvm"]
      if dice.chance(30) {
        let mig = "/proc/driver/nvidia/capabilities/gpu\(index)/mig/gi1"
        files[mig + "/access"] = "DeviceFileMinor: \(index * 10)"
        files[mig + "/ci0/access"] = dice.chance(80) ? "DeviceFileMinor: \(index * 10 + 1)" : ""
        paths += [0, 1].map { "/dev/nvidia-caps/nvidia-cap\(index * 10 + $0)" }
      }
    } else if driver == "vfio-pci" {
      if let at = box.pci.firstIndex(where: { $0.address == address }) {
        box.pci[at].iommuGroup = dice.pick([1, 2, nil])
      }
      paths = ["/dev/vfio/1", "/dev/vfio/2", "/dev/vfio/vfio"]
    } else {
      if dice.chance(80) { box.gpus[index].renderNode = "renderD\(128 + index)" }
      paths = ["/dev/dri/renderD\(128 + index)", "/dev/kfd"]
    }
    for path in paths {
      if dice.chance(85) { files[path] = "" }
      if dice.chance(10) { closed.insert(path) }
    }
  }
}
