internal import Base
package import KernelTree

/// Looks at a machine again and again: links, error counters, missing devices, GPUs.
///
/// The caller decides when to look and for how long. Sleeping devices are left alone: reading a
/// link would wake them. A reading that fails is no reading, never a zero.
public struct Sampler {
  private let tree: KernelTree
  private let inventory: Inventory
  private var links: [SampledLink]
  private let devices: [PCIAddress]
  private var lost: [PCIAddress: Double] = [:]
  private var first: (errors: [PCIAddress: [Int]], interrupts: [Int: [Int: Int]])?
  private var last: (errors: [PCIAddress: [Int]], interrupts: [Int: [Int: Int]]) = ([:], [:])
  private var traffic: SampledTraffic
  private var gpus: SampledGPUs
  private var started: Double?
  private var ended = 0.0
  private var count = 0
  private var lastSlow: Double?

  /// Seconds between looks at what changes slowly or costs much: GPUs, counters.
  static let slowInterval = 1.0

  /// A sampler of the devices of an inventory.
  package init(_ tree: KernelTree, _ inventory: Inventory) {
    self.tree = tree
    self.inventory = inventory
    links = SampledLink.all(inventory)
    let data = Set(
      inventory.gpus.map(\.address) + inventory.nvme.compactMap(\.address)
        + inventory.nics.compactMap(\.address))
    devices = inventory.pci.map(\.address).filter { data.contains($0) }
    traffic = SampledTraffic(inventory)
    gpus = SampledGPUs(inventory)
  }

  /// One look.
  /// - Parameter seconds: now, on a clock that never jumps.
  package mutating func look(at seconds: Double) {
    let start = started ?? seconds
    started = start
    ended = seconds
    count += 1
    for device in devices where lost[device] == nil {
      if !tree.exists("/sys/bus/pci/devices/\(device)") { lost[device] = seconds - start }
    }
    if lastSlow.map({ seconds - $0 >= Sampler.slowInterval }) ?? true {
      lastSlow = seconds
      slowLook()
    }
    var busy = traffic.busyDevices(tree, at: seconds)
    busy.formUnion(gpus.busy)
    for index in links.indices {
      links[index].look(tree, isBusy: !links[index].below.isDisjoint(with: busy))
    }
  }

  /// The last look, counters included.
  package mutating func finish(at seconds: Double) {
    lastSlow = nil
    look(at: seconds)
    for index in links.indices { links[index].compareBits(tree) }
  }

  private mutating func slowLook() {
    last = (errors(), interrupts())
    if first == nil { first = last }
    gpus.look(tree)
  }

  /// What was seen.
  package func samples() -> Samples {
    var samples = Samples(seconds: ended - (started ?? ended), count: count)
    samples.links = links.map(\.samples)
    samples.lost = lost
    samples.gpus = gpus.samples
    guard let first else { return samples }
    for (address, before) in first.errors.sorted(by: { $0.key < $1.key }) {
      guard let after = last.errors[address], lost[address] == nil else { continue }
      let grown = zip(before, after).compactMap { PhysicalRange.growth(from: $0, to: $1) }
      guard grown.count == 3 else { continue }
      samples.errors.append(
        ErrorGrowth(
          address: address, correctable: grown[0], nonFatal: grown[1], fatal: grown[2]))
    }
    for (number, counts) in last.interrupts {
      for (cpu, after) in counts {
        let before = first.interrupts[number]?[cpu] ?? 0
        guard let grown = PhysicalRange.growth(from: before, to: after), grown > 0
        else { continue }
        samples.interrupts[number, default: [:]][cpu] = grown
      }
    }
    return samples
  }

  /// Correctable, non-fatal and fatal messages of every function that keeps counters.
  private func errors() -> [PCIAddress: [Int]] {
    var found: [PCIAddress: [Int]] = [:]
    for function in inventory.pci where function.aer != nil {
      let base = "/sys/bus/pci/devices/\(function.address)/aer_dev_"
      let totals = ["correctable", "nonfatal", "fatal"].map { file -> Int? in
        guard let text = try? tree.bytes(base + file), let counts = PCIeErrorFiles.parse(text[...])
        else { return nil }
        return max(counts.total ?? 0, counts.byName.values.reduce(0, &+))
      }
      let known = totals.compactMap { $0 }
      if known.count == totals.count { found[function.address] = known }
    }
    return found
  }

  private func interrupts() -> [Int: [Int: Int]] {
    guard let text = try? tree.bytes("/proc/interrupts", limit: InterruptCollector.limit)
    else { return [:] }
    return Dictionary(
      InterruptTable(text).rows.filter { $0.countFailure == nil }.map { ($0.number, $0.counts) },
      uniquingKeysWith: { first, _ in first })
  }
}
