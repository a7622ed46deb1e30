internal import Base
internal import KernelTree

/// Multi-Instance GPU: what an NVIDIA GPU is split into.
public struct MIG: Codable, Hashable, Sendable {
  /// Whether the mode is on; absent when it is not known.
  public var isEnabled: Bool?
  /// Whether it will be on after the next reset of the GPU.
  public var isEnabledAfterReset: Bool?
  /// The compute instances, by GPU instance, then by number.
  public var instances: [Instance] = []

  /// A compute instance: what a program gets to see as a GPU.
  public struct Instance: Codable, Hashable, Sendable {
    /// The GPU instance it is in.
    public var gpuInstance: Int
    /// Its number in there; absent for a GPU instance without one, which nothing can use.
    public var computeInstance: Int?
    /// Its name, `NVIDIA A100-PCIE-40GB MIG 3g.20gb`, where NVML reports it.
    public var name: String?
    /// Its memory, bytes, where NVML reports it.
    public var memoryTotalBytes: Int?

    /// An instance by its numbers.
    package init(
      gpuInstance: Int, computeInstance: Int?, name: String? = nil, memoryTotalBytes: Int? = nil
    ) {
      self.gpuInstance = gpuInstance
      self.computeInstance = computeInstance
      self.name = name
      self.memoryTotalBytes = memoryTotalBytes
    }
  }

  /// Nothing known.
  package init() {}

  /// What NVML reports, with the instances that only the kernel driver's list has.
  func joined(_ listed: MIG?) -> MIG {
    guard let listed else { return self }
    var all = self
    all.isEnabled = isEnabled ?? listed.isEnabled
    for instance in listed.instances
    where !instances.contains(where: {
      $0.gpuInstance == instance.gpuInstance && $0.computeInstance == instance.computeInstance
    }) {
      all.instances.append(instance)
    }
    return all
  }

  /// How many of its instances a program can use.
  public var usableCount: Int { instances.count { $0.computeInstance != nil } }
}

/// Instances as NVIDIA's kernel driver lists them, for a user without rights to ask NVML and for
/// recordings: `/proc/driver/nvidia/capabilities/gpuN/mig/giX/ciY` (NVIDIA, MIG User Guide, device
/// nodes and capabilities). N is the minor number of the card's device node.
enum MIGCapabilities {
  /// Where it lists the instances of a GPU.
  static func folder(minor: Int) -> String { "/proc/driver/nvidia/capabilities/gpu\(minor)/mig" }

  /// What the driver lists; nil where it lists nothing: the mode may be off, or the GPU has none.
  static func read(minor: Int, _ tree: KernelTree) -> MIG? {
    let base = folder(minor: minor)
    var mig = MIG()
    for name in tree.namesIfPresent(base) {
      guard let instance = number(name, "gi") else { continue }
      let below = tree.namesIfPresent("\(base)/\(name)").compactMap { number($0, "ci") }
      if below.isEmpty {
        mig.instances.append(MIG.Instance(gpuInstance: instance, computeInstance: nil))
      }
      for compute in below.sorted() {
        mig.instances.append(MIG.Instance(gpuInstance: instance, computeInstance: compute))
      }
    }
    if mig.instances.isEmpty { return nil }
    // There are no instances without the mode.
    mig.isEnabled = true
    mig.instances.sort {
      ($0.gpuInstance, $0.computeInstance ?? -1) < ($1.gpuInstance, $1.computeInstance ?? -1)
    }
    return mig
  }

  private static func number(_ name: String, _ prefix: String) -> Int? {
    guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number >= 0
    else { return nil }
    return number
  }
}
