import Base
import Health
import Inventory
import Placement
import TestMachines
import Testing

@testable import Metrics

@Suite struct ExpositionTests {
  private func series(
    _ input: MetricsInput, _ name: String, _ format: Exposition = .prometheus
  ) throws -> [[String: String]: Double] {
    var found: [[String: String]: Double] = [:]
    for family in try StrictParser.families(format.text(input), format) {
      for sample in family.samples where sample.series.name == name {
        found[sample.series.labels] = sample.value
      }
    }
    return found
  }

  @Test(arguments: Exposition.allCases)
  func everyFamilyHasSamplesInItsOrder(format: Exposition) throws {
    let families = try StrictParser.families(format.text(FullMachine.input), format)
    #expect(
      families.map(\.name)
        == MetricFamilies.all.map { format == .openmetrics ? $0.name : $0.sampleName })
  }

  @Test func bothFormatsHoldTheSameSeries() throws {
    let texts = try Exposition.allCases.map { format in
      try StrictParser.families(format.text(FullMachine.input), format).flatMap { family in
        family.samples.map {
          [$0.series.name, "\($0.series.labels.sorted { $0 < $1 })", "\($0.value)"]
        }
      }
    }
    #expect(texts[0] == texts[1])
  }

  @Test func openMetricsEndsAndNamesUnits() throws {
    let text = Exposition.openmetrics.text(FullMachine.input)
    #expect(text.hasSuffix("\n# EOF\n"))
    #expect(text.contains("# TYPE tinybox_build info\n"))
    #expect(text.contains("# TYPE tinybox_nvme_read_bytes counter\n"))
    #expect(text.contains("# UNIT tinybox_nvme_read_bytes bytes\ntinybox_nvme_read_bytes_total{"))
    #expect(
      Exposition.openmetrics.text(MetricsInput(version: "1", inventory: .init(origin: "")))
        .hasSuffix("# EOF\n"))
    #expect(!Exposition.prometheus.text(FullMachine.input).contains("EOF"))
    #expect(!Exposition.prometheus.text(FullMachine.input).contains("# UNIT"))
  }

  @Test func labelValuesComeBackAsTheyWere() throws {
    let nasty = "a\\b \"c\"\nd\\n é 日 {x=\"1\"} 1 # EOF, \\"
    var box = FullMachine.inventory
    box.gpus[0].name = nasty
    box.nvme[0].model = "\u{1b}[31m\r\u{0}x"
    let input = MetricsInput(version: nasty, inventory: box)
    for format in Exposition.allCases {
      let models = try series(input, "tinybox_device_info", format).keys.compactMap { $0["model"] }
      #expect(Set(models) == [nasty, "\u{fffd}[31m\u{fffd}\u{fffd}x"])
      #expect(try series(input, "tinybox_build_info", format).keys.first?["version"] == nasty)
    }
  }

  @Test func aLongTextIsCut() throws {
    let text = Exposition.escaped(String(repeating: "x", count: 5000), quotes: true)
    #expect(text.count == 200)
  }

  @Test func numbersAreFiniteAndShort() {
    #expect(Sample(Double.nan) == nil && Sample(Double.infinity) == nil)
    #expect(
      Sample(nil as Double?) == nil && Sample(nil as Int?) == nil && Sample(nil as Bool?) == nil)
    #expect(
      Sample(50.0)?.value == "50" && Sample(0.1)?.value == "0.1" && Sample(-0.5)?.value == "-0.5")
    #expect(Sample(1.5e20)?.value == "1.5e+20" && Sample(Int.max)?.value == "9223372036854775807")
    #expect(Sample(true)?.value == "1" && Sample(false)?.value == "0")
  }

  @Test func anEmptyInventoryHasOnlyTinyboxItself() throws {
    let input = MetricsInput(version: "1", inventory: Inventory(origin: "nothing"))
    let families = try StrictParser.families(Exposition.prometheus.text(input), .prometheus)
    #expect(families.map(\.name) == ["tinybox_build_info", "tinybox_unknown_facts"])
  }

  @Test func valuesAreInBaseUnits() throws {
    let input = FullMachine.input
    let gpu = ["device": "0000:21:00.0"]
    let link = ["device": "0000:21:00.0", "upstream_port": "0000:20:01.1"]
    let drive = ["device": "0000:01:00.0"]
    #expect(try series(input, "tinybox_gpu_power_watts") == [gpu: 310.25])
    #expect(try series(input, "tinybox_gpu_core_clock_hertz") == [gpu: 2.4e9])
    #expect(
      try series(input, "tinybox_nic_speed_bytes_per_second") == [
        ["device": "0000:61:00.0", "port": "1"]: 12.5e9
      ])
    #expect(try series(input, "tinybox_pcie_link_speed_transfers_per_second") == [link: 2.5e9])
    #expect(try series(input, "tinybox_pcie_link_expected_width_lanes") == [link: 16])
    #expect(try series(input, "tinybox_nvme_power_on_seconds_total") == [drive: 36_000])
    #expect(try series(input, "tinybox_clock_maximum_error_seconds") == [[:]: 0.0015])
    #expect(try series(input, "tinybox_collector_duration_seconds")[["collector": "PCI"]] == 0.25)
    #expect(
      try series(input, "tinybox_collector_success") == [
        ["collector": "PCI"]: 1, ["collector": "GPU"]: 0,
      ])
    #expect(try series(input, "tinybox_unknown_facts")[["part": "pci"]] == 1)
    let warnings = try series(input, "tinybox_nvme_critical_warning")
    #expect(warnings.count == 6)
    #expect(warnings.filter { $0.value == 1 }.keys.map { $0["warning"] } == ["spare"])
  }

  @Test func interruptsAreLocalOrRemote() throws {
    var box = FullMachine.inventory
    func counted() throws -> [String: Double] {
      let found = try series(
        MetricsInput(version: "1", inventory: box), "tinybox_interrupts_total")
      return Dictionary(uniqueKeysWithValues: found.map { ($0.key["locality"] ?? "", $0.value) })
    }
    #expect(try counted() == ["local": 30, "remote": 10])
    var other = box.interrupts[0]
    other.number = 48
    other.unknown = [UnknownFact(fact: "counts", path: "/proc/interrupts", reason: "garbage")]
    box.interrupts.append(other)
    #expect(try counted() == [:], "a sum without one of its parts")
    box.interrupts = [box.interrupts[0]]
    box.interrupts[0].numaNode = nil
    #expect(try counted() == [:], "no node, no locality")
    box.interrupts[0].numaNode = 0
    box.memory.nodes[0].cpus = nil
    #expect(try counted() == [:], "no CPUs of the node")
  }

  @Test func aCheckHasOneVerdict() throws {
    let found = try series(FullMachine.input, "tinybox_check_verdict")
    #expect(found.count == Checks.all.count * Verdict.allCases.count)
    #expect(found.values.reduce(0, +) == Double(Checks.all.count))
    let raid = found.filter { $0.key["check"] == "raid" && $0.value == 1 }
    #expect(raid.keys.map { $0["verdict"] } == ["fail"], "an array lacks a member")
    let counts = try series(FullMachine.input, "tinybox_checks")
    for verdict in Verdict.allCases {
      let own = found.filter { $0.key["verdict"] == verdict.rawValue }.values.reduce(0, +)
      #expect(counts[["verdict": verdict.rawValue]] == own)
    }
  }

  @Test func interfacesOfOneFunctionStayApart() throws {
    var box = FullMachine.inventory
    for name in ["eth1", "eth2"] {
      var nic = NIC(name: name)
      nic.address = FullMachine.card
      nic.carrier = true
      box.nics.append(nic)
    }
    let found = try series(MetricsInput(version: "1", inventory: box), "tinybox_nic_carrier")
    #expect(
      Set(found.keys) == [
        ["device": "0000:61:00.0", "port": "1"], ["device": "0000:61:00.0", "port": "eth1"],
        ["device": "0000:61:00.0", "port": "eth2"], ["device": "usb0"],
      ])
  }

  @Test func functionsOfOneDeviceShareItsLink() throws {
    var box = FullMachine.inventory
    var audio = PCIFunction(address: FullMachine.gpu)
    audio.address.function = 1
    audio.path = box.pci[1].path
    audio.path?.hops[0].device = audio.address
    box.pci.append(audio)
    let found = try series(
      MetricsInput(version: "1", inventory: box), "tinybox_pcie_link_width_lanes")
    #expect(found == [["device": "0000:21:00.0", "upstream_port": "0000:20:01.1"]: 16])
  }

  @Test func aPlacementOfAnotherBootIsNone() throws {
    var input = FullMachine.input
    #expect(try series(input, "tinybox_placement_settings")[["state": "held"]] == 7)
    input.placement?.ledger = .otherBoot
    #expect(try series(input, "tinybox_placement_settings").isEmpty)
  }
}
