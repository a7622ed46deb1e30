import Base
import Inventory
import TestMachines
import TestSupport
import Testing

@testable import Render

@Suite struct TopologyTreeTests {
  /// A root port with a card of two functions and an empty one beside it.
  private var small: Inventory {
    var box = Inventory(origin: "live")
    var node = NUMANode(id: 1)
    node.kind = .regular
    node.cpus = NumberSet(range: 0...3)
    node.totalBytes = 8 << 30
    node.freeBytes = 1 << 30
    box.memory.nodes = [node]
    box.processors.packages = [.init(id: 0, cpus: NumberSet(range: 0...3), coreCount: 2)]
    let root = MadeUp.port("20:01.1", bus: "pci0000:20", node: 1)
    let card = MadeUp.endpoint(
      "21:00.0", below: root, code: 0x010802, name: "Fast SSD", driver: "nvme",
      now: MadeUp.rate(2.5, 1), possible: MadeUp.rate(8, 4))
    var sound = card
    sound.address.function = 1
    sound.identity.classCode = 0x040300
    sound.path = nil
    let empty = MadeUp.port("20:02.1", bus: "pci0000:20", node: 1)
    var virtual = card
    virtual.address.function = 2
    virtual.physicalFunction = card.address
    let lost = MadeUp.chipset("30:00.0", bus: "pci0000:30", node: nil, code: 0x020000)
    box.pci = [root, empty, card, sound, virtual, lost]
    return box
  }

  @Test func draws() {
    #expect(
      TopologyTree.render(small, Style()) == [
        "socket 0, 2 cores, 4 threads",
        "└─ node 1  8 GiB, 1 GiB free, CPUs 0-3",
        "   └─ host bridge pci0000:20",
        "      ├─ 20:01.1 root port",
        "      │  ├─ 21:00.0 NVMe Fast SSD +1 function  [PCIe 3.0 x4, now PCIe 1.0 x1 ↓]",
        "      │  └─ + 1 virtual function",
        "      └─ + 1 empty port",
        "node unknown",
        "└─ host bridge pci0000:30",
        "   └─ 30:00.0 Ethernet Starship/Matisse Root Complex",
      ])
  }

  @Test func `a node over two sockets is under neither`() {
    var box = small
    box.processors.packages = [
      .init(id: 0, cpus: NumberSet(range: 0...1), coreCount: 2),
      .init(id: 1, cpus: NumberSet(range: 2...5), coreCount: 4),
    ]
    var inside = box.memory.nodes[0]
    inside.id = 2
    inside.cpus = NumberSet(range: 4...5)
    box.memory.nodes.append(inside)
    let lines = TopologyTree.render(box, Style())
    #expect(
      lines.prefix(6) == [
        "socket 0, 2 cores, 2 threads",
        "socket 1, 4 cores, 4 threads",
        "└─ node 2  8 GiB, 1 GiB free, CPUs 4-5",
        "over sockets 0, 1",
        "└─ node 1  8 GiB, 1 GiB free, CPUs 0-3",
        "   └─ host bridge pci0000:20",
      ])
    #expect(TopologySVG.render(box).contains(">over sockets 0, 1</text>"))
    #expect(TopologySVG.render(box).contains("2 sockets, 2 NUMA nodes"))
  }

  @Test func drawsInASCII() {
    let lines = TopologyTree.render(small, Style(unicode: false))
    #expect(lines[3] == "      |- 20:01.1 root port")
    #expect(lines[4].hasSuffix("[PCIe 3.0 x4, now PCIe 1.0 x1 !]"))
  }

  @Test func showsAllWhenAsked() {
    let lines = TopologyTree.render(small, Style(), all: true)
    #expect(lines.contains { $0.contains("20:02.1 root port") })
    #expect(lines.contains { $0.contains("21:00.2") })
    #expect(!lines.contains { $0.contains("+ ") })
  }

  @Test func showsEveryFunctionOnceWhateverTheParents() {
    let box = MadeUp.hostile
    let lines = TopologyTree.render(box, Style(width: 200), all: true)
    for function in box.pci {
      let text = " \(function.address.short) "
      #expect(lines.count { $0.contains(text) } == 1, "\(function.address)")
    }
  }

  @Test func marksNodesThatLackSomething() {
    var node = NUMANode(id: 4)
    node.kind = .memoryless
    node.cpus = NumberSet(range: 8...9)
    #expect(NodeText.parts(node) == ["no memory", "CPUs 8-9"])
    node.kind = .cpuless
    node.totalBytes = 1 << 30
    #expect(NodeText.parts(node) == ["1 GiB", "no CPUs"])
    node.kind = nil
    node.cpus = nil
    node.totalBytes = nil
    node.unknown = [UnknownFact(fact: "cpus", path: "cpulist", reason: "permission denied")]
    #expect(NodeText.parts(node) == ["memory unknown", "CPUs unknown"])
  }
}

@Suite struct TopologySVGTests {
  @Test(arguments: MadeUp.all.map(\.name))
  func isWellFormed(_ name: String) throws {
    try XML.check(TopologySVG.render(MadeUp.named(name)))
  }

  @Test(.seeded, arguments: 0..<12)
  func isWellFormedWhateverTheNames(_ round: Int) throws {
    try XML.check(TopologySVG.render(MadeUp.randomTexts(SeededGenerator(round: round))))
  }

  @Test func theCheckRefusesWhatIsNotXML() {
    for text in [
      "<a>", "<a></b>", "<a b=c/>", "<a>&</a>", "<a>\u{1b}</a>", "<a/><b/>", "x", "<a b=\"<\"/>",
    ] {
      #expect(throws: (any Error).self) { try XML.check(text) }
    }
  }

