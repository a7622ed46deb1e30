import Base
import Documents
import Health
import Inventory
import KernelTree
import Metrics
import Placement
import Render
import TestSupport
import Testing

/// No value of a sensor that lies outside of what can be becomes a fact, and so none becomes a
/// verdict, a metric or a number on a screen.
@Suite(.seeded) struct SensorRangeTests {
  /// A sensor of the made-up machine: its file, what it holds when all is well, its range, and how
  /// many of the file's units make one of the range's.
  struct Sensor {
    var file: String
    var well: Int
    var range: PhysicalRange
    var scale = 1.0
  }

  static let gpu = "/sys/bus/pci/devices/0000:03:00.0"
  static let drive = "/sys/class/nvme/nvme0"
  static let chip = "/sys/class/hwmon/hwmon0"

  static let sensors: [Sensor] = [
    Sensor(file: gpu + "/hwmon/hwmon3/temp1_input", well: 41_000, range: .temperature, scale: 1000),
    Sensor(file: gpu + "/hwmon/hwmon3/temp1_crit", well: 100_000, range: .temperature, scale: 1000),
    Sensor(file: gpu + "/hwmon/hwmon3/temp2_input", well: 50_000, range: .temperature, scale: 1000),
    Sensor(file: gpu + "/hwmon/hwmon3/fan1_input", well: 900, range: .fan),
    Sensor(file: gpu + "/hwmon/hwmon3/power1_average", well: 20_000_000, range: .power, scale: 1e6),
    Sensor(file: gpu + "/hwmon/hwmon3/power1_cap", well: 339_000_000, range: .power, scale: 1e6),
    Sensor(
      file: gpu + "/hwmon/hwmon3/power1_cap_default", well: 339_000_000, range: .power, scale: 1e6),
    Sensor(file: gpu + "/gpu_busy_percent", well: 0, range: .percent),
    Sensor(file: gpu + "/mem_busy_percent", well: 0, range: .percent),
    Sensor(file: drive + "/hwmon1/temp1_input", well: 38_850, range: .temperature, scale: 1000),
    Sensor(file: drive + "/hwmon1/temp1_crit", well: 84_850, range: .temperature, scale: 1000),
    Sensor(file: chip + "/temp1_input", well: 52_000, range: .temperature, scale: 1000),
    Sensor(file: chip + "/temp1_crit", well: 95_000, range: .temperature, scale: 1000),
    Sensor(file: "/sys/class/net/eth0/speed", well: 100_000, range: .bitRate),
    Sensor(
      file: "/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", well: 3_300_000,
      range: .processorClock, scale: 1e-3),
  ]

  static func tree(_ values: [String: Int] = [:], nvml: String? = nil) -> KernelTree {
    var tree = MemoryTreeBuilder()
    func function(_ address: String, _ facts: [String: String]) {
      for (file, text) in facts { tree.file("/sys/bus/pci/devices/\(address)/\(file)", text) }
    }
    function(
      "0000:03:00.0",
      ["vendor": "0x1002", "device": "0x744c", "class": "0x030000", "hwmon/hwmon3/name": "amdgpu"])
    tree.link(gpu + "/driver", to: "/sys/bus/pci/drivers/amdgpu")
    tree.directory("/sys/bus/pci/drivers/amdgpu")
    function("0000:04:00.0", ["vendor": "0x10de", "device": "0x2684", "class": "0x030000"])
    tree.link("/sys/bus/pci/devices/0000:04:00.0/driver", to: "/sys/bus/pci/drivers/nvidia")
    tree.directory("/sys/bus/pci/drivers/nvidia")
    for (file, text) in ["transport": "pcie", "state": "live", "hwmon1/name": "nvme"] {
      tree.file("\(drive)/\(file)", text)
    }
    tree.file(chip + "/name", "coretemp")
    tree.file(chip + "/temp1_label", "Package id 0")
    tree.link("/sys/class/net/eth0/device", to: "/sys/bus/pci/devices/0000:05:00.0")
    function("0000:05:00.0", ["vendor": "0x15b3", "device": "0x1017", "class": "0x020000"])
    tree.file("/sys/devices/system/cpu/possible", "0")
    tree.file("/sys/devices/system/cpu/online", "0")
    tree.file("/sys/devices/system/cpu/cpufreq/policy0/affected_cpus", "0")
    for sensor in sensors { tree.file(sensor.file, "\(values[sensor.file] ?? sensor.well)\n") }
    tree.probe("nvml", .success(Array((nvml ?? nvmlText([:])).utf8)))
    return tree.tree()
  }

