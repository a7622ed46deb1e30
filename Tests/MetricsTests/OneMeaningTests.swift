import Base
import Documents
import Health
import Inventory
import Metrics
import Render
import Testing

/// Screen, document and metrics of one machine agree on every fact they share.
@Suite struct OneMeaningTests {
  /// A machine with some GPUs, each behind one or two links that run at anything.
  private static func box(_ random: inout Dice) -> Inventory {
    var box = Inventory(origin: "test")
    func rate() -> PCIeRate {
      PCIeRate(
        gigatransfersPerSecond: [2.5, 5, 8, 16, 32].randomElement(using: &random) ?? 8,
        width: [1, 2, 4, 8, 16].randomElement(using: &random) ?? 16)
    }
    for index in 0..<Int.random(in: 1...5, using: &random) {
      let bus = UInt8(0x10 + index * 0x10)
      let device = PCIAddress(domain: 0, bus: bus + 1, device: 0, function: 0)
      var function = PCIFunction(address: device)
      function.identity.classCode = 0x030000
      function.identity.vendorID = 0x1002
      var below = device
      let hops = (0...Int.random(in: 0...1, using: &random)).map { hop in
        let port = PCIAddress(domain: 0, bus: bus, device: UInt8(hop + 1), function: 0)
        let possible = rate()
        let current = Bool.random(using: &random) ? possible : rate()
        let isBelow = current.bytesPerSecond < possible.bytesPerSecond
        defer { below = port }
        return PCIeHop(
          port: port, device: below, current: isBelow ? current : possible, possible: possible,
          limitedBy: nil, isInsideCard: false, verdict: isBelow ? .below : .full)
      }
      function.path = PCIePath(hops: hops, bottleneck: nil, slotLink: 0, isDegraded: nil)
      box.pci.append(function)
      var gpu = GPU(address: device, vendor: .amd)
      gpu.name = "card"
      if Bool.random(using: &random) {
        gpu.busyShare = [0, 0.004, 0.049, 0.05, 0.07, 0.5, 1].randomElement(using: &random)
      }
      if Bool.random(using: &random) {
        gpu.powerWatts = Double(Int.random(in: 5...300, using: &random))
        gpu.powerCap = GPU.PowerCap(watts: 300)
      }
      gpu.temperatures = [Temperature(label: "edge", celsius: 40, criticalCelsius: 100)]
      box.gpus.append(gpu)
    }
    box.numberGPUs()
    return box
  }

  @Test(arguments: 0..<200) func `of every GPU`(seed: Int) throws {
    var random = Dice(state: UInt64(seed))
    let box = OneMeaningTests.box(&random)
    let report = HealthReport(Box(box))
    let document = StatusDocument(
      box, report, placement: nil, mode: nil, time: nil, lastEvent: nil)
    let screen = StatusScreen.render(box, report, Style(width: 160), height: 60)
    var metrics: [StrictParser.Series: Double] = [:]
    let text = Exposition.openmetrics.text(MetricsInput(version: "1", inventory: box))
    for family in try StrictParser.families(text, .openmetrics) {
      for sample in family.samples { metrics[sample.series] = sample.value }
    }
    #expect(document.gpus.count == box.gpus.count)
    for (gpu, shown) in zip(box.gpus, document.gpus) {
      let row = try #require(screen.first { $0.hasPrefix(gpu.label + " ") }, "seed \(seed)")
      let link = try #require(shown.link)
      let current = try #require(link.current)
      let figure = try #require(link.limiting == nil ? current : link.limiting?.current)
      #expect(row.contains(figure.name + " "), "seed \(seed): \(row)")
      #expect(row.contains("↓") == (link.verdict == .below), "seed \(seed): \(row)")
      #expect(row.contains(gpu.address.short))
      #expect(shown.number == gpu.number && shown.isIdle == gpu.isIdle)
      if let share = shown.busyShare {
        #expect(row.hasSuffix(Units.percent(share)), "seed \(seed): \(row)")
      }
      if let watts = shown.powerWatts {
        #expect(row.contains("\(Units.decimal(watts, places: 0))/300 W"), "seed \(seed): \(row)")
      }
      // A link rests only where it lacks no lanes and the GPU is known to be idle.
      if link.isResting { #expect(shown.isIdle == true && link.verdict == .below) }
      let slot = try #require(DeviceIndex(box).function(gpu.address)?.path?.hops.first)
      let labels = [
        "device": gpu.address.description, "upstream_port": slot.port.description,
      ]
      func metric(_ name: String, _ labels: [String: String]) -> Double? {
        metrics[StrictParser.Series(name: name, labels: labels)]
      }
      #expect(metric("tinybox_pcie_link_width_lanes", labels) == Double(current.width))
      #expect(metric("tinybox_pcie_link_bytes_per_second", labels) == current.bytesPerSecond)
      let own = ["device": gpu.address.description]
      #expect(metric("tinybox_gpu_busy_ratio", own) == shown.busyShare)
      #expect(metric("tinybox_gpu_power_watts", own) == shown.powerWatts)
    }
  }
}
