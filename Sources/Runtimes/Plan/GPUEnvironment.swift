internal import Base
internal import Inventory
internal import RuntimeCatalog

/// How a runtime is told which GPUs are its own.
struct GPUEnvironment {
  /// The value of `DEV`; nil where the backend finds its devices itself.
  var dev: String?
  /// A line about each GPU, for people: its address, and every number it has.
  var notes: [String] = []
  /// Whether group `render` opens their nodes.
  var needsRenderGroup = false
  /// Whether CUDA counts them.
  var isNVIDIA = false

  /// - Parameter gpus: by address.
  /// - Throws: why the backend cannot use them.
  init(
    _ gpus: [PCIAddress], _ backend: Backend, _ inventory: Inventory
  ) throws(Reason) {
    let cards = gpus.compactMap { address in inventory.gpus.first { $0.address == address } }
    let drivers = Set(cards.map { $0.driver ?? "none" }).sorted()
    isNVIDIA = drivers.contains("nvidia")
    // NVIDIA's driver makes its nodes for everybody; the kernel's graphics for group render.
    needsRenderGroup = drivers.contains { $0 != "nvidia" && $0 != "vfio-pci" }
    var numbers: [PCIAddress: [Int]] = [:]
    if let names = backend.devices {
      guard let driver = drivers.first else {
        dev = names.cpu
        return
      }
      guard drivers.count == 1, driver == "amdgpu" || driver == "nvidia" else {
        throw Reason(
          "\(backend.title) uses GPUs of one driver, amdgpu or nvidia; these have "
            + drivers.joined(separator: " and "))
      }
      numbers =
        driver == "amdgpu"
        ? try GPUEnvironment.kfd(cards) : GPUEnvironment.nvidia(cards, inventory)
      let all = numbers.values.flatMap { $0 }.sorted().map { "\($0)" }.joined(separator: ",")
      let form = driver == "amdgpu" ? names.amd : names.nvidia
      dev = RuntimeCommand.replaced(form, ["indices": all])
    }
    notes = cards.map { GPUEnvironment.note($0, numbers[$0.address]) }
  }

  /// The numbers that AMD's GPUs have within the unit. tinygrad sorts the nodes of KFD by number and takes those
  /// whose `gpu_id` it can read; the kernel refuses that for a GPU whose render node the unit may not open
  /// (drivers/gpu/drm/amd/amdkfd/kfd_topology.c, `node_show`). So only the unit's own are counted.
  private static func kfd(_ cards: [GPU]) throws(Reason) -> [PCIAddress: [Int]] {
    var next = 0
    var numbers: [PCIAddress: [Int]] = [:]
    for card in cards where card.kfd == nil {
      throw Reason("GPU \(card.address) is no node of KFD: amdgpu computes on none of it")
    }
    for card in cards.sorted(by: { ($0.kfd?.node ?? 0) < ($1.kfd?.node ?? 0) }) {
      // Each partition of a card is a node of its own.
      let count = max(1, min(card.partitions ?? 1, 64))
      numbers[card.address] = Array(next..<(next + count))
      next += count
    }
    return numbers
  }

  /// The numbers that NVIDIA's GPUs have: the driver lists all of the machine, whatever the unit may open, in the
  /// order in which they were bound (NV_ESC_CARD_INFO; open-gpu-kernel-modules, nv.c). At boot that is the order
  /// of their addresses.
  private static func nvidia(_ cards: [GPU], _ inventory: Inventory) -> [PCIAddress: [Int]] {
    let all = inventory.gpus.filter { $0.driver == "nvidia" }.map(\.address).sorted()
    var numbers: [PCIAddress: [Int]] = [:]
    for card in cards { numbers[card.address] = all.firstIndex(of: card.address).map { [$0] } }
    return numbers
  }

  private static func note(_ gpu: GPU, _ numbers: [Int]?) -> String {
    var parts: [String] = []
    if let name = gpu.name { parts.append(name) }
    if let numbers {
      parts.append("number \(numbers.map { "\($0)" }.joined(separator: ",")) of DEV")
    }
    if let kfd = gpu.kfd { parts.append("node \(kfd.node) of KFD") }
    if let number = gpu.number { parts.append("GPU\(number) of this machine") }
    return "GPU \(gpu.address): " + parts.joined(separator: ", ")
  }
}
