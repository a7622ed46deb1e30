internal import KernelTree

/// KFD nodes of the cards, and who holds the cards.
extension GPUSweep {
  mutating func readKFD(_ tree: KernelTree) {
    guard cards.contains(where: { $0.gpu.vendor == .amd }),
      let topology = KFDTopology.read(tree)
    else { return }
    notes += topology.notes
    let renderNodes = Dictionary(
      cards.indices.compactMap { index in
        cards[index].gpu.renderNode.map { ($0, index) }
      }, uniquingKeysWith: { first, _ in first })
    let addresses = indexes.filter { cards[$0.value].gpu.vendor == .amd }
    for node in topology.gpus {
      guard
        let index = KFDTopology.match(node, addresses: addresses, renderNodes: renderNodes)
      else {
        notes.append("KFD node \(node.node.node) belongs to no PCI function that is a GPU")
        continue
      }
      cards[index].kfd.append(node.node)
      if let gap = node.linkGap { cards[index].linkGap = gap }
    }
    for index in cards.indices {
      guard let first = cards[index].kfd.first else { continue }
      cards[index].gpu.kfd = first
      cards[index].gpu.target = first.target
      if cards[index].kfd.count > 1 { cards[index].gpu.partitions = cards[index].kfd.count }
      let source = "\(KFDTopology.base)/nodes/\(first.node)"
      cards[index].facts.note("kfd", source: source)
      if first.target != nil { cards[index].facts.note("target", source: source) }
    }
    answerPeersByKFD()
  }

  mutating func readProcesses(_ context: inout CollectionContext) {
    processes = GPUProcesses(count: cards.count)
    var gpuIDs: [Int: Int] = [:]
    var devices: [String: [Int]] = [:]
    var locks: [Int: String] = [:]
    for (index, card) in cards.enumerated() {
      for node in card.kfd { if let id = node.gpuID { gpuIDs[id] = index } }
      if let node = card.gpu.renderNode { devices["/dev/dri/\(node)", default: []].append(index) }
      if let node = card.gpu.drmCard { devices["/dev/dri/\(node)", default: []].append(index) }
      if let minor = card.minor { devices["/dev/nvidia\(minor)", default: []].append(index) }
      if card.gpu.driver == "vfio-pci" {
        if let group = card.function.iommuGroup {
          devices["/dev/vfio/\(group)", default: []].append(index)
        }
        for name in context.tree.namesIfPresent(card.facts.path("vfio-dev")) {
          devices["/dev/vfio/devices/\(name)", default: []].append(index)
        }
      }
      // A userspace driver takes the card from its kernel driver and leaves a lock file behind.
      if card.gpu.driver == nil || card.gpu.driver == "vfio-pci" {
        for prefix in ["am", "nv"] {
          let path = "/tmp/\(prefix)_\(card.gpu.address).lock"
          if context.tree.exists(path) { locks[index] = path }
        }
      }
    }
    processes.addKFD(context.tree, gpuIDs: gpuIDs)
    context.gpuDeviceNodes = devices.mapValues { $0.map { cards[$0].gpu.address } }
    if devices.isEmpty && locks.isEmpty { return }
    let holders = context.deviceHolders(force: true)
    processes.addHolders(holders, devices: devices, addresses: indexes)
    guard holders.denied || holders.unlisted else { return }
    let watched = Set(devices.values.flatMap { $0 }).union(locks.keys)
    for index in watched.sorted() {
      cards[index].facts.note(
        "processes", path: locks[index] ?? "/proc/PID/fd",
        unknown: holders.denied
          ? "open files of other users' processes: \(context.tree.deniedReason)"
          : "no processes to look at")
    }
  }
}
