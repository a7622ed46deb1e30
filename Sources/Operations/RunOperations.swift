public import Base
internal import Inventory
internal import KernelTree
public import Placement

/// What a container needs, as a person asks for it.
public struct ContainerNeeds: Sendable {
  /// So many GPUs.
  public var gpuCount = 0
  /// These GPUs, by address.
  public var gpus: [String] = []
  /// The network interface it is put beside.
  public var nic: String?
  /// The NUMA node.
  public var node: Int?
  /// So many CPUs.
  public var cpuCount: Int?
  /// Memory: `64G`, `512M`, or bytes.
  public var memory: String?

  /// Needs nothing.
  public init() {}

  /// Bytes of `64G`, `512MiB`, `1024`: powers of 1,024, as the container engines take them.
  static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    var unit = text.dropFirst(digits.count).lowercased()
    for suffix in ["ib", "b"] where unit.hasSuffix(suffix) && unit.count > suffix.count - 1 {
      unit = String(unit.dropLast(suffix.count))
      break
    }
    guard let number = Int(digits), let power = ["", "k", "m", "g", "t"].firstIndex(of: unit)
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
    return overflow || bytes <= 0 ? nil : bytes
  }

  fileprivate func request() throws(Failure) -> BerthRequest {
    var request = BerthRequest()
    request.gpuCount = gpuCount
    request.gpus = gpus
    request.nic = nic
    request.node = node
    request.cpuCount = cpuCount
    if let memory {
      guard let bytes = ContainerNeeds.bytes(memory) else {
        throw Failure(
          "understand --memory \(memory)", because: "it is no size such as 64G or 512M",
          code: .usage)
      }
      request.memoryBytes = bytes
    }
    return request
  }
}

/// Where a container goes, and the command line that puts it there.
public struct PlacedContainer: Sendable {
  /// Why it is that place, a line each.
  public var reasons: [String]
  /// The command of the container engine, with what places the container.
  public var arguments: [String]
}

extension PlacementOperations {
  /// Finds a place for a container.
  /// - Parameter arguments: the command of podman or docker.
  /// - Throws: `Failure` where no node fits, or the command is none that can be placed.
  public func place(
    _ arguments: [String], needs: ContainerNeeds
  ) throws(Failure) -> PlacedContainer {
    let request = try needs.request()
    let planned = try plan()
    let berth: Berth
    do throws(NoBerth) {
      berth = try Berth.find(request, planned.inventory, planned.policy)
    } catch {
      throw Failure(
        "find a place", because: error.reasons.first ?? "no node fits",
        hint: error.reasons.count > 1
          ? error.reasons.dropFirst().joined(separator: "\n  ") : nil)
    }
    let devices = try PlacementOperations.deviceNodes(berth.gpus, planned)
    do throws(ContainerCommand.Refusal) {
      let placed = try ContainerCommand.place(
        arguments, in: berth, devices: devices, memoryBytes: request.memoryBytes)
      return PlacedContainer(
        reasons: PlacementOperations.reasons(berth, planned.surroundings), arguments: placed)
    } catch {
      throw Failure("place the container", error, code: .usage)
    }
  }

  private static func deviceNodes(
    _ gpus: [PCIAddress], _ planned: Planned
  ) throws(Failure) -> [String] {
    var devices: [String] = []
    for address in gpus {
      guard let gpu = planned.inventory.gpus.first(where: { $0.address == address }) else {
        continue
      }
      let paths = GPUNodes.paths(gpu, planned.tree)
      if paths.isEmpty {
        throw Failure(
          "give GPU \(address.short) to a container",
          because: "it has no device node: its driver is \(gpu.driver ?? "none")")
      }
      devices += paths.filter { !devices.contains($0) }
    }
    return devices
  }

  private static func reasons(_ berth: Berth, _ surroundings: Surroundings) -> [String] {
    var lines = berth.reasons
    var what = "CPUs \(berth.cpus), memory of node \(berth.memoryNode)"
    if !berth.gpus.isEmpty { what += ", GPU " + berth.gpus.map(\.short).joined(separator: " ") }
    if let nic = berth.nic { what += ", beside \(nic)" }
    lines.append(what)
    if let slice = berth.slice, surroundings.unitProperties[slice] == nil {
      lines.append(
        "\(slice) has no CPUs of its own yet: 'tinyboxctl placement apply' gives it some")
    }
    return lines
  }

  /// Device nodes of the machine's GPUs, for container engines.
  /// - Throws: `Failure` where no GPU has one.
  public func deviceSpecification() throws(Failure) -> CDISpecification {
    let tree = try reader.tree()
    var options = try reader.options(.deviceNodes)
    options.useVendorLibraries = false
    let specification = CDISpecification(Collection.run(tree, options: options), tree)
    if specification.devices.isEmpty {
      throw Failure(
        "describe the GPUs", because: "there is none with a device node of amdgpu or nvidia")
    }
    return specification
  }
}