  @Test func isTheSameEachTime() {
    #expect(TopologySVG.render(MadeUp.server) == TopologySVG.render(MadeUp.server))
  }

  @Test func marksAWeakLinkByWordDashAndColour() {
    let svg = TopologySVG.render(MadeUp.server)
    #expect(svg.contains(">now PCIe 1.0 x16</text>"))
    #expect(svg.contains(">of PCIe 4.0 x16</text>"))
    #expect(svg.contains("polyline class=\"below\""))
    #expect(svg.contains("stroke-dasharray"))
  }

  /// Boxes of the same rank never lie upon each other, and each lies inside its node.
  @Test(arguments: ["server", "laptop", "large", "hostile"])
  func boxesDoNotOverlap(_ name: String) {
    let boxes = Rectangle.all(TopologySVG.render(MadeUp.named(name)))
    let nodes = boxes.filter { $0.kind == "node" }
    let leaves = boxes.filter { $0.kind == "device" || $0.kind == "bridge" }
    #expect(!nodes.isEmpty && !leaves.isEmpty)
    for group in [boxes.filter { $0.kind == "socket" }, nodes, leaves] {
      for (index, a) in group.enumerated() {
        #expect(!group[(index + 1)...].contains { $0.overlaps(a) }, "\(name) \(a)")
      }
    }
    for leaf in leaves { #expect(nodes.contains { $0.holds(leaf) }, "\(name) \(leaf)") }
  }
}

struct Rectangle: CustomStringConvertible {
  var kind: String
  var x: Int
  var y: Int
  var width: Int
  var height: Int
  var description: String { "\(kind) \(x),\(y) \(width)x\(height)" }

  func overlaps(_ other: Rectangle) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height
      && other.y < y + height
  }
  func holds(_ other: Rectangle) -> Bool {
    other.x >= x && other.y >= y && other.x + other.width <= x + width
      && other.y + other.height <= y + height
  }

  static func all(_ svg: String) -> [Rectangle] {
    svg.split(separator: "\n").filter { $0.hasPrefix("<rect class") }.compactMap { line in
      let parts = line.split(separator: "\"")
      guard parts.count >= 10, let x = Int(parts[3]), let y = Int(parts[5]),
        let width = Int(parts[7]), let height = Int(parts[9])
      else { return nil }
      return Rectangle(kind: String(parts[1]), x: x, y: y, width: width, height: height)
    }
  }
}

/// A small judge of XML: elements nest, attributes are quoted, entities are known. It reads
/// scalars, as XML does: a mark may stand directly behind a `>`.
enum XML {
  struct Fault: Error { var text: String }
  private typealias Text = ArraySlice<Unicode.Scalar>

  static func check(_ text: String) throws {
    var rest = Array(text.unicodeScalars)[...]
    var open: [String] = []
    var roots = 0
    while let start = rest.firstIndex(of: "<") {
      try content(rest[..<start], isInside: !open.isEmpty)
      guard let end = rest[start...].firstIndex(of: ">") else { throw Fault(text: "no >") }
      var tag = rest[(start + 1)..<end]
      rest = rest[(end + 1)...]
      if tag.first == "/" {
        guard open.popLast() == string(tag.dropFirst()) else {
          throw Fault(text: "\(string(tag)) closes nothing")
        }
        continue
      }
      let isEmpty = tag.last == "/"
      if isEmpty { tag = tag.dropLast() }
      let name = tag.prefix { $0 != " " }
      if open.isEmpty { roots += 1 }
      try attributes(tag.dropFirst(name.count))
      if !isEmpty { open.append(string(name)) }
    }
    try content(rest, isInside: false)
    if !open.isEmpty || roots != 1 { throw Fault(text: "open \(open), \(roots) roots") }
  }

  private static func string(_ text: Text) -> String { String(String.UnicodeScalarView(text)) }

  private static func attributes(_ text: Text) throws {
    var rest = text.drop { $0 == " " }
    while !rest.isEmpty {
      let name = rest.prefix { $0 != "=" }
      rest = rest.dropFirst(name.count)
      let isName = name.allSatisfy { $0.properties.isAlphabetic || $0 == "-" || $0 == ":" }
      guard !name.isEmpty, isName, Array(rest.prefix(2)) == ["=", "\""]
      else { throw Fault(text: "attribute \(string(text))") }
      rest = rest.dropFirst(2)
      let value = rest.prefix { $0 != "\"" }
      if value.contains("<") { throw Fault(text: "< in \(string(value))") }
      try content(value, isInside: true)
      rest = rest.dropFirst(value.count)
      guard rest.first == "\"" else { throw Fault(text: "no end of \(string(value))") }
      rest = rest.dropFirst().drop { $0 == " " }
    }
  }

  private static func content(_ text: Text, isInside: Bool) throws {
    for scalar in text {
      let isAllowed =
        scalar == "\n" || scalar == "\t"
        || scalar.value >= 0x20
          && scalar.value != 0xfffe && scalar.value != 0xffff
      if !isAllowed { throw Fault(text: "character \(scalar.value)") }
    }
    if !isInside, text.contains(where: { !$0.properties.isWhitespace }) {
      throw Fault(text: "outside: \(string(text))")
    }
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      let name = part.prefix { $0 != ";" }
      guard ["amp", "lt", "gt", "quot"].contains(string(name)), name.endIndex < part.endIndex
      else { throw Fault(text: "entity \(string(name))") }
    }
  }
}
