internal import Base
package import Inventory

/// Everything known about one device.
package enum DevicePage {
  /// The page.
  package static func render(
    _ subject: DeviceSubject, _ inventory: Inventory, _ style: Style
  ) -> [String] {
    let index = DeviceIndex(inventory)
    var page = Page(style: style)
    switch subject {
    case .function(let address): function(address, index, &page)
    case .nic(let name):
      for nic in inventory.nics where nic.name == name { self.nic(nic, title: true, &page) }
    case .nvme(let name):
      for drive in inventory.nvme where drive.name == name { self.nvme(drive, title: true, &page) }
    }
    return page.lines.texts(style)
  }

  private static func function(
    _ address: PCIAddress, _ index: DeviceIndex, _ page: inout Page
  ) {
    let function = index.function(address)
    let gpu = index.gpu(address)
    let accelerator = index.accelerator(address)
    let drive = index.nvme(address)
    let nics = index.nics(address)
    var kind = gpu?.label ?? drive?.name ?? nics.first?.name ?? function?.kindText
    if accelerator != nil { kind = "accelerator" }
    let name = gpu?.name ?? drive?.model ?? nics.first?.model
    let what = [kind, name ?? function.flatMap(DeviceNames.name)].compactMap { $0 }
    page.title(address.description, what.joined(separator: " "))
    if let function { PCISections.identity(function, index, &page) }
    if let gpu { GPUSection.write(gpu, index.inventory.libraryIndexes(gpu), &page) }
    if let accelerator { AcceleratorSection.write(accelerator, &page) }
    if let drive { nvme(drive, title: false, &page) }
    for nic in nics { self.nic(nic, title: false, &page) }
    if let function { PCISections.link(function, index, &page) }
    if let function { PCISections.capabilities(function, &page) }
    if let function { PCISections.errors(function, index, &page) }
    interrupts(address, index, &page)
    unknown(function, gpu, drive, nics, &page)
    sources(function?.sources, "PCI", &page)
    sources(gpu?.sources, "GPU", &page)
    sources(drive?.sources, "NVMe", &page)
    for nic in nics { sources(nic.sources, nic.name, &page) }
  }

  // MARK: Drives and interfaces

  private static func nvme(_ drive: NVMeController, title: Bool, _ page: inout Page) {
    if title { page.title(drive.name, drive.model ?? "") }
    NVMeSection.write(drive, &page)
    if title {
      page.unknown(drive.unknown)
      sources(drive.sources, "NVMe", &page)
    }
  }

  private static func nic(_ nic: NIC, title: Bool, _ page: inout Page) {
    if title { page.title(nic.name, nic.model ?? "") }
    NICSection.write(nic, &page)
    if title {
      page.unknown(nic.unknown)
      sources(nic.sources, nic.name, &page)
    }
  }

  // MARK: What is common

  private static func interrupts(
    _ address: PCIAddress, _ index: DeviceIndex, _ page: inout Page
  ) {
    let own = index.inventory.interrupts.filter { $0.device == address }
    if own.isEmpty { return }
    let summary = InterruptSummary(own, NodeOfCPU(index.inventory.memory))
    page.section("interrupts")
    let kinds = [
      (summary.movable, "movable"), (summary.fixed, "fixed"),
      (summary.mobilityUnknown, "not known to be either"),
    ].filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    let text = "\(own.count)\(kinds.joined())"
    page.row("IRQs", Line(text))
    if let inside = summary.insideNode {
      page.row("delivered on node", Line("\(inside) of \(summary.placed)"))
    }
    page.row(
      "handled",
      InterruptTable.handled(summary)
        .with(summary.share.map { Line(", \(Units.percent($0)) on the own node") } ?? Line()))
    page.table(InterruptTable.list(own, page.style))
  }

  private static func unknown(
    _ function: PCIFunction?, _ gpu: GPU?, _ drive: NVMeController?, _ nics: [NIC],
    _ page: inout Page
  ) {
    page.unknown(
      (function?.unknown ?? []) + (gpu?.unknown ?? []) + (drive?.unknown ?? [])
        + nics.flatMap(\.unknown))
  }

  private static func sources(
    _ sources: [String: String]?, _ title: String, _ page: inout Page
  ) {
    guard let sources, !sources.isEmpty else { return }
    page.section("sources, \(title)")
    for (fact, path) in sources.sorted(by: { $0.key < $1.key }) { page.row(fact, Line(path)) }
  }
}

/// Lines of a page: sections with labelled rows.
struct Page {
  let style: Style
  private(set) var lines: [Line] = []
  private let column = 22

  init(style: Style) { self.style = style }

  mutating func title(_ name: String, _ text: String) {
    var line = Line(name, .strong)
    line.add("  " + text)
    lines += line.wrapped(to: style.columns, indent: 2)
  }

  mutating func section(_ name: String) {
    lines.append(Line())
    lines.append(Line(name, .strong))
  }

  /// A row, unless there is nothing to say.
  mutating func row(_ label: String, _ value: Line?) {
    guard let value else { return }
    let indent = min(column, style.columns / 2)
    var line = Line("  ")
    line.add(Line(label, .dim).cut(to: indent - 3))
    line.pad(to: indent)
    line.add(value)
    lines += line.wrapped(to: style.columns, indent: indent)
  }

  /// A row with a text that may be absent.
  mutating func row(_ label: String, _ value: String?) {
    if let value { row(label, Line(value)) }
  }

  /// Text in paragraphs, separated by empty lines.
  mutating func paragraphs(_ text: String) {
    for (index, paragraph) in text.split(separator: "\n\n").enumerated() {
      if index > 0 { lines.append(Line()) }
      lines += Line("  " + paragraph).wrapped(to: style.columns, indent: 2)
    }
  }

  /// An item of a list.
  mutating func item(_ text: String) {
    lines += Line("  - " + text).wrapped(to: style.columns, indent: 4)
  }

  mutating func table(_ table: Table) {
    var narrow = style
    narrow.width = style.columns - 2
    for line in table.lines(narrow) { lines.append(Line("  ").with(line)) }
  }

  mutating func unknown(_ facts: [UnknownFact]) {
    if facts.isEmpty { return }
    section("unknown")
    for fact in facts { row(fact.fact, Line("\(fact.reason) (\(fact.path))", .warning)) }
  }
}
