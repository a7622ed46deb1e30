internal import Base
internal import Inventory

/// Whether interrupts land where their device is.
enum InterruptMetrics {
  static let families: [MetricFamily] = [
    MetricFamily(
      "interrupts", .counter,
      help: "Interrupts of a device handled by CPUs of its NUMA node (local) or others (remote).",
      labels: [MetricFamilies.device, .init("locality", "`local` or `remote`")],
      bound: "2 a PCI function with interrupts and a known node"
    ) { input in
      let nodes = input.inventory.memory.cpusByNode.filter { !$0.value.isEmpty }
      return devices(input).flatMap { address, interrupts -> [Sample] in
        var share = InterruptLocality.Share()
        for interrupt in interrupts {
          guard let node = interrupt.numaNode, let cpus = nodes[node],
            // With one count missing, no sum is known.
            interrupt.isCounted
          else { return [] }
          share.add(InterruptLocality.share(of: CollectionOfOne(interrupt), cpus: cpus))
        }
        let device = address.description
        return [
          Sample(share.handledOnNode, device, "local"),
          Sample(share.handled &- share.handledOnNode, device, "remote"),
        ].compactMap { $0 }
      }
    },
    MetricFamily(
      "interrupt_vectors", help: "Interrupts of a device, by where they are set to be delivered.",
      labels: [MetricFamilies.device, .init("locality", "`local` or `remote`")],
      bound: "2 a PCI function with interrupts and a known node"
    ) { input in
      let nodes = input.inventory.memory.cpusByNode.filter { !$0.value.isEmpty }
      return devices(input).flatMap { address, interrupts -> [Sample] in
        let share = InterruptLocality.share(of: interrupts, nodes: nodes)
        if share.placed == 0 { return [] }
        let device = address.description
        return [
          Sample(share.placedOnNode, device, "local"),
          Sample(share.placed - share.placedOnNode, device, "remote"),
        ].compactMap { $0 }
      }
    },
  ]

  private static func devices(_ input: MetricsInput) -> [(PCIAddress, [Interrupt])] {
    var devices: [PCIAddress: [Interrupt]] = [:]
    for interrupt in input.inventory.interrupts {
      if let device = interrupt.device { devices[device, default: []].append(interrupt) }
    }
    return devices.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
