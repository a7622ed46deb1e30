import Inventory
import TestMachines
import Testing

@testable import Health
@testable import Render

@Suite struct StatusScreenTests {
  @Test func showsABoxOnOneScreen() {
    let expected = """
      tiny1   ASRockRack ROMED8-2T, BIOS P3.70 (06/29/2023)                up 12 d 4 h
      system  Debian GNU/Linux 13 (trixie), kernel 6.12.41+deb13-amd64, UEFI boot
      CPU     AMD EPYC 7532, 1 socket, 32 cores, 64 threads, NPS 4
      memory  503 GiB, 8 x DDR4-3200, 4 NUMA nodes, IOMMU passthrough
      GPU   name         node  link                   VRAM   temp  power/cap  busy
      GPU0  RX 7900 XTX     3  PCIe 4.0 x16    22.1/24 GiB  71 °C  285/327 W  97 %
      GPU1  RX 7900 XTX     2  PCIe 1.0 x16 ↓  22.1/24 GiB  71 °C  285/327 W  97 %
      GPU2  RX 7900 XTX     2  PCIe 4.0 x16    22.1/24 GiB  71 °C  285/327 W  97 %
      GPU3  RX 7900 XTX     1  PCIe 4.0 x16    22.1/24 GiB  71 °C  285/327 W  97 %
      GPU4  RX 7900 XTX     1  PCIe 4.0 x16    0.03/24 GiB  71 °C   14/327 W   0 %
      GPU5  RX 7900 XTX     0  PCIe 4.0 x16    0.03/24 GiB  71 °C   14/327 W   0 %
      NVMe   address  model          node  link               size   temp  used for
      nvme0  c5:00.0  Samsung SSD …     0  PCIe 4.0 x4    1.82 TiB  41 °C  /boot/efi /
      nvme2  45:00.0  Samsung SSD …     2  PCIe 3.0 x2 ↓  1.82 TiB  41 °C  md0
      +2 more: tinyboxctl devices nvme
      """
    let lines = StatusScreen.drawn(MadeUp.server)
    #expect(Array(lines.prefix(15)).joined(separator: "\n") == expected)
    #expect(lines.count <= 24)
  }

  @Test func countsDrivesThatAreAlike() {
    var box = MadeUp.server
    box.pci = []
    box.nvme = (0..<12).map {
      var drive = NVMeController(name: "nvme\($0)")
      drive.model = "same"
      drive.state = "live"
      return drive
    }
    let lines = StatusScreen.drawn(box)
    #expect(lines.count <= 24)
    #expect(lines.contains { $0.hasPrefix("+") && $0.hasSuffix("more, all like nvme0") })
  }

  @Test func keepsTheOddDriveWhenCounting() {
    var box = MadeUp.server
    box.pci = []
    box.nvme = (0..<12).map {
      var drive = NVMeController(name: "nvme\($0)")
      drive.model = "same"
      drive.state = $0 == 9 ? "dead" : "live"
      return drive
    }
    let lines = StatusScreen.drawn(box)
    #expect(lines.contains { $0.hasPrefix("nvme9 ") && $0.contains("dead") })
  }

  @Test func showsRuntimes() {
    let expected = """
      runtime  model            GPUs  node  state                  restarts
      llama    llama-3.1-8b-q8  GPU0     0  ready                         2
      train    -                -        -  runs, step 120 of 600         -
      whisper  -                -        -  failed                        -
      """
    var box = MadeUp.server
    box.runtimes = FullMachine.runtimes
    box.runtimes?.runtimes[0].gpus = [box.gpus[0].address]
    let lines = StatusScreen.drawn(box, height: 40)
    let start = lines.firstIndex { $0.hasPrefix("runtime ") } ?? 0
    #expect(lines.dropFirst(start).prefix(4).joined(separator: "\n") == expected)
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test func fillsATallTerminal() {
    let lines = StatusScreen.drawn(MadeUp.server, height: 60)
    #expect(!lines.contains { $0.hasPrefix("+") })
    #expect(lines.contains { $0.hasPrefix("nvme3 ") })
    #expect(lines.count(where: \.isEmpty) == 5)
  }

  @Test func saysNothingOfWhatItDoesNotKnow() {
    let lines = StatusScreen.drawn(MadeUp.empty)
    #expect(
      lines.prefix(5) == [
        "unknown host", "system  unknown", "CPU     unknown", "memory  unknown", "",
      ])
    #expect(lines[5].hasPrefix("health  ? "), "nothing is known to be fine")
    #expect(lines.last == "now     unknown")
  }

