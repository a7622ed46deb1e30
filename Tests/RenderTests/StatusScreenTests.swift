import Inventory
import KernelTree
import Testing

@testable import Render

@Suite struct StatusScreenTests {
  @Test func showsABoxOnOneScreen() {
    let expected = """
      tiny1   ASRockRack ROMED8-2T, BIOS P3.70 (06/29/2023)                up 12 d 4 h
      system  Debian GNU/Linux 13 (trixie), kernel 6.12.41+deb13-amd64, UEFI boot
      CPU     AMD EPYC 7532, 1 socket, 32 cores, 64 threads, NPS 4
      memory  503 GiB, 8 x DDR4-3200, 4 NUMA nodes, IOMMU passthrough
      GPU      name         node  link                   VRAM   temp  power/cap  busy
      11:00.0  RX 7900 XTX     3  16 GT/s x16     22.1/24 GiB  71 °C  285/327 W  97 %
      51:00.0  RX 7900 XTX     2  2.5 GT/s x16 ↓  22.1/24 GiB  71 °C  285/327 W  97 %
      52:00.0  RX 7900 XTX     2  16 GT/s x16     22.1/24 GiB  71 °C  285/327 W  97 %
      91:00.0  RX 7900 XTX     1  16 GT/s x16     22.1/24 GiB  71 °C  285/327 W  97 %
      92:00.0  RX 7900 XTX     1  16 GT/s x16     0.03/24 GiB  71 °C   14/327 W   0 %
      d1:00.0  RX 7900 XTX     0  16 GT/s x16     0.03/24 GiB  71 °C   14/327 W   0 %
      NVMe   address  model            node  link             size   temp  used for
      nvme0  c5:00.0  Samsung SSD 99…     0  16 GT/s x4   1.82 TiB  41 °C  /boot/efi /
      nvme2  45:00.0  Samsung SSD 99…     2  8 GT/s x2 ↓  1.82 TiB  41 °C  md0
      +2 more: tinyboxctl devices nvme
      """
    let lines = StatusScreen.render(Samples.box, Style())
    #expect(Array(lines.prefix(15)).joined(separator: "\n") == expected)
    #expect(lines.count <= 24)
  }

  @Test func countsDrivesThatAreAlike() {
    var box = Samples.box
    box.pci = []
    box.nvme = (0..<12).map {
      var drive = NVMeController(name: "nvme\($0)")
      drive.model = "same"
      drive.state = "live"
      return drive
    }
    let lines = StatusScreen.render(box, Style())
    #expect(lines.count <= 24)
    #expect(lines.contains { $0.hasPrefix("+") && $0.hasSuffix("more, all like nvme0") })
  }

  @Test func keepsTheOddDriveWhenCounting() {
    var box = Samples.box
    box.pci = []
    box.nvme = (0..<12).map {
      var drive = NVMeController(name: "nvme\($0)")
      drive.model = "same"
      drive.state = $0 == 9 ? "dead" : "live"
      return drive
    }
    let lines = StatusScreen.render(box, Style())
    #expect(lines.contains { $0.hasPrefix("nvme9 ") && $0.contains("dead") })
    #expect(lines.contains { $0.contains("nvme9 controller is dead") })
  }

  @Test func fillsATallTerminal() {
    let lines = StatusScreen.render(Samples.box, Style(), height: 60)
    #expect(!lines.contains { $0.hasPrefix("+") })
    #expect(lines.contains { $0.hasPrefix("nvme3 ") })
    #expect(lines.count(where: \.isEmpty) == 5)
  }

  @Test func saysNothingOfWhatItDoesNotKnow() {
    #expect(
      StatusScreen.render(Samples.empty, Style()) == [
        "unknown host", "system  unknown", "CPU     unknown", "memory  unknown", "",
        "health  nothing found wrong in what could be read, 2 facts unknown (run as root)", "",
        "now     unknown",
      ])
  }

  @Test(arguments: Samples.all.map(\.name))
  func fitsTheScreen(_ name: String) {
    for height in [12, 24, 40] {
      for width in [80, 132] {
        let lines = StatusScreen.render(
          Samples.named(name), Style(width: width), height: height)
        #expect(lines.count <= max(height, 20), "\(name) \(height)x\(width)")
      }
    }
  }
}

@Suite struct FindingTests {
  private func findings(_ change: (inout Inventory) -> Void) -> [Finding] {
    var box = Inventory(origin: "live")
    var function = PCIFunction(address: Samples.at("01:00.0"))
    function.driver = "amdgpu"
    var gpu = GPU(address: function.address, vendor: .amd)
    gpu.driver = "amdgpu"
    var drive = NVMeController(name: "nvme0")
    drive.state = "live"
    box.pci = [function]
    box.gpus = [gpu]
    box.nvme = [drive]
    box.memory.controllers = [MemoryController(name: "mc0")]
    change(&box)
    return Finding.all(InventoryIndex(box))
  }

  @Test func findsNothingInAHealthyBox() {
    #expect(findings { _ in }.isEmpty)
  }

