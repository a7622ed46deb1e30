internal import Base
internal import Inventory

/// A fault of a profile: physics, or its own figures, contradict it.
public struct ProfileFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key as a path in the profile's JSON: `gpus[0].link`.
  public var key: String
  /// What is wrong with it.
  public var reason: String

  /// A fault of a key.
  package init(_ key: String, _ reason: String) {
    self.key = key
    self.reason = reason
  }

  /// `gpus[0].link: no PCIe link has 12 lanes of 9 GT/s`.
  public var description: String { "\(key): \(reason)" }
}

extension Profile {
  /// Everything in the profile that is impossible; empty when a box may be compared with it.
  public var faults: [ProfileFault] {
    var faults = Faults()
    if schema != Profile.currentSchema {
      faults.add("schema", "'\(schema)' is not \(Profile.currentSchema)")
    }
    if name.isEmpty { faults.add("name", "is empty") }
    for (index, gpu) in (gpus ?? []).enumerated() {
      let key = "gpus[\(index)]"
      faults.count(key + ".count", gpu.count, 0...64)
      faults.link(key + ".link", gpu.link)
      faults.pciID(key + ".pciID", gpu.pciID)
      faults.count(key + ".memoryBytes", gpu.memoryBytes, 1 << 26...1 << 41)
      faults.number(key + ".powerCapWatts", gpu.powerCapWatts, 5...3000)
    }
    let ids = (gpus ?? []).compactMap(\.pciID)
    if Set(ids).count < ids.count { faults.add("gpus", "names a PCI id twice") }
    faults.count("nvme.count", nvme?.count, 0...256)
    faults.link("nvme.link", nvme?.link)
    faults.count("nics.count", nics?.count, 0...256)
    faults.link("nics.link", nics?.link)
    faults.count("packageCount", packageCount, 1...64)
    faults.count("coreCount", coreCount, max(1, min(packageCount ?? 1, 8192))...8192)
    faults.count("memoryBytes", memoryBytes, 1 << 28...1 << 48)
    faults.count("memoryChannels", memoryChannels, 1...1024)
    faults.count("memoryMegatransfersPerSecond", memoryMegatransfersPerSecond, 100...30_000)
    faults.number("memoryBytesPerSecond", memoryBytesPerSecond, 1e8...1e14)
    faults.count("nodesPerSocket", nodesPerSocket, 1...64)
    if let bandwidth = memoryBytesPerSecond, let channels = memoryChannels,
      let speed = memoryMegatransfersPerSecond
    {
      // A per mille for rounded figures.
      let most = Profile.memoryBytesPerSecond(channels: channels, megatransfers: speed)
      if bandwidth > most * 1.001 {
        faults.add(
          "memoryBytesPerSecond",
          "\(Text.tenths(bandwidth / 1e9)) GB/s is more than \(channels) channels of "
            + "\(speed) MT/s carry: \(Text.tenths(most / 1e9))")
      }
    }
    checkPlaces(&faults)
    return faults.found
  }

  private func checkPlaces(_ faults: inout Faults) {
    var seen: Set<String> = []
    for (index, place) in (places ?? []).enumerated() {
      let key = "places[\(index)]"
      if !seen.insert(place.address.description).inserted {
        faults.add(key + ".address", "\(place.address) is there twice")
      }
      faults.count(key + ".numaNode", place.numaNode, 0...1023)
      faults.link(key + ".link", place.link)
      faults.pciID(key + ".pciID", place.pciID)
    }
    if let gpus, let places {
      let counted = CheckedNumbers.sum(gpus.map(\.count))
      let placed = places.count { $0.kind == .gpu }
      if placed > counted { faults.add("places", "holds \(placed) GPUs of \(counted)") }
    }
  }

  /// What so many memory channels carry, bytes a second: 8 bytes a transfer.
  package static func memoryBytesPerSecond(channels: Int, megatransfers: Int) -> Double {
    MemoryChannels.gigabytesPerSecond(channels: channels, megatransfers: megatransfers) * 1e9
  }

  /// Faults as they are found.
  private struct Faults {
    var found: [ProfileFault] = []

    mutating func add(_ key: String, _ reason: String) { found.append(ProfileFault(key, reason)) }

    mutating func count(_ key: String, _ value: Int?, _ range: ClosedRange<Int>) {
      guard let value, !range.contains(value) else { return }
      add(key, "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func number(_ key: String, _ value: Double?, _ range: ClosedRange<Double>) {
      guard let value, !range.contains(value) else { return }
      add(key, "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func link(_ key: String, _ rate: PCIeRate?) {
      guard let rate else { return }
      let speeds: Set<Double> = [2.5, 5, 8, 16, 32, 64]
      let widths: Set<Int> = [1, 2, 4, 8, 12, 16, 32]
      if !speeds.contains(rate.gigatransfersPerSecond) || !widths.contains(rate.width) {
        add(key, "no PCIe link runs at \(rate.description)")
      }
    }

    mutating func pciID(_ key: String, _ id: String?) {
      guard let id else { return }
      let digits = Set("0123456789abcdef:")
      let parts = id.split(separator: ":", omittingEmptySubsequences: false)
      if parts.map(\.count) != [4, 4] || !id.allSatisfy(digits.contains) {
        add(key, "'\(id)' is no vendor and device id such as 1002:744c")
      }
    }
  }
}