  @Test(arguments: MadeUp.all.map(\.name))
  func fitsTheScreen(_ name: String) {
    for height in [12, 24, 40] {
      for width in [80, 132] {
        let lines = StatusScreen.drawn(
          MadeUp.named(name), Style(width: width), height: height)
        #expect(lines.count <= max(height, 20), "\(name) \(height)x\(width)")
      }
    }
  }
}

extension StatusScreen {
  /// The screen with what the checks say of the inventory, as the command draws it.
  static func drawn(_ box: Inventory, _ style: Style = Style(), height: Int = 24) -> [String] {
    render(box, HealthReport(Box(box)), style, height: height)
  }
}

@Suite struct StatusHealthTests {
  /// A report of made-up findings.
  private func report(_ verdicts: [(Verdict, String)]) -> HealthReport {
    var report = HealthReport(Box(MadeUp.empty), checks: [])
    report.findings = verdicts.map { verdict, summary in
      Finding(
        check: "made", subject: Subject("GPU0 01:00.0"), verdict: verdict, summary: summary,
        evidence: [])
    }
    report.verdict = verdicts.map(\.0).max() ?? .pass
    for (verdict, _) in verdicts { report.counts[verdict.rawValue, default: 0] += 1 }
    report.checks = verdicts.indices.map { "made-\($0)" }
    return report
  }

  private func health(_ report: HealthReport) -> [String] {
    let lines = StatusScreen.render(MadeUp.empty, report, Style())
    guard let start = lines.firstIndex(where: { $0.hasPrefix("health") }) else { return [] }
    return Array(lines[start...].prefix { !$0.isEmpty && !$0.hasPrefix("now") })
  }

  @Test func showsTheVerdictAndTheWorstTwo() {
    let lines = health(
      report([
        (.fail, "fell off the bus"), (.warn, "is slow"), (.warn, "is warm"), (.unknown, "?"),
      ]))
    #expect(
      lines.prefix(2) == [
        "health  !! 1 failed, 2 warnings, 1 unknown, of 4 checks",
        "        !! GPU0 01:00.0: fell off the bus (made, and 2 more)",
      ])
  }

  @Test func findingsThatSayTheSameShareALine() {
    let lines = health(report([(.warn, "is slow"), (.warn, "is slow"), (.warn, "is warm")]))
    // One line a check: what else it found is counted.
    #expect(lines[1] == "        ! GPU0, GPU0: is slow (made, and 1 more)")
  }

  @Test func aWellBoxIsOneLine() {
    #expect(health(report([(.pass, "fine")])).first == "health  nothing wrong, of 1 check")
  }

  @Test func whatCannotBeSeenIsNoFaultAndNotFine() {
    let lines = health(report([(.unknown, "unknown")]))
    #expect(lines.first == "health  ? 1 unknown, of 1 check")
    #expect(!lines.joined().contains("!"))
  }

  @Test func quickChecksAreCalledThat() {
    var quick = report([(.pass, "fine")])
    quick.skipped = ["other"]
    #expect(
      health(quick).first
        == "health  nothing wrong, of 1 quick checks (2 checks in 'tinyboxctl check')")
  }

  @Test func saysWhatCouldNotBeLookedAt() {
    var inventory = Inventory(origin: "live")
    inventory.collectors = [.init(name: "NIC", outcome: .failed, note: "no /sys")]
    let screen = StatusScreen.drawn(inventory).joined(separator: "\n")
    #expect(screen.contains("could not look at: nic"))
    #expect(!screen.contains("!"), "a part that cannot be seen is no fault")
  }
}
