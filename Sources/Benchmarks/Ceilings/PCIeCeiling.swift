package import Base
package import Inventory

/// What the PCI Express links between a device and the root let through.
package enum PCIeCeiling {
  /// Which way the data of a transfer that the device makes itself (DMA) goes.
  package enum Transfer: Hashable, Sendable {
    /// The device writes to memory: a drive that is read, a GPU that copies to the host.
    case toMemory
    /// The device reads from memory: a drive that is written to, a GPU that copies from the host.
    case fromMemory

    /// Bytes of each packet that are not payload, up to 32 GT/s: framing 4, sequence number 2, LCRC 4, the
    /// header 16 of a write with a 64-bit address or 12 of a completion, and 2 to the next boundary of 4
    /// with both (PCI Express Base Specification 5.0, 2.2 and 4.2.2.1.1).
    var overheadBytes: Double { self == .toMemory ? 24 : 20 }
  }

  /// The limit of the links above a device, in bytes a second: the least rate that both ends of each can do,
  /// x MPS / (MPS + overhead), with the lowest largest payload (MPS) on the path.
  ///
  /// It is what slot and card can do, not what the link runs at now: a link that lost lanes shows as a
  /// figure far below its ceiling, beside the check that names the link.
  /// - Parameter address: nil for a device on no PCI bus.
  package static func limit(
    _ address: PCIAddress?, _ transfer: Transfer, _ index: DeviceIndex
  ) -> BenchmarkCeiling.Limit {
    let name = "PCIe link"
    guard let function = index.function(address) else {
      return .init(name, nil, "the device is on no PCI bus")
    }
    if index.inventory.machine.isGuest {
      return .init(name, nil, "a guest does not see the links of its host")
    }
    guard let rate = rate(function, index) else {
      return .init(
        name, nil, "\(function.address.short) has no link, or one whose ends do not report it")
    }
    guard rate.gigatransfersPerSecond < 64 else {
      return .init(
        name, nil, "\(rate.name) packs data in flits, whose headers are not counted here")
    }
    guard let payload = payload(function, index) else {
      return .init(
        name, nil,
        "the largest payload (MPS) is not known for every port above \(function.address.short)")
    }
    let share = Double(payload) / (Double(payload) + transfer.overheadBytes)
    return .init(
      name, rate.bytesPerSecond * share,
      "\(rate.name) \(Units.rate(rate.bytesPerSecond)) x \(payload) / (\(payload) + "
        + "\(Units.decimal(transfer.overheadBytes, places: 0))) payload of a packet")
  }

  /// The least rate that both ends of a link on the path can do; nil where one is not known.
  private static func rate(_ function: PCIFunction, _ index: DeviceIndex) -> PCIeRate? {
    let wires = function.path?.wires ?? []
    if wires.isEmpty { return index.link(function.address)?.possible }
    let rates = wires.compactMap(\.possible)
    guard rates.count == wires.count else { return nil }
    return rates.min { $0.bytesPerSecond < $1.bytesPerSecond }
  }

  /// The lowest MPS of the function and of every port above it, bytes; nil where one is not known.
  private static func payload(_ function: PCIFunction, _ index: DeviceIndex) -> Int? {
    let ends = [function.address] + (function.path?.hops.map(\.port) ?? [])
    let payloads = ends.compactMap { index.function($0)?.express?.maxPayloadBytes }
    guard payloads.count == ends.count, let least = payloads.min(), least > 0 else { return nil }
    return least
  }
}
