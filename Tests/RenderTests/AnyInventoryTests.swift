import Base
import Inventory
import PeerToPeer
import TestMachines
import TestSupport
import Testing

@testable import Health
@testable import Render

/// Every renderer, by name.
enum Renderers {
  static let all: [(name: String, render: @Sendable (Inventory, Style) -> [String])] = [
    ("status", { StatusScreen.drawn($0, $1) }),
    ("check", { HealthTable.render(HealthReport(Box($0)), $1, all: true) }),
    ("tree", { TopologyTree.render($0, $1) }),
    ("tree --all", { TopologyTree.render($0, $1, all: true) }),
    ("interrupts", { InterruptTable.render($0, $1) }),
    ("irqs", { InterruptTable.render($0, $1, irqs: true) }),
    ("all", { DeviceTables.render(.all, $0, $1) }),
    ("gpu", { DeviceTables.render(.gpu, $0, $1) }),
    ("nic", { DeviceTables.render(.nic, $0, $1) }),
    ("nvme", { DeviceTables.render(.nvme, $0, $1) }),
    ("bridge", { DeviceTables.render(.bridge, $0, $1) }),
    ("page", { pages($0, $1) }),
    ("p2p", { PeerToPeerView.render(PeerMap($0), $1) }),
    ("p2p --explain", { explained($0, $1) }),
  ]

  static func explained(_ inventory: Inventory, _ style: Style) -> [String] {
    let map = PeerMap(inventory)
    return map.pairs.filter { $0.verdict != .itself }.prefix(3)
      .flatMap { PeerExplain.render($0, map, style) } + ["end"]
  }

  static func pages(_ inventory: Inventory, _ style: Style) -> [String] {
    var subjects: [DeviceSubject] = []
    // A GPU, a drive, a NIC, a port, and one that is not there.
    subjects += inventory.gpus.prefix(2).map { .function($0.address) }
    subjects += inventory.nvme.prefix(1).map { $0.address.map { .function($0) } ?? .nvme($0.name) }
    subjects += inventory.nics.prefix(1).map { $0.address.map { .function($0) } ?? .nic($0.name) }
    subjects += inventory.pci.prefix(2).map { .function($0.address) }
    subjects.append(.function(MadeUp.at("99:1f.7")))
    return subjects.flatMap { DevicePage.render($0, inventory, style) }
  }
}

@Suite struct AnyInventoryTests {
  private func check(_ inventory: Inventory, _ widths: [Int], _ name: String) {
    for (renderer, render) in Renderers.all {
      for width in widths {
        let lines = render(inventory, Style(width: width))
        let wide = lines.first { DisplayText.width($0) > width }
        #expect(wide == nil, "\(name), \(renderer) at \(width)")
        let controls = lines.contains {
          $0.unicodeScalars.contains {
            $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x202e
          }
        }
        #expect(!controls, "\(name), \(renderer) at \(width)")
      }
    }
  }

  @Test(arguments: MadeUp.all.map(\.name))
  func staysWithinTheWidth(_ name: String) {
    check(MadeUp.named(name), [40, 57, 80, 120, 200], name)
  }

  @Test(.seeded, arguments: 0..<24)
  func staysWithinTheWidthWhateverTheNames(_ round: Int) {
    let widths = [40, 61, 80, 133, 200]
    check(
      MadeUp.randomTexts(SeededGenerator(round: round)), [widths[round % widths.count]],
      "round \(round)")
  }

  @Test(arguments: MadeUp.all.map(\.name))
  func colourAddsNothingButColour(_ name: String) {
    let inventory = MadeUp.named(name)
    for (renderer, render) in Renderers.all {
      let plain = render(inventory, Style())
      let coloured = render(inventory, Style(color: true)).map { line in
        var text = ""
        var isOrder = false
        for scalar in line.unicodeScalars {
          if scalar == "\u{1b}" { isOrder = true }
          if !isOrder { text.unicodeScalars.append(scalar) }
          if scalar == "m" { isOrder = false }
        }
        while text.last == " " { text.removeLast() }
        return text
      }
      #expect(plain == coloured, "\(name), \(renderer)")
    }
  }

  @Test(arguments: MadeUp.all.map(\.name))
  func asciiIsASCII(_ name: String) {
    for (renderer, render) in Renderers.all {
      let lines = render(MadeUp.named(name), Style(unicode: false))
      #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "\(name), \(renderer)")
    }
  }

  /// In a machine of which nothing could be read, no cell is a number that reads as a fact.
  @Test func unknownIsNeverZero() {
    for (renderer, render) in Renderers.all {
      for line in render(MadeUp.unknown, Style(width: 160)) {
        for word in line.split(whereSeparator: { " ,;()".contains($0) }) {
          let isZero = word == "0" || word.hasPrefix("0/") || word == "0%"
          #expect(!isZero, "\(renderer): \(line)")
        }
      }
    }
  }

  @Test func doesNotCrashOnTheSizesOfTheKernel() {
    var box = MadeUp.large
    let model = MadeUp.port("0000:00:00.0", bus: "pci0000:00", node: 0)
    for number in 0..<4096 {
      var function = model
      function.address = PCIAddress(
        domain: 9, bus: UInt8(number / 32), device: UInt8(number % 32), function: 0)
      // One chain of bridges, as deep as there are functions.
      function.parent =
        number == 0
        ? nil
        : PCIAddress(
          domain: 9, bus: UInt8((number - 1) / 32), device: UInt8((number - 1) % 32), function: 0)
      function.identity.classCode = number == 4095 ? 0x020000 : 0x060400
      box.pci.append(function)
    }
    for (_, render) in Renderers.all { #expect(!render(box, Style()).isEmpty) }
    #expect(TopologySVG.render(box).hasSuffix("</svg>\n"))
  }
}
