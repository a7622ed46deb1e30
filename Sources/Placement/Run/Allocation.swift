public import Base
package import Inventory

/// What a container needs.
public struct AllocationRequest: Hashable, Sendable {
  /// So many GPUs, any that are free.
  public var gpuCount = 0
  /// These GPUs, by any name that `DeviceSubject` knows.
  public var gpus: [String] = []
  /// The network interface whose node it has to be.
  public var nic: String?
  /// The node.
  public var node: Int?
  /// So many CPUs; all of the node's when nil.
  public var cpuCount: Int?
  /// Memory it will use, bytes.
  public var memoryBytes: Int?

  /// A request for nothing.
  package init() {}
}

/// Where a container is put, and why there.
public struct Allocation: Codable, Hashable, Sendable {
  /// The node.
  public var node: Int
  /// CPUs it gets, all of the node.
  public var cpus: NumberSet
  /// The node its memory comes from: the same, unless that has none.
  public var memoryNode: Int
  /// The slice it runs in; absent when the policy has none.
  public var slice: String?
  /// GPUs it gets.
  public var gpus: [PCIAddress]
  /// Network interface it was put beside.
  public var nic: String?
  /// Why this node, and why not the others; one reason a line.
  public var reasons: [String]
}

/// Why a container has no place.
public struct AllocationFailure: Error, Hashable, Sendable {
  /// One reason a line.
  public var reasons: [String]
}

extension Allocation {
  /// The label that lists the GPUs a container was given; separated by commas.
  public static let gpuLabel = "dev.tinybox.gpus"

  /// Finds a place: a node that has everything asked for free; of several the one with the fewest
  /// containers, then the most free memory, then the lowest number.
  /// - Parameters:
  ///   - offers: what can be given of each GPU.
  ///   - limits: what the caller may use.
  package static func find(
    _ request: AllocationRequest, _ inventory: Inventory, _ policy: Policy,
    offers: [PCIAddress: GPUOffer], limits: CallerLimits
  ) throws(AllocationFailure) -> Allocation {
    let finder = try DeviceAllocator(request, inventory, policy, offers, limits)
    return try finder.find()
  }
}
