internal import Base
internal import KernelTree

/// Which drives and interfaces moved data between two looks, from their own counters.
struct SampledTraffic {
  /// A device and the counters of its traffic.
  private struct Source {
    var device: PCIAddress
    var files: [File]
    /// Bytes a second from which it counts as busy.
    var threshold: Double
    var bytes: Double?
  }
  private enum File {
    /// Sectors of 512 bytes in a `stat` file of the block layer, fields 3 and 7.
    case block(String)
    /// A counter of bytes.
    case counter(String)
  }
  private var sources: [Source] = []
  private var before: Double?

  /// A device is busy from this share of what its link could carry.
  static let busyShare = 0.01

  init(_ inventory: Inventory) {
    let paths = Dictionary(
      inventory.pci.map { ($0.address, $0.path) }, uniquingKeysWith: { first, _ in first })
    func threshold(_ address: PCIAddress) -> Double {
      let rates = (paths[address] ?? nil)?.hops.compactMap { $0.current?.bytesPerSecond } ?? []
      return (rates.min() ?? 1e8) * SampledTraffic.busyShare
    }
    for drive in inventory.nvme {
      guard let address = drive.address else { continue }
      sources.append(
        Source(
          device: address, files: drive.namespaces.map { .block("/sys/block/\($0.name)/stat") },
          threshold: threshold(address)))
    }
    for nic in inventory.nics where nic.hasInterface && nic.isRepresentor != true {
      guard let address = nic.address else { continue }
      let base = "/sys/class/net/\(nic.name)/statistics/"
      sources.append(
        Source(
          device: address, files: [.counter(base + "rx_bytes"), .counter(base + "tx_bytes")],
          threshold: threshold(address)))
    }
  }

  /// The devices that moved enough since the look before; none at the first.
  mutating func busyDevices(_ tree: KernelTree, at seconds: Double) -> Set<PCIAddress> {
    var busy: Set<PCIAddress> = []
    let elapsed = before.map { seconds - $0 } ?? 0
    before = seconds
    for index in sources.indices {
      let now = bytes(sources[index], tree)
      defer { sources[index].bytes = now }
      guard let now, let then = sources[index].bytes, elapsed > 0, now >= then else { continue }
      if (now - then) / elapsed >= sources[index].threshold {
        busy.insert(sources[index].device)
      }
    }
    return busy
  }

  private func bytes(_ source: Source, _ tree: KernelTree) -> Double? {
    if source.files.isEmpty { return nil }
    var sum = 0.0
    for file in source.files {
      switch file {
      case .counter(let path):
        guard let text = try? tree.bytes(path),
          let value = ASCII.decimal(ASCII.trimmed(text[...]))
        else { return nil }
        sum += Double(value)
      case .block(let path):
        guard let text = try? tree.bytes(path) else { return nil }
        let fields = ASCII.fields(text[...])
        guard fields.count > 6, let read = ASCII.decimal(fields[2]),
          let written = ASCII.decimal(fields[6])
        else { return nil }
        sum += (Double(read) + Double(written)) * 512
      }
    }
    return sum
  }
}