  @Test func namesEachFault() {
    let cases: [(String, Finding.Severity, (inout Inventory) -> Void)] = [
      ("GPU 01:00.0 answers all ones: it fell off the bus", .bad, { $0.pci[0].isDead = true }),
      (
        "GPU 01:00.0 PCIe errors: 2 fatal, 1,000 corrected (DLP 2, BadTLP 1,000)", .bad,
        { $0.pci[0].aer = PCIeErrors(correctable: ["BadTLP": 1000], fatal: ["DLP": 2]) }
      ),
      (
        "GPU 01:00.0 has no kernel driver", .warning,
        {
          $0.pci[0].driver = nil
          $0.gpus[0].driver = nil
        }
      ),
      ("nvme0 controller is dead", .bad, { $0.nvme[0].state = "dead" }),
      ("nvme0 controller is resetting", .warning, { $0.nvme[0].state = "resetting" }),
      (
        "nvme0 warns: temperature out of range, read only", .bad,
        {
          $0.nvme[0].health = .init(
            criticalWarning: 0b1010, temperatureCelsius: nil, availableSpare: 1,
            spareThreshold: 0.1, lifeUsed: 0, bytesRead: 0, bytesWritten: 0, powerOnHours: 0,
            powerCycles: 0, unsafeShutdowns: 0, mediaErrors: 0, errorLogEntries: 0)
        }
      ),
      (
        "memory errors corrected, mc0: 7", .warning,
        { $0.memory.controllers[0].correctedErrors = 7 }
      ),
      (
        "memory errors not corrected, mc0: 1", .bad,
        { $0.memory.controllers[0].uncorrectedErrors = 1 }
      ),
      (
        "GPU 01:00.0 junction at 111 °C, critical from 110 °C", .bad,
        {
          $0.gpus[0].temperatures = [
            .init(label: "junction", celsius: 111, criticalCelsius: 110)
          ]
        }
      ),
    ]
    for (text, severity, change) in cases {
      #expect(findings(change) == [Finding(severity: severity, text: text)])
    }
  }

  @Test func saysWhatCouldNotBeLookedAt() {
    var inventory = Inventory(origin: "live")
    inventory.collectors = [.init(name: "NIC", outcome: .failed, note: "no /sys")]
    let screen = StatusScreen.render(inventory, Style()).joined(separator: "\n")
    #expect(screen.contains("could not look at: nic"))
    #expect(!screen.contains("!"), "a part that cannot be seen is no fault")
  }

  @Test func isNotAlarmedByWhatIsNotWrong() {
    let calm: [(inout Inventory) -> Void] = [
      // Powered down on purpose.
      {
        $0.pci[0].isDead = true
        $0.pci[0].powerState = "D3cold"
      },
      // Owned by a guest.
      { $0.gpus[0].driver = "vfio-pci" },
      // Not known is not none.
      {
        $0.pci[0].driver = nil
        $0.gpus[0].driver = nil
        $0.gpus[0].unknown = [UnknownFact(fact: "driver", path: "x", reason: "permission denied")]
      },
      { $0.pci[0].aer = PCIeErrors() },
      { $0.nvme[0].state = nil },
    ]
    for change in calm { #expect(findings(change) == []) }
  }

  @Test func doesNotCallAnIdleGPUDegraded() {
    let texts = Finding.all(InventoryIndex(Samples.box)).map(\.text)
    #expect(
      texts.contains(
        "GPU 51:00.0 link below capability now (idle GPUs lower their link): "
          + "2.5 GT/s x16 of 16 GT/s x16 at port 40:02.1"))
    #expect(
      texts.contains("nvme2 link below capability: 8 GT/s x2 of 16 GT/s x4 at port 40:03.3"))
  }

  @Test func putsGPUsThatStandAlikeInOneLine() {
    let texts = Finding.all(InventoryIndex(Samples.large)).map(\.text)
    #expect(texts.count == 1)
    #expect(texts[0].hasPrefix("8 GPU links below capability now"))
  }

  @Test func reportsASharedLinkOnce() {
    var box = Samples.large
    for index in box.pci.indices {
      guard var path = box.pci[index].path, path.hops.count == 2 else { continue }
      path.hops[0].verdict = .full
      path.hops[1].verdict = .below
      path.hops[1].current = Samples.rate(8, 16)
      box.pci[index].path = path
    }
    #expect(Finding.all(InventoryIndex(box)).count == 1)
    box.pci.removeAll { $0.address.domain > 0 }
    #expect(
      Finding.all(InventoryIndex(box)).map(\.text) == [
        "GPU 10:00.0 link below capability now (idle GPUs lower their link): "
          + "8 GT/s x16 of 32 GT/s x16 at port 00:01.1"
      ])
  }

  @Test func reportsErrorsOfARootPortUnlessADeviceBelowTellsThem() {
    var port = Samples.port("00:01.1", bus: "pci0000:00", node: 0)
    port.aer = PCIeErrors()
    port.aer?.rootPort = .init(correctable: 3, nonFatal: 0, fatal: 0)
    var box = Inventory(origin: "live")
    box.pci = [port]
    #expect(
      Finding.all(InventoryIndex(box)).map(\.text) == [
        "below root port 00:01.1 PCIe errors: 3 corrected"
      ])
    var card = Samples.endpoint(
      "01:00.0", below: port, code: 0x020000, name: "x", driver: nil, now: nil, possible: nil)
    card.aer = PCIeErrors(correctable: ["BadTLP": 3])
    box.pci.append(card)
    #expect(
      Finding.all(InventoryIndex(box)).map(\.text) == [
        "Ethernet 01:00.0 PCIe errors: 3 corrected (BadTLP 3)"
      ])
  }
}
