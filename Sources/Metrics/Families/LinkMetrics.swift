internal import Base
internal import Health
internal import Inventory

/// PCI Express: what each link runs at, could run at and should run at, and its errors.
enum LinkMetrics {
  private static let labels: [MetricFamily.Label] = [
    .init("device", "PCI address of the function below the link"),
    .init("upstream_port", "PCI address of the port above the link"),
  ]
  private static let bound = "one a link above a device"
  private static let error = MetricFamily.Label(
    "error", "`correctable`, `nonfatal` or `fatal`")

  static let families: [MetricFamily] =
    rates(
      "pcie_link", { "Present \($0) of a link. GPUs lower it when idle." }
    ) { input in links(input).map { ($0, $0.current) } }
    + rates(
      "pcie_link_possible", { "The \($0) that both ends of a link can do." }
    ) { input in links(input).map { ($0, $0.possible) } }
    + rates(
      "pcie_link_expected", { "The \($0) that the profile expects of a device's slot." }
    ) { input in expected(input) }
    + [
      MetricFamily(
        "pcie_aer_errors", .counter,
        help: "Errors a function reported (AER), counted since it appeared.",
        labels: [MetricFamilies.device, error], bound: "3 a PCI function"
      ) { input in
        input.inventory.pci.flatMap { function in
          severities(
            function.address, function.aer?.correctableTotal, function.aer?.nonFatalTotal,
            function.aer?.fatalTotal)
        }
      },
      MetricFamily(
        "pcie_aer_root_port_errors", .counter,
        help: "Error messages a root port received from everything below it (AER).",
        labels: [MetricFamilies.device, error], bound: "3 a root port"
      ) { input in
        input.inventory.pci.flatMap { function in
          let totals = function.aer?.rootPort
          return severities(
            function.address, totals?.correctable, totals?.nonFatal, totals?.fatal)
        }
      },
    ]

  /// Speed, width and what they make, of one kind of rate.
  private static func rates(
    _ name: String, _ help: (String) -> String,
    _ rates: @escaping @Sendable (MetricsInput) -> [(PCIeHop, PCIeRate?)]
  ) -> [MetricFamily] {
    func family(
      _ suffix: String, _ unit: String, _ what: String,
      _ value: @escaping @Sendable (PCIeRate) -> Double
    ) -> MetricFamily {
      MetricFamily(
        name + suffix, unit: unit, help: help(what), labels: labels, bound: bound
      ) { input in
        rates(input).compactMap { hop, rate in
          Sample(rate.map(value), hop.device.description, hop.port.description)
        }
      }
    }
    return [
      family("_speed", "transfers_per_second", "transfers a second of one lane") {
        $0.gigatransfersPerSecond * 1e9
      },
      family("_width", "lanes", "width") { Double($0.width) },
      family("", "bytes_per_second", "bandwidth one way, after line encoding,") {
        $0.bytesPerSecond
      },
    ]
  }

  /// Every link above a device, once, by port. The functions of one device share its link.
  private static func links(_ input: MetricsInput) -> [PCIeHop] {
    var byPort: [PCIAddress: PCIeHop] = [:]
    for hop in input.inventory.pci.flatMap({ $0.path?.wires ?? [] }) {
      if let known = byPort[hop.port], known.device <= hop.device { continue }
      byPort[hop.port] = hop
    }
    return byPort.values.sorted { $0.port < $1.port }
  }

  /// The slot links that the profile has a rate for. Named like the link itself, so that the two
  /// can be compared.
  private static func expected(_ input: MetricsInput) -> [(PCIeHop, PCIeRate?)] {
    guard let profile = input.profile else { return [] }
    var byPort: [PCIAddress: PCIeRate] = [:]
    for function in input.inventory.pci {
      guard let path = function.path, let slot = path.slotLink, path.hops.indices.contains(slot)
      else { continue }
      let hop = path.hops[slot]
      if byPort[hop.port] == nil {
        byPort[hop.port] = profile.expectedLink(of: function, over: hop)
      }
    }
    return links(input).map { ($0, byPort[$0.port]) }
  }

  private static func severities(
    _ address: PCIAddress, _ correctable: Int?, _ nonFatal: Int?, _ fatal: Int?
  ) -> [Sample] {
    [
      Sample(correctable, address.description, "correctable"),
      Sample(nonFatal, address.description, "nonfatal"),
      Sample(fatal, address.description, "fatal"),
    ].compactMap { $0 }
  }
}
