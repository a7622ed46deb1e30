internal import Base
internal import KernelTree

/// One link while it is sampled.
struct SampledLink {
  var samples: LinkSamples
  /// Devices whose traffic crosses it.
  var below: Set<PCIAddress>
  private var previous: PCIeRate?
  /// Whether LBMS or LABS of the port was set when sampling began; nil when not known.
  private let bitsBefore: Bool?

  private init(_ hop: PCIeHop, _ inventory: Inventory) {
    samples = LinkSamples(port: hop.port, device: hop.device)
    below = []
    let express = inventory.pci.first { $0.address == hop.port }?.express
    let bits = [express?.bandwidthManagementStatus, express?.autonomousBandwidthStatus]
      .compactMap { $0 }
    bitsBefore = bits.isEmpty ? nil : bits.contains(true)
  }

  /// The links of all paths whose ends are awake.
  static func all(_ inventory: Inventory) -> [SampledLink] {
    let data = Set(
      inventory.gpus.map(\.address) + inventory.nvme.compactMap(\.address)
        + inventory.nics.compactMap(\.address))
    let asleep = Set(
      inventory.pci.filter { $0.powerState.map(LinkEnd.isAsleep) ?? false }.map(\.address))
    var links: [SampledLink] = []
    var index: [[PCIAddress]: Int] = [:]
    for function in inventory.pci
    where data.contains(function.address) && function.physicalFunction == nil {
      for hop in function.path?.hops ?? []
      where !asleep.contains(hop.port) && !asleep.contains(hop.device) {
        let key = [hop.port, hop.device]
        let position = index[key] ?? links.count
        if position == links.count {
          links.append(SampledLink(hop, inventory))
          index[key] = position
        }
        links[position].below.insert(function.address)
      }
    }
    return links
  }

  /// One look: at the port, and at the device where the port does not show the rate.
  mutating func look(_ tree: KernelTree, isBusy: Bool) {
    guard let rate = rate(tree, samples.port) ?? rate(tree, samples.device) else { return }
    samples.readings += 1
    samples.seen[rate.description, default: 0] += 1
    if let previous, previous != rate { samples.transitions += 1 }
    previous = rate
    samples.slowest = slower(samples.slowest, rate)
    samples.fastest = faster(samples.fastest, rate)
    guard isBusy else { return }
    samples.busyReadings += 1
    samples.slowestBusy = slower(samples.slowestBusy, rate)
    samples.fastestBusy = faster(samples.fastestBusy, rate)
  }

  /// Whether the port's sticky bits came on meanwhile: the link changed between two looks.
  mutating func compareBits(_ tree: KernelTree) {
    guard bitsBefore == false,
      let bytes = try? tree.bytes(
        "/sys/bus/pci/devices/\(samples.port)/config", limit: ConfigSpace.extendedSize,
        sensitivity: .configSpace),
      case .known(let express) = ConfigSpace(bytes).express
    else { return }
    samples.bandwidthBitsSet =
      express.bandwidthManagementStatus == true || express.autonomousBandwidthStatus == true
  }

  private func rate(_ tree: KernelTree, _ address: PCIAddress) -> PCIeRate? {
    let base = "/sys/bus/pci/devices/\(address)/current_link_"
    guard let speed = tree.attribute(base + "speed", PCILinkText.speed).value,
      let width = tree.attribute(base + "width", PCILinkText.width).value
    else { return nil }
    return PCIeRate(speed: speed, width: width)
  }

  private func slower(_ a: PCIeRate?, _ b: PCIeRate) -> PCIeRate {
    a.map { $0.bytesPerSecond <= b.bytesPerSecond ? $0 : b } ?? b
  }

  private func faster(_ a: PCIeRate?, _ b: PCIeRate) -> PCIeRate {
    a.map { $0.bytesPerSecond >= b.bytesPerSecond ? $0 : b } ?? b
  }
}
