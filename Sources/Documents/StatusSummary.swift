internal import Base
package import Health
package import Inventory
package import Placement

extension StatusDocument {
  /// The document of facts and findings.
  /// - Parameters:
  ///   - placement: nil when it is not known; `problem` says why.
  ///   - time: UTC, RFC 3339; nil for a recording.
  ///   - lastEvent: nil where tinyboxd was not asked.
  package init(
    _ inventory: Inventory, _ report: HealthReport, placement: PlacementStatus?,
    mode: Policy.Mode?, problem: String? = nil, time: String?, lastEvent: Int?
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
          verdict: finding.verdict, harm: finding.harm, summary: finding.summary,
          advice: finding.advice.first?.text)
      }
    cpuBusyShare = inventory.processors.busyShare
    memoryTotalBytes = inventory.memory.totalBytes
    memoryAvailableBytes = inventory.memory.availableBytes
    nodes = inventory.memory.nodes.map { node in
      Node(
        node: node.id, cpus: node.cpus, memoryTotalBytes: node.totalBytes,
        memoryFreeBytes: node.freeBytes)
    }
    let index = DeviceIndex(inventory)
    func link(_ address: PCIAddress?) -> Link? { index.link(address).map(Link.init) }
    func node(_ known: Int?, _ address: PCIAddress?) -> Int? {
      known ?? index.function(address)?.locality.numaNode
    }
    gpus = inventory.gpus.map { gpu in
      GraphicsProcessor(
        number: gpu.number, address: gpu.address,
        name: gpu.name ?? index.function(gpu.address)?.identity.deviceName,
        numaNode: node(nil, gpu.address), link: link(gpu.address),
        temperatureCelsius: gpu.temperatures.map(\.celsius).max(), powerWatts: gpu.powerWatts,
        powerCapWatts: gpu.powerCap?.watts, busyShare: gpu.busyShare, isIdle: gpu.isIdle,
        memoryTotalBytes: gpu.memoryTotalBytes, memoryUsedBytes: gpu.memoryUsedBytes,
        mig: gpu.mig)
    }
    accelerators = inventory.accelerators.map { accelerator in
      AcceleratorCard(
        address: accelerator.address, name: accelerator.name ?? accelerator.maker,
        driver: accelerator.driver, numaNode: node(accelerator.numaNode, accelerator.address),
        link: link(accelerator.address))
    }
    drives = inventory.drives.map { drive in
      let composite = drive.temperatures.first { $0.label == "Composite" }?.celsius
      return Drive(
        name: drive.name, address: drive.address, model: drive.model,
        numaNode: node(drive.numaNode, drive.address), link: link(drive.address),
        state: drive.state, temperatureCelsius: composite ?? drive.health?.temperatureCelsius,
        capacityBytes: drive.capacityBytes, lifeUsedShare: drive.health?.lifeUsed,
        paths: inventory.paths(to: drive).map { path in
          Path(
            name: path.name, address: path.address, numaNode: node(path.numaNode, path.address),
            link: link(path.address), state: path.state)
        })
    }
    nics = inventory.nics.filter(\.isPort).map { nic in
      Interface(
        name: nic.name, address: nic.address, model: nic.model,
        numaNode: node(nic.numaNode, nic.address), link: link(nic.address),
        speedBitsPerSecond: nic.speedBitsPerSecond, carrier: nic.carrier,
        operationalState: nic.operationalState)
    }
    runtimes = inventory.runtimes?.runtimes.map { runtime in
      Runtime(
        name: runtime.name, model: runtime.model, state: runtime.state, reason: runtime.reason,
        since: runtime.since, gpus: runtime.gpus, memoryNodes: runtime.memoryNodes,
        restarts: runtime.restarts)
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
      if !interrupt.isCounted { unknown.insert(address) }
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
  init(_ link: DeviceLink) {
    self.init(
      current: link.current.map(StatusDocument.Rate.init),
      possible: link.possible.map(StatusDocument.Rate.init), verdict: link.verdict,
      isResting: link.isResting,
      limiting: link.limiting.map { hop in
        StatusDocument.Limit(
          port: hop.port, device: hop.device, current: hop.current.map(StatusDocument.Rate.init),
          possible: hop.possible.map(StatusDocument.Rate.init))
      })
  }
}

extension StatusDocument.Rate {
  init(_ rate: PCIeRate) {
    self.init(
      name: rate.name, gigatransfersPerSecond: rate.gigatransfersPerSecond, width: rate.width,
      bytesPerSecond: rate.bytesPerSecond)
  }
}