  /// NVML's numbers: key, value when all is well, range, scale.
  static let answers: [(key: String, well: Int, range: PhysicalRange, scale: Double)] = [
    ("power", 20_000, .power, 1000), ("powerLimit", 450_000, .power, 1000),
    ("powerDefault", 450_000, .power, 1000), ("celsius", 40, .temperature, 1),
    ("slowdown", 90, .temperature, 1), ("coreClock", 210, .clock, 1e-6),
    ("memoryClock", 405, .clock, 1e-6), ("busy", 0, .percent, 1), ("memoryBusy", 0, .percent, 1),
  ]

  static func nvmlText(_ values: [String: Int]) -> String {
    "driver 580.95.05\ngpu 0000:04:00.0\n"
      + answers.map { "\($0.key) \(values[$0.key] ?? $0.well)\n" }.joined()
  }

  /// Numbers outside of a range: what drivers are known to write, and any.
  static func outside(
    _ range: PhysicalRange, _ scale: Double, _ random: inout SeededGenerator
  ) -> [Int] {
    let low = range.values.lowerBound * scale
    let high = range.values.upperBound * scale
    let known = [-273_150, -1, 65_535, 2_112_000, 65_261_850, 4_294_967_295, Int.max, Int.min]
    let above = Int(high) + 1 + Int.random(in: 0..<1_000_000_000, using: &random)
    let below = Int(low) - 1 - Int.random(in: 0..<1_000_000_000, using: &random)
    return (known + [above, below]).filter { !range.contains(Double($0) / scale) }
  }

  /// Everything that comes out of an inventory: numbers of metrics, screens, and the document.
  static func outputs(_ inventory: Inventory) -> String {
    let report = HealthReport(Box(inventory))
    let status = PlacementStatus(
      ledger: nil, bootID: nil, plan: Plan(origin: "test"), inventory, ServiceState(),
      MemoryTreeBuilder().tree())
    let input = MetricsInput(
      version: "1", inventory: inventory, report: report, profile: nil, placement: status,
      collectorSeconds: [:])
    return Exposition.prometheus.text(input)
      + StatusScreen.render(inventory, report, Style(width: 100)).joined(separator: "\n")
  }

  @Test func aMachineThatIsWellTellsAllItsSensors() throws {
    let box = InventoryReader.read(Self.tree(), options: CollectionOptions())
    let amd = try #require(box.gpus.first { $0.vendor == .amd })
    #expect(amd.temperatures.map(\.celsius) == [41, 50])
    #expect(amd.fanRPM == 900)
    #expect(amd.powerCap?.watts == 339)
    let nvidia = try #require(box.gpus.first { $0.vendor == .nvidia })
    #expect(nvidia.temperatures == [Temperature(label: "gpu", celsius: 40, criticalCelsius: 90)])
    #expect(nvidia.powerWatts == 20)
    #expect(box.nvme.first?.temperatures.first?.criticalCelsius == 84.85)
    #expect(box.processors.temperatures.first?.celsius == 52)
    #expect(box.nics.first?.speedBitsPerSecond == 100_000_000_000)
    #expect(box.processors.frequency?.maximumHertz == 3_300_000_000)
  }

