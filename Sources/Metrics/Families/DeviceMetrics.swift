internal import Base
internal import Inventory

/// What the machine is and has, and how warm it is.
enum DeviceMetrics {
  private static let sensor = MetricFamily.Label("sensor", "the driver's name of the sensor")
  private static let sensorLabels = [MetricFamilies.device, sensor]
  private static let sensorBound = "one a sensor of CPUs, GPUs and drives (about 10 a device)"

  static let families: [MetricFamily] = [
    MetricFamily(
      "machine", .info, help: "Board, firmware and kernel.",
      labels: [
        .init("vendor", "maker of the system, by its firmware"),
        .init("product", "name of the system, by its firmware"),
        .init("board", "name of the board"), .init("bios", "BIOS version"),
        .init("bmc", "firmware revision of the management controller"),
        .init("kernel", "kernel release"), .init("processor", "marketing name of the processors"),
      ]
    ) { input in
      let machine = input.inventory.machine
      let facts = [
        machine.systemVendor, machine.systemProduct, machine.boardName, machine.biosVersion,
        machine.bmcFirmwareVersion, machine.kernel.release, input.inventory.processors.model,
      ]
      if facts.allSatisfy({ $0 == nil }) { return [] }
      return [.info(facts[0], facts[1], facts[2], facts[3], facts[4], facts[5], facts[6])]
    },
    MetricFamily(
      "device", .info, help: "A GPU, accelerator, network interface or NVMe drive.",
      labels: [
        MetricFamilies.device, MetricFamilies.port,
        .init("kind", "`gpu`, `accelerator`, `nic` or `nvme`"),
        .init("name", "name of this boot: `eth0`, `nvme0`, `card0`"),
        .init("model", "model, by the driver or pci.ids"), .init("driver", "bound driver"),
        .init("numa_node", "NUMA node"), .init("slot", "slot label, by the firmware"),
        .init("firmware", "firmware version of the device"),
      ],
      bound: "one a device", samples: devices),
    MetricFamily(
      "temperature", unit: "celsius", help: "What a sensor reads.", labels: sensorLabels,
      bound: sensorBound
    ) { input in
      temperatures(input).compactMap { Sample($0.1.celsius, $0.0, $0.1.label) }
    },
    MetricFamily(
      "temperature_critical", unit: "celsius",
      help: "Where the driver says a sensor becomes critical.",
      labels: sensorLabels, bound: sensorBound
    ) { input in
      temperatures(input).compactMap { Sample($0.1.criticalCelsius, $0.0, $0.1.label) }
    },
  ]

  @Sendable private static func devices(_ input: MetricsInput) -> [Sample] {
    let box = input.inventory
    func slot(_ address: PCIAddress?) -> String? { input.function(address)?.slot }
    return box.gpus.map { gpu in
      .info(
        gpu.address.description, nil, "gpu", gpu.drmCard, gpu.name, gpu.driver,
        input.function(gpu.address)?.locality.numaNode.map { String($0) }, slot(gpu.address),
        gpu.vbios)
    }
      + box.accelerators.map { accelerator in
        .info(
          accelerator.address.description, nil, "accelerator", nil, accelerator.name,
          accelerator.driver, accelerator.numaNode.map { String($0) }, slot(accelerator.address),
          nil)
      }
      + input.interfaces.map { nic, device, port in
        .info(
          device, port, "nic", nic.name, nic.model, nic.driver, nic.numaNode.map { String($0) },
          slot(nic.address), nic.firmwareVersion)
      }
      + box.nvme.map { drive in
        .info(
          MetricsInput.device(drive), nil, "nvme", drive.name, drive.model,
          input.function(drive.address)?.driver, drive.numaNode.map { String($0) },
          slot(drive.address), drive.firmware)
      }
  }

  private static func temperatures(_ input: MetricsInput) -> [(String, Temperature)] {
    let box = input.inventory
    return box.processors.temperatures.map { ($0.device ?? "", $0) }
      + box.gpus.flatMap { gpu in gpu.temperatures.map { (gpu.address.description, $0) } }
      + box.nvme.flatMap { drive -> [(String, Temperature)] in
        var sensors = drive.temperatures
        // A kernel without sensors of drives leaves the drive's own log.
        if sensors.isEmpty, let celsius = drive.health?.temperatureCelsius {
          sensors = [Temperature(label: "Composite", celsius: celsius)]
        }
        return sensors.map { (MetricsInput.device(drive), $0) }
      }
  }
}
