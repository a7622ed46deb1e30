import Base
import Inventory
import PeerToPeer
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
    subjects.append(.function(Samples.at("99:1f.7")))
    return subjects.flatMap { DevicePage.render($0, inventory, style) }
  }
}

/// The same numbers every run.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

extension Samples {
  static func named(_ name: String) -> Inventory {
    all.first { $0.name == name }?.inventory ?? Inventory(origin: "no sample \(name)")
  }

  /// A box whose names and numbers are random.
  static func random(_ seed: UInt64) -> Inventory {
    var dice = Dice(state: seed)
    let alphabet: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "\u{1b}", "[", "m", "\n", "\u{7}", "日", "é", "e", "\u{301}", "👍",
      "\u{202e}",
      "\u{9b}", "<", "&", "\"", ".", "\u{fe0f}", "\u{200d}", "한", "\u{1100}", "\u{fffe}",
    ]
    func text() -> String {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...60, using: &dice) {
        scalars.append(alphabet.randomElement(using: &dice) ?? "x")
      }
      return String(scalars)
    }
    func number() -> Int {
      [0, 1, -1, .max, .min, 1 << 40, 12345].randomElement(using: &dice) ?? 0
    }
    func real() -> Double {
      [0, 0.5, -1, .nan, .infinity, 1e300, 99.9].randomElement(using: &dice) ?? 0
    }
    func chance() -> Bool { Bool.random(using: &dice) }
    var box = Samples.box
    box.machine.hostName = text()
    box.machine.boardName = text()
    box.machine.operatingSystem = text()
    box.machine.uptimeSeconds = real()
    box.processors.model = text()
    box.memory.totalBytes = number()
    box.memory.availableBytes = number()
    for index in box.memory.nodes.indices {
      if chance() { box.memory.nodes[index].cpus = nil }
      if chance() { box.memory.nodes[index].totalBytes = number() }
    }
    for index in box.pci.indices {
      box.pci[index].identity.deviceName = text()
      if chance() { box.pci[index].driver = text() }
      if chance() { box.pci[index].slot = text() }
      if chance() { box.pci[index].locality.numaNode = chance() ? nil : number() }
      if chance() { box.pci[index].parent = box.pci.randomElement(using: &dice)?.address }
      if chance() { box.pci[index].rootBus = text() }
      if chance() { box.pci[index].path?.bottleneck = number() }
      if chance() { box.pci[index].path?.hops[0].note = text() }
      if chance() { box.pci[index].aer = PCIeErrors(nonFatal: [text(): number()]) }
      if chance() {
        box.pci[index].link?.current = PCIeRate(gigatransfersPerSecond: real(), width: number())
      }
      if chance() {
        box.pci[index].unknown = [UnknownFact(fact: text(), path: text(), reason: text())]
      }
      if chance() { box.pci[index].sources = [text(): text()] }
    }
    for index in box.gpus.indices {
      box.gpus[index].name = text()
      box.gpus[index].memoryUsedBytes = number()
      box.gpus[index].powerWatts = real()
      box.gpus[index].busyShare = real()
      if chance() { box.gpus[index].address = Samples.at("77:00.0") }
    }
    for index in box.nvme.indices {
      box.nvme[index].name = text()
      box.nvme[index].model = text()
      if chance() { box.nvme[index].state = text() }
    }
    for index in box.nics.indices {
      box.nics[index].name = text()
      box.nics[index].speedBitsPerSecond = number()
      if chance() { box.nics[index].address = nil }
    }
    for index in box.interrupts.indices {
      box.interrupts[index].actions = [text(), text()]
      if chance() { box.interrupts[index].numaNode = number() }
      box.interrupts[index].counts = [number(): number(), 3: number()]
    }
    return box
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

  @Test(arguments: Samples.all.map(\.name))
  func staysWithinTheWidth(_ name: String) {
    check(Samples.named(name), [40, 57, 80, 120, 200], name)
  }

  @Test(arguments: 0..<24)
  func staysWithinTheWidthWhateverTheNames(_ seed: Int) {
    let widths = [40, 61, 80, 133, 200]
    check(Samples.random(UInt64(seed)), [widths[seed % widths.count]], "seed \(seed)")
  }

  @Test(arguments: Samples.all.map(\.name))
  func colourAddsNothingButColour(_ name: String) {
    let inventory = Samples.named(name)
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

  @Test(arguments: Samples.all.map(\.name))
  func asciiIsASCII(_ name: String) {
    for (renderer, render) in Renderers.all {
      let lines = render(Samples.named(name), Style(unicode: false))
      #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "\(name), \(renderer)")
    }
  }

  /// In a machine of which nothing could be read, no cell is a number that reads as a fact.
  @Test func unknownIsNeverZero() {
    for (renderer, render) in Renderers.all {
      for line in render(Samples.unknown, Style(width: 160)) {
        for word in line.split(whereSeparator: { " ,;()".contains($0) }) {
          let isZero = word == "0" || word.hasPrefix("0/") || word == "0%"
          #expect(!isZero, "\(renderer): \(line)")
        }
      }
    }
  }

  @Test func doesNotCrashOnTheSizesOfTheKernel() {
    var box = Samples.large
    let model = Samples.port("0000:00:00.0", bus: "pci0000:00", node: 0)
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