  @Test func whatCannotBeIsUnknownEverywhere() {
    var random = SeededGenerator()
    let well = InventoryReader.read(Self.tree(), options: CollectionOptions())
    let troubles = Self.troubles(well)
    for sensor in Self.sensors {
      for raw in Self.outside(sensor.range, sensor.scale, &random) {
        let box = InventoryReader.read(
          Self.tree([sensor.file: raw]), options: CollectionOptions())
        expectUnseen(box, raw, sensor.scale, troubles, "\(sensor.file) \(raw)")
        let isLimit = raw <= 0 && (sensor.file.contains("_crit") || sensor.file.contains("_cap"))
        let isNoSpeed = sensor.file.hasSuffix("/speed") && raw <= 4_294_967_295
        if isLimit || isNoSpeed { continue }
        let notes = Self.notes(box).filter { $0.path.hasSuffix(sensor.file.suffix(12)) }
        #expect(
          notes.contains { $0.reason.contains("'\(raw)'") }, "\(sensor.file) \(raw): \(notes)")
      }
    }
    for answer in Self.answers {
      for raw in Self.outside(answer.range, answer.scale, &random) {
        let box = InventoryReader.read(
          Self.tree(nvml: Self.nvmlText([answer.key: raw])), options: CollectionOptions())
        expectUnseen(box, raw, answer.scale, troubles, "NVML \(answer.key) \(raw)")
      }
    }
  }

  /// Nothing of a raw value shows but its note, and no verdict is worse for it.
  private func expectUnseen(
    _ box: Inventory, _ raw: Int, _ scale: Double, _ before: Set<String>, _ what: String
  ) {
    let numbers = Self.readings(box)
    let value = Double(raw) / scale
    #expect(!numbers.contains { abs($0 - value) < 1e-6 * abs(value) }, "\(what): \(numbers)")
    #expect(Self.troubles(box).subtracting(before).isEmpty, "\(what)")
    let text = Self.outputs(box)
    if (200..<1e15).contains(value.magnitude) {
      #expect(!text.contains(" \(Int(value.magnitude.rounded()))\n"), "\(what)")
    }
  }

  /// Checks and subjects with a warning or a failure.
  static func troubles(_ box: Inventory) -> Set<String> {
    Set(
      HealthReport(Box(box)).findings.filter { $0.verdict == .warn || $0.verdict == .fail }
        .map { "\($0.check) \($0.subject ?? "")" })
  }

  static func notes(_ box: Inventory) -> [UnknownFact] {
    box.gpus.flatMap(\.unknown) + box.nvme.flatMap(\.unknown) + box.nics.flatMap(\.unknown)
      + box.processors.unknown
  }

  /// Every number of a sensor in an inventory, in the unit of its range.
  static func readings(_ box: Inventory) -> [Double] {
    let temperatures =
      box.gpus.flatMap(\.temperatures) + box.nvme.flatMap(\.temperatures)
      + box.processors.temperatures
    var found = temperatures.flatMap { [$0.celsius, $0.criticalCelsius].compactMap { $0 } }
    for gpu in box.gpus {
      found += [
        gpu.powerWatts, gpu.powerCap?.watts, gpu.powerCap?.defaultWatts,
        gpu.fanRPM.map(Double.init), gpu.busyShare.map { $0 * 100 },
        gpu.memoryBusyShare.map { $0 * 100 }, gpu.coreClockHertz.map(Double.init),
        gpu.memoryClockHertz.map(Double.init),
      ].compactMap { $0 }
    }
    let document = StatusDocument(
      box, HealthReport(Box(box)), placement: nil, mode: nil, time: "", lastEvent: 0)
    found += document.gpus.flatMap { gpu in
      [gpu.temperatureCelsius, gpu.powerWatts, gpu.powerCapWatts, gpu.busyShare.map { $0 * 100 }]
        .compactMap { $0 }
    }
    found += document.drives.compactMap(\.temperatureCelsius)
    found += box.nics.compactMap { $0.speedBitsPerSecond.map { Double($0) / 1e6 } }
    found += [box.processors.frequency?.maximumHertz].compactMap { $0.map(Double.init) }
    return found
  }
}
