public import Inventory
public import Render

/// Kinds of devices `tinyboxctl devices` lists.
public enum DeviceKind: String, CaseIterable, Sendable { case gpu, nic, nvme, bridge, all }

/// What `tinyboxctl devices` was asked for.
public enum DeviceSelection: Hashable, Sendable {
  /// A table of a kind.
  case table(DeviceKind)
  /// The page of the device with this address or name.
  case device(String)

  /// From the arguments of the command: a kind, a device, or both.
  public init(first: String?, second: String?) throws(CommandFailure) {
    guard let first else {
      self = .table(.all)
      return
    }
    guard let kind = DeviceKind(rawValue: first) else {
      if let second {
        throw CommandFailure(
          "list '\(first)' '\(second)'", cause: "'\(first)' is no kind of device",
          hint: "kinds are \(DeviceKind.allCases.map(\.rawValue).joined(separator: ", "))",
          status: .usage)
      }
      self = .device(first)
      return
    }
    self = second.map(DeviceSelection.device) ?? .table(kind)
  }
}

/// `tinyboxctl devices`.
public struct DevicesCommand: Sendable {
  /// Tree and options.
  public var session: Session

  /// The command.
  public init(session: Session) { self.session = session }

  /// The tables or the page, or JSON.
  public func text(
    _ selection: DeviceSelection, _ display: Display
  ) throws(CommandFailure) -> String {
    switch selection {
    case .table(let kind): try table(kind, try session.inventory(), display)
    case .device(let name): try page(name, try session.inventory(), display)
    }
  }

  private func table(
    _ kind: DeviceKind, _ inventory: Inventory, _ display: Display
  ) throws(CommandFailure) -> String {
    if session.json {
      var shown = inventory
      if kind != .all {
        let keep = Set(DevicesCommand.addresses(kind, inventory))
        shown.pci = inventory.pci.filter { keep.contains($0.address) }
        shown.interrupts = inventory.interrupts.filter { $0.device.map(keep.contains) ?? false }
        if kind != .gpu { shown.gpus = [] }
        if kind != .nic { shown.nics = [] }
        if kind != .nvme { shown.nvme = [] }
      }
      return try JSONOutput.text(shown)
    }
    let lines =
      switch kind {
      case .all: DeviceTables.all(inventory, display.style)
      case .gpu: DeviceTables.gpus(inventory, display.style)
      case .nic: DeviceTables.nics(inventory, display.style)
      case .nvme: DeviceTables.nvme(inventory, display.style)
      case .bridge: DeviceTables.bridges(inventory, display.style)
      }
    return lines.joined(separator: "\n") + "\n"
  }

  private func page(
    _ name: String, _ inventory: Inventory, _ display: Display
  ) throws(CommandFailure) -> String {
    let address = try DeviceLookup.address(name, inventory)
    if session.json {
      guard let document = DeviceDocument(inventory, address: address) else {
        throw DeviceLookup.notFound(name, inventory)
      }
      return try JSONOutput.text(document)
    }
    guard let lines = DevicePage.render(inventory, address: address, display.style) else {
      throw DeviceLookup.notFound(name, inventory)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func addresses(_ kind: DeviceKind, _ inventory: Inventory) -> [PCIAddress] {
    switch kind {
    case .all: inventory.pci.map(\.address)
    case .gpu: inventory.gpus.map(\.address)
    case .nic: inventory.nics.compactMap(\.address)
    case .nvme: inventory.nvme.compactMap(\.address)
    case .bridge: inventory.pci.filter(\.isBridge).map(\.address)
    }
  }
}

/// Finds a device by what a person calls it.
public enum DeviceLookup {
  /// The address of a device named by PCI address (with or without domain), interface (`eth0`),
  /// controller (`nvme0`), block device (`nvme0n1`), DRM card or render node.
  public static func address(
    _ name: String, _ inventory: Inventory
  ) throws(CommandFailure) -> PCIAddress {
    if let address = PCIAddress(name) {
      guard inventory.pci.contains(where: { $0.address == address }) else {
        throw notFound(name, inventory)
      }
      return address
    }
    let base = name.hasPrefix("/dev/") ? String(name.dropFirst(5)) : name
    let nic = inventory.nics.first { $0.name == base }?.address
    let drive = inventory.nvme.first { drive in
      drive.name == base || drive.namespaces.contains { $0.name == base }
    }?.address
    let gpu = inventory.gpus.first { $0.drmCard == base || $0.renderNode == base }?.address
    guard let address = nic ?? drive ?? gpu else { throw notFound(name, inventory) }
    return address
  }

  /// The failure for a device that is not there.
  static func notFound(_ name: String, _ inventory: Inventory) -> CommandFailure {
    let known =
      inventory.gpus.map(\.address.short) + inventory.nics.map(\.name) + inventory.nvme.map(\.name)
    let shown = known.prefix(8).joined(separator: ", ") + (known.count > 8 ? ", ..." : "")
    return CommandFailure(
      "find device '\(name)'", cause: "no PCI function, interface or drive has that name",
      hint: known.isEmpty
        ? "'tinyboxctl devices' lists what there is"
        : "there are \(shown); 'tinyboxctl devices' lists all")
  }
}
