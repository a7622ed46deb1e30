internal import Base
internal import Inventory

/// Accelerators that are no GPUs: a line each.
enum AcceleratorTable {
  /// The block of the status screen.
  static func block(_ index: DeviceIndex, _ style: Style) -> Block {
    var block = Block(
      name: "accelerator",
      columns: [
        .init("accel"), .init("name", minimum: 8),
        .init("node", .right, drop: 4, isHidden: !index.hasNodes),
        .init("link", minimum: 14, drop: 6), .init("driver", drop: 5), .init("device", drop: 3),
      ])
    for accelerator in index.inventory.accelerators {
      let function = index.function(accelerator.address)
      let facts = FactText(accelerator.unknown + (function?.unknown ?? []))
      let link = LinkText.cell(function, index, style)
      block.add(
        [
          Line(accelerator.address.short, .strong),
          facts.show(name(accelerator, function), "identity", "deviceID"),
          StatusDevices.node(accelerator.numaNode, function), link,
          facts.show(accelerator.driver, "driver"),
          facts.show(accelerator.deviceNodes.first, "deviceNodes"),
        ],
        label: accelerator.address.short,
        likeness: "\(accelerator.name ?? "")|\(link.plain)|\(accelerator.driver ?? "")")
    }
    return block
  }

  /// The table of `devices accelerator`.
  static func table(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("address"), .init("name", minimum: 11), .init("maker", minimum: 6, drop: 4),
      .init("driver", minimum: 6, drop: 6), .init("version", drop: 1),
      .init("node", .right, drop: 7), .init("link", drop: 5), .init("slot", minimum: 4, drop: 2),
      .init("device", drop: 3),
    ])
    for accelerator in index.inventory.accelerators {
      let function = index.function(accelerator.address)
      let facts = FactText(accelerator.unknown + (function?.unknown ?? []))
      table.add([
        Line(accelerator.address.short, .strong),
        facts.show(name(accelerator, function), "identity", "deviceID"),
        facts.show(accelerator.maker, "identity", "vendorID"),
        facts.show(accelerator.driver, "driver"),
        facts.show(accelerator.driverVersion, "driverVersion"),
        StatusDevices.node(accelerator.numaNode, function), LinkText.cell(function, index, style),
        facts.show(function?.slot, "slot"),
        facts.show(
          accelerator.deviceNodes.isEmpty
            ? nil : accelerator.deviceNodes.joined(separator: " "), "deviceNodes"),
      ])
    }
    return table
  }

  /// Its name, else its maker with the ids.
  static func name(_ accelerator: Accelerator, _ function: PCIFunction?) -> String? {
    if let name = accelerator.name { return DeviceNames.short(name) }
    let ids = function.flatMap(DeviceNames.name)
    guard let maker = accelerator.maker, function?.identity.vendorName == nil else { return ids }
    return ids.map { "\(maker) \($0)" } ?? maker
  }
}

/// What the page of one device says of an accelerator.
enum AcceleratorSection {
  static func write(_ accelerator: Accelerator, _ page: inout Page) {
    let facts = FactText(accelerator.unknown)
    page.section("accelerator")
    page.row("name", accelerator.name)
    page.row("maker", accelerator.maker)
    page.row("driver", facts.show(accelerator.driver, "driver"))
    page.row("driver version", accelerator.driverVersion)
    for node in accelerator.deviceNodes { page.row("device node", node) }
  }
}
