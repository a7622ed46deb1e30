internal import Inventory

/// Network interfaces.
enum NICMetrics {
  private static let labels = [MetricFamilies.device, MetricFamilies.port]

  static let families: [MetricFamily] = [
    MetricFamily(
      "nic_speed", unit: "bytes_per_second", help: "Speed of the link; absent while it is down.",
      labels: labels, bound: "one an interface"
    ) { input in
      input.interfaces.compactMap {
        Sample($0.nic.speedBitsPerSecond.map { Double($0) / 8 }, $0.device, $0.port)
      }
    },
    MetricFamily(
      "nic_carrier", help: "Whether there is a signal, 1 or 0; absent while the interface is down.",
      labels: labels, bound: "one an interface"
    ) { input in
      input.interfaces.compactMap { Sample($0.nic.carrier, $0.device, $0.port) }
    },
    MetricFamily(
      "nic_carrier_changes", .counter, help: "How often the signal came or went.",
      labels: labels, bound: "one an interface"
    ) { input in
      input.interfaces.compactMap { Sample($0.nic.carrierChanges, $0.device, $0.port) }
    },
    MetricFamily(
      "nic_errors", .counter,
      help: "Errors and drops since the interface appeared.",
      labels: labels + [.init("error", "the kernel's counter, `rx_crc_errors`")],
      bound: "6 an interface"
    ) { input in
      input.interfaces.flatMap { nic, device, port in
        nic.errors.sorted { $0.key < $1.key }.compactMap { Sample($0.value, device, port, $0.key) }
      }
    },
  ]
}
