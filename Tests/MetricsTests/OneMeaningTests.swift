import Base
import Documents
import Health
import Inventory
import Metrics
import Render
import TestMachines
import TestSupport
import Testing

/// Screen, document and metrics of one machine agree on every fact they share.
@Suite struct OneMeaningTests {
  @Test(.seeded, arguments: 0..<200) func `of every GPU`(round: Int) throws {
    let box = MadeUp.randomLinks(SeededGenerator(round: round))
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
      let row = try #require(screen.first { $0.hasPrefix(gpu.label + " ") }, "round \(round)")
      let link = try #require(shown.link)
      let current = try #require(link.current)
      let figure = try #require(link.limiting == nil ? current : link.limiting?.current)
      #expect(row.contains(figure.name + " "), "round \(round): \(row)")
      #expect(row.contains("↓") == (link.verdict == .below), "round \(round): \(row)")
      #expect(row.contains(gpu.address.short))
      #expect(shown.number == gpu.number && shown.isIdle == gpu.isIdle)
      if let share = shown.busyShare {
        #expect(row.hasSuffix(Units.percent(share)), "round \(round): \(row)")
      }
      if let watts = shown.powerWatts {
        #expect(row.contains("\(Units.decimal(watts, places: 0))/300 W"), "round \(round): \(row)")
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
