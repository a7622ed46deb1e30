public import Base

/// A processor for one kind of computation other than a GPU: for learning or inference (Gaudi,
/// Tenstorrent, Qualcomm Cloud AI), or one that is programmed as hardware (Alveo). hwloc calls them
/// co-processors.
public struct Accelerator: Codable, Hashable, Sendable {
  /// PCI address.
  public var address: PCIAddress
  /// Who made it, from pci.ids, else from its driver.
  public var maker: String?
  /// What it is, from pci.ids.
  public var name: String?
  /// Bound kernel driver; absent when none is.
  public var driver: String?
  /// Version of a driver that has one of its own.
  public var driverVersion: String?
  /// The device nodes that its driver made: `/dev/accel/accel0`, `/dev/tenstorrent/0`.
  public var deviceNodes: [String] = []
  /// NUMA node of the function.
  public var numaNode: Int?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// An accelerator without facts.
  package init(address: PCIAddress) { self.address = address }
}
