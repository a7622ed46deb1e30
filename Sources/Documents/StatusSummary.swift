internal import Base
public import Health
public import Inventory
public import Placement

extension StatusDocument {
  /// The document of facts and findings.
  /// - Parameters:
  ///   - placement: nil when it is not known; `problem` says why.
  ///   - time: UTC, RFC 3339.
  public init(
    _ inventory: Inventory, _ report: HealthReport, placement: PlacementStatus?,
    mode: Policy.Mode?, problem: String? = nil, time: String, lastEvent: Int
  ) {
    self.time = time
    self.lastEvent = lastEvent
    let machine = inventory.machine
    hostName = machine.hostName
    let names =
      [machine.systemVendor, machine.systemProduct].compactMap { $0 }.isEmpty
      ? [machine.boardVendor, machine.boardName] : [machine.systemVendor, machine.systemProduct]
    let name = names.compactMap { $0 }.joined(separator: " ")
    self.machine = name.isEmpty ? nil : name
    kernel = machine.kernel.release
    processor = inventory.processors.model
    uptimeSeconds = machine.uptimeSeconds
    verdict = report.verdict
    checks = report.counts
    findings = report.findings.filter { $0.verdict == .warn || $0.verdict == .fail }.prefix(50)
      .map { finding in
        Problem(
          check: finding.check, subject: finding.subject, address: finding.address,
          verdict: finding.verdict, summary: finding.summary, advice: finding.advice.first?.text)
      }
    cpuBusyShare = inventory.processors.busyShare
    memoryTotalBytes = inventory.memory.totalBytes
    memoryAvailableBytes = inventory.memory.availableBytes
    nodes = inventory.memory.nodes.map { node in
      Node(
        node: node.id, cpus: node.cpus, memoryTotalBytes: node.totalBytes,
        memoryFreeBytes: node.freeBytes)
    }
    let functions = Dictionary(
      inventory.pci.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    func link(_ address: PCIAddress?) -> Link? {
      address.flatMap { functions[$0] }.flatMap(Link.init)
    }
    func node(_ known: Int?, _ address: PCIAddress?) -> Int? {
      known ?? address.flatMap { functions[$0]?.locality.numaNode }
    }
    gpus = inventory.gpus.map { gpu in
      GraphicsProcessor(
        address: gpu.address, name: gpu.name ?? functions[gpu.address]?.identity.deviceName,
        numaNode: node(nil, gpu.address), link: link(gpu.address),
        temperatureCelsius: gpu.temperatures.map(\.celsius).max(), powerWatts: gpu.powerWatts,
        powerCapWatts: gpu.powerCap?.watts, busyShare: gpu.busyShare,
        memoryTotalBytes: gpu.memoryTotalBytes, memoryUsedBytes: gpu.memoryUsedBytes)
    }
    drives = inventory.nvme.map { drive in
      let composite = drive.temperatures.first { $0.label == "Composite" }?.celsius
      return Drive(
        name: drive.name, address: drive.address, model: drive.model,
        numaNode: node(drive.numaNode, drive.address), link: link(drive.address),
        state: drive.state, temperatureCelsius: composite ?? drive.health?.temperatureCelsius,
        capacityBytes: drive.capacityBytes, lifeUsedShare: drive.health?.lifeUsed)
    }
    nics = inventory.nics.filter { !$0.isVirtualFunction }.map { nic in
      Interface(
        name: nic.name, address: nic.address, model: nic.model,
        numaNode: node(nic.numaNode, nic.address), link: link(nic.address),
        speedBitsPerSecond: nic.speedBitsPerSecond, carrier: nic.carrier,
        operationalState: nic.operationalState)
    }
    interrupts = StatusDocument.interrupts(inventory)
    self.placement = PlacementSummary(
      mode: mode, ledger: placement?.ledger, held: placement?.held,
      drifted: (placement?.drifted ?? []).map { drift in
        PlacementSummary.Drift(
          setting: drift.knob.label, subject: drift.subject, desired: drift.desired,
          actual: drift.actual)
      },
      gone: placement?.gone.count,
      planned: placement?.plan.changes.filter(\.isAllowed).count, problem: problem)
  }

  private static func interrupts(_ inventory: Inventory) -> [DeviceInterrupts] {
    let nodes = inventory.memory.nodes
    var place: [Int: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for cpu in node.cpus?.numbers ?? [] { place[cpu] = index }
    }
    var devices: [PCIAddress: DeviceInterrupts] = [:]
    // Where some were handled is not known: the others would look like all.
    var unknown: Set<PCIAddress> = []
    for interrupt in inventory.interrupts {
      guard let address = interrupt.device else { continue }
      if interrupt.unknown.contains(where: { $0.fact == "counts" }) { unknown.insert(address) }
      var device =
        devices[address]
        ?? DeviceInterrupts(
          device: address, name: interrupt.deviceName, numaNode: interrupt.numaNode,
          handled: [Int](repeating: 0, count: nodes.count))
      device.name = device.name ?? interrupt.deviceName
      device.numaNode = device.numaNode ?? interrupt.numaNode
      for (cpu, count) in interrupt.counts {
        if let index = place[cpu] {
          device.handled[index] &+= count
        } else if count > 0 {
          unknown.insert(address)
        }
      }
      devices[address] = device
    }
    for address in unknown { devices[address] = nil }
    if place.isEmpty { return [] }
    return devices.values.sorted { $0.device < $1.device }
  }
}

extension StatusDocument.Link {
  /// The link a person means by "the device's link"; nil for a function without one.
  init?(_ function: PCIFunction) {
    let hops = function.path?.hops ?? []
    let slot = function.path?.slotLink.flatMap { hops.indices.contains($0) ? hops[$0] : nil }
    // A width stays when the device idles, a speed does not: the hop that lacks lanes tells more.
    let wires = function.path?.wires ?? []
    // Parts of one chip show a link that is none.
    if wires.isEmpty, !hops.isEmpty { return nil }
    let candidates = ([slot].compactMap { $0 } + wires).filter { $0.verdict == .below }
    let below = candidates.first { $0.current?.width != $0.possible?.width } ?? candidates.first
    guard let hop = below ?? slot ?? wires.first else {
      guard let current = function.link?.current ?? function.express?.linkStatus else {
        return nil
      }
      self.init(current: current.description, possible: nil, verdict: .unknown)
      return
    }
    self.init(
      current: hop.current?.description, possible: hop.possible?.description,
      verdict: hop.verdict)
  }
}
