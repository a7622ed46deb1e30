import KernelTree
import TestSupport
import Testing

@testable import Inventory

@Suite struct InterruptTableTests {
  private func table(_ text: String) -> InterruptTable { InterruptTable(Array(text.utf8)) }

  @Test func headerNamesTheOnlineCPUs() {
    let table = table(
      """
                 CPU0       CPU2       CPU130
        24:          1          0          7  IO-APIC   5-edge      ACPI:Ged
       NMI:          5          5          5   Non-maskable interrupts
       ERR:          0

      """)
    #expect(table.cpus == [0, 2, 130])
    #expect(table.rows.map(\.number) == [24])
    #expect(table.rows.first?.counts == [0: 1, 130: 7])
  }

  @Test(
    arguments: [
      // Linux 6.x, x86, address in the chip's name.
      (
        " PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0",
        "PCI-MSIX-0000:00:03.0 1-edge", ["virtio2-input.0"], false
      ),
      (" IO-APIC   9-fasteoi   acpi", "IO-APIC 9-fasteoi", ["acpi"], false),
      ("  IR-PCI-MSI 524288-edge      nvme0q3", "IR-PCI-MSI 524288-edge", ["nvme0q3"], false),
      // Wide columns leave one blank before the number.
      (" IR-IO-APIC 16-fasteoi   i801_smbus", "IR-IO-APIC 16-fasteoi", ["i801_smbus"], false),
      // Linux 3.x.
      ("   PCI-MSI-edge      eth0-TxRx-0", "PCI-MSI-edge", ["eth0-TxRx-0"], false),
      (
        "   IO-APIC-fasteoi   ehci_hcd:usb1, uhci_hcd:usb3", "IO-APIC-fasteoi",
        ["ehci_hcd:usb1", "uhci_hcd:usb3"], true
      ),
      // ARM.
      ("     GICv3  27 Level     arch_timer", "GICv3 27 Level", ["arch_timer"], false),
      // A chip with blanks in its name.
      (
        "  Hyper-V PCIe MSI 3221225472-edge      mlx5_async0@pci:a1b2:00:02.0",
        "Hyper-V PCIe MSI 3221225472-edge", ["mlx5_async0@pci:a1b2:00:02.0"], false
      ),
      (
        "  IR-PCI-MSI-0000:00:01.1   0-edge      PCIe PME, aerdrv, pciehp",
        "IR-PCI-MSI-0000:00:01.1 0-edge", ["PCIe PME", "aerdrv", "pciehp"], true
      ),
      // A comma inside a name.
      (" IO-APIC   7-edge      spi,irq", "IO-APIC 7-edge", ["spi,irq"], true),
      // No handler.
      (" PCI-MSIX-0000:00:03.0   1-edge    ", "PCI-MSIX-0000:00:03.0 1-edge", [], false),
      ("     dummy", "dummy", [], true),
      ("", nil, [], false),
    ] as [(String, String?, [String], Bool)])
  func describesChipAndHandlers(rest: String, chip: String?, actions: [String], unclear: Bool) {
    let row = table("       CPU0  CPU1\n 30:    0    2 \(rest)\n").rows.first
    #expect(row?.chip == chip)
    #expect(row?.actions == actions)
    #expect(row?.isAmbiguous == unclear)
    #expect(row?.counts == [1: 2])
    #expect(row?.countFailure == nil)
  }

  @Test func columnsThatDoNotFitTheHeaderAreNotCounted() {
    let table = table(
      """
             CPU0  CPU1
       30:      1  PCI-MSI 5-edge      short
       31:      1     2     3  PCI-MSI 5-edge      long
       32:      1     2  PCI-MSI 5-edge      right
       33:      1     99999999999999999999999  PCI-MSI 5-edge      huge
       34:      1     18446744073709551615  PCI-MSI 5-edge      huge
      """)
    #expect(table.rows.map(\.counts) == [[:], [:], [0: 1, 1: 2], [:], [:]])
    #expect(table.rows.map { $0.countFailure != nil } == [true, true, false, true, true])
    #expect(table.rows.last?.actions == ["huge"])
  }

  @Test func withoutHeaderNothingIsCounted() {
    let table = table("  5:   10   20   IO-APIC   5-edge      parport0\n")
    #expect(table.cpus == nil)
    #expect(table.rows.first?.counts == [:])
    #expect(table.rows.first?.countFailure != nil)
    #expect(table.rows.first?.actions == ["parport0"])
  }

  @Test(arguments: ["CPU0 CPU0\n", "CPU0 CPUx\n", "CPU-1\n", "CPU99999999999999999999\n", "\n", ""])
  func badHeadersAreNone(text: String) { #expect(table(text).cpus == nil) }

  @Test func namesThatAreNotUTF8StayVisible() {
    var text = Array("   CPU0\n 9:  4  IO-APIC   9-edge      ".utf8)
    text += [0xff, 0x61, 0x0a]
    #expect(InterruptTable(text).rows.first?.actions == ["\u{fffd}a"])
  }

  @Test func tenMegabytesAreReadInOnePass() {
    let cpus = 512
    var text = "      " + (0..<cpus).map { "CPU\($0 * 2)" }.joined(separator: " ") + "\n"
    let zeros = String(repeating: "          0", count: cpus - 1)
    for number in 0..<2000 {
      text += "\(number): \(zeros)         \(number)  PCI-MSI \(number)-edge      nvme0q\(number)\n"
    }
    let bytes = Array(text.utf8)
    #expect(bytes.count > 10 << 20)
    let table = InterruptTable(bytes)
    #expect(table.rows.count == 2000)
    #expect(table.rows.allSatisfy { $0.counts == ($0.number == 0 ? [:] : [1022: $0.number]) })
  }

  @Test(.seeded) func damagedTextsNeverInventCounts() {
    let good = Array("     CPU0   CPU1\n 30:  12  7  PCI-MSI 5-edge      eth0-rx-1\n".utf8)
    var random = SeededGenerator()
    for _ in 0..<3000 {
      var text = good
      for _ in 0..<random.pick(1...4) {
        text[random.pick(text.indices)] = .random(in: 0...255, using: &random)
      }
      text = Array(text.prefix(random.pick(0...text.count)))
      let table = InterruptTable(text)
      for row in table.rows {
        #expect(row.counts.keys.allSatisfy { table.cpus?.contains($0) ?? false })
        #expect(row.counts.values.allSatisfy { $0 > 0 && $0 <= InterruptTable.highestCount })
      }
    }
  }

  /// The machine the tests run on: what was kept adds up to the numbers in the text.
  @Test func agreesWithThisMachine() throws {
    let bytes = try KernelTree.live.bytes("/proc/interrupts", limit: InterruptCollector.limit)
    let table = InterruptTable(bytes)
    let cpus = try #require(table.cpus)
    var sum = 0
    var rows = 0
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      guard let label = fields.first, label.last == ":", Int(label.dropLast()) != nil
      else { continue }
      rows += 1
      sum += fields.dropFirst().prefix(cpus.count).compactMap { Int($0) }.reduce(0, +)
    }
    #expect(table.rows.count == rows)
    #expect(table.rows.reduce(0) { $0 + $1.counts.values.reduce(0, +) } == sum)
    #expect(table.rows.allSatisfy { $0.countFailure == nil })
  }
}
