package import Base
internal import Inventory
internal import KernelTree
internal import Linux
package import Placement

/// What a container needs, as a person asks for it.
package struct ContainerNeeds: Sendable {
  /// So many GPUs.
  package var gpuCount = 0
  /// These GPUs, by any name that `devices` takes: `GPU0`, an address, `renderD128`.
  package var gpus: [String] = []
  /// The network interface it is put beside.
  package var nic: String?
  /// The NUMA node.
  package var node: Int?
  /// So many CPUs.
  package var cpuCount: Int?
  /// Memory: `64G`, `512M`, or bytes.
  package var memory: String?

  /// Needs nothing.
  package init() {}

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

  fileprivate func request() throws(Failure) -> AllocationRequest {
    var request = AllocationRequest()
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
package struct PlacedContainer: Sendable {
  /// Why it is that place, a line each.
  package var reasons: [String]
  /// The command of the container engine, with what places the container.
  package var arguments: [String]
}

extension PlacementOperations {
  /// Finds a place for a container.
  /// - Parameter arguments: the command of podman or docker.
  /// - Throws: `Failure` where no node fits, or the command is none that can be placed.
  package func place(
    _ arguments: [String], needs: ContainerNeeds
  ) throws(Failure) -> PlacedContainer {
    try place(arguments, needs: needs, on: try reader.tree())
  }

  /// Finds a place on the machine of a tree.
  func place(
    _ arguments: [String], needs: ContainerNeeds, on tree: KernelTree
  ) throws(Failure) -> PlacedContainer {
    let request = try needs.request()
    let starter = try PlacementOperations.starter(arguments)
    let wantsGPUs = request.gpuCount > 0 || !request.gpus.isEmpty
    let planned = try plan(tree, try inventory(tree, asksDrivers: wantsGPUs))
    if starter.isRootless { try PlacementOperations.checkDelegation(starter, request, planned) }
    var offers = GPUOffer.all(planned.inventory, planned.tree, mayOpen: starter.denial)
    if reader.sysroot == nil { PlacementOperations.refuseLeased(&offers) }
    var allocation: Allocation
    do throws(AllocationFailure) {
      allocation = try Allocation.find(
        request, planned.inventory, planned.policy, offers: offers,
        limits: CallerLimits.read(planned.tree))
    } catch {
      throw Failure(
        "find a place", because: error.reasons.first ?? "no node fits",
        hint: error.reasons.count > 1
          ? error.reasons.dropFirst().joined(separator: "\n  ") : nil)
    }
    // The slices are the machine's; a user's service manager has others.
    if starter.isRootless { allocation.slice = nil }
    var devices: [String] = []
    for node in allocation.gpus.flatMap({ offers[$0]?.nodes ?? [] })
    where !devices.contains(node.path) {
      devices.append(node.path)
    }
    do throws(ContainerCommand.Refusal) {
      let placed = try ContainerCommand.place(
        arguments, in: allocation, devices: devices, memoryBytes: request.memoryBytes,
        isRootless: starter.isRootless)
      return PlacedContainer(
        reasons: PlacementOperations.reasons(allocation, planned.serviceState), arguments: placed)
    } catch {
      throw Failure("place the container", error, code: .usage)
    }
  }

  /// A GPU that a benchmark or a soak loads at this moment is not given. Only root can see who does.
  private static func refuseLeased(_ offers: inout [PCIAddress: GPUOffer]) {
    for (address, offer) in offers where offer.refusal == nil {
      guard let holder = DeviceLease.holder(of: address) else { continue }
      offers[address] = GPUOffer(
        refusal: "\(holder.name) (process \(holder.processID)) uses it at this moment")
    }
  }

  private static func starter(_ arguments: [String]) throws(Failure) -> ContainerStarter {
    do throws(ContainerCommand.Refusal) {
      return ContainerStarter(try ContainerCommand.engine(of: arguments))
    } catch {
      throw Failure("place the container", error, code: .usage)
    }
  }

  /// Stops before the engine would: its own message names neither controller nor setting.
  private static func checkDelegation(
    _ starter: ContainerStarter, _ request: AllocationRequest, _ planned: Planned
  ) throws(Failure) {
    let obstacle = RootlessEngine.obstacle(
      user: starter.user,
      controllers: request.memoryBytes == nil ? ["cpuset"] : ["cpuset", "memory"],
      isUnified: planned.inventory.workloads.isUnified, planned.tree)
    guard let obstacle else { return }
    throw Failure(
      "keep a container of user \(starter.user) to CPUs and memory", because: obstacle.reason,
      hint: obstacle.hint, code: .conflict)
  }

  private static func reasons(_ allocation: Allocation, _ serviceState: ServiceState) -> [String] {
    var lines = allocation.reasons
    var what = "CPUs \(allocation.cpus), memory of node \(allocation.memoryNode)"
    if !allocation.gpus.isEmpty {
      what += ", GPU " + allocation.gpus.map(\.short).joined(separator: " ")
    }
    if let nic = allocation.nic { what += ", beside \(nic)" }
    lines.append(what)
    if let slice = allocation.slice, serviceState.unitProperties[slice] == nil {
      lines.append(
        "\(slice) has no CPUs of its own yet: 'tinyboxctl placement apply' gives it some")
    }
    return lines
  }

  /// Device nodes of the machine's GPUs, for container engines.
  /// - Throws: `Failure` where no GPU has one.
  package func deviceSpecification() throws(Failure) -> CDISpecification {
    try deviceSpecification(on: try reader.tree())
  }

  /// Those of the machine of a tree.
  func deviceSpecification(on tree: KernelTree) throws(Failure) -> CDISpecification {
    // Only NVML reports whether a card without instances is in MIG mode.
    let inventory = InventoryReader.read(tree, options: try reader.options(.deviceNodes))
    // The user who starts a container opens them, later.
    let offers = GPUOffer.all(inventory, tree) { _ in nil }
    let specification = CDISpecification(inventory, offers)
    if specification.devices.isEmpty {
      let reasons = offers.sorted { $0.key < $1.key }.compactMap { address, offer in
        (offer.refusal ?? offer.objection).map { "GPU \(address.short): \($0)" }
      }
      throw Failure(
        "describe the GPUs", because: "there is none that can be given to a container",
        hint: reasons.isEmpty ? nil : reasons.joined(separator: "\n  "))
    }
    return specification
  }
}
