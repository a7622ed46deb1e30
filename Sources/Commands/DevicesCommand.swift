public import Base
package import Documents
package import Inventory
public import Render

/// What `tinyboxctl devices` was asked for.
public enum DeviceSelection: Hashable, Sendable {
  /// A table of a kind.
  case table(DeviceKind)
  /// The page of the device with this address or name.
  case device(String)

  /// The names of the kinds.
  public static let kinds = DeviceKind.allCases.map(\.rawValue)

  /// From the arguments of the command: a kind, a device, or both.
  public init(first: String?, second: String?) throws(Failure) {
    guard let first else {
      self = .table(.all)
      return
    }
    guard let kind = DeviceKind(rawValue: first) else {
      if let second {
        throw Failure(
          "list '\(first)' '\(second)'", because: "'\(first)' is no kind of device",
          hint: "kinds are \(DeviceSelection.kinds.joined(separator: ", "))",
          code: .usage)
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
  ) throws(Failure) -> String {
    switch selection {
    case .table(let kind): try table(kind, try session.inventory(), display)
    case .device(let name): try page(name, try session.inventory(), display)
    }
  }

  private func table(
    _ kind: DeviceKind, _ inventory: Inventory, _ display: Display
  ) throws(Failure) -> String {
    if session.json { return try JSONOutput.text(inventory.limited(to: kind)) }
    return DeviceTables.render(kind, inventory, display.style).joined(separator: "\n") + "\n"
  }

  /// The document of one device.
  package static func document(
    _ name: String, _ inventory: Inventory
  ) throws(Failure) -> DeviceDocument {
    DeviceDocument(inventory, try DeviceLookup.subject(name, inventory))
  }

  private func page(
    _ name: String, _ inventory: Inventory, _ display: Display
  ) throws(Failure) -> String {
    let subject = try DeviceLookup.subject(name, inventory)
    if session.json { return try JSONOutput.text(DeviceDocument(inventory, subject)) }
    return DevicePage.render(subject, inventory, display.style).joined(separator: "\n") + "\n"
  }
}

extension Inventory {
  /// Only the devices of a kind, with their PCI functions and interrupts.
  package func limited(to kind: DeviceKind) -> Inventory {
    let addresses: [PCIAddress] =
      switch kind {
      case .all: []
      case .gpu: gpus.map(\.address)
      case .nic: nics.compactMap(\.address)
      case .nvme: nvme.compactMap(\.address)
      case .bridge: pci.filter(\.isBridge).map(\.address)
      }
    if kind == .all { return self }
    let keep = Set(addresses)
    var shown = self
    shown.pci = pci.filter { keep.contains($0.address) }
    shown.interrupts = interrupts.filter { $0.device.map(keep.contains) ?? false }
    if kind != .gpu { shown.gpus = [] }
    if kind != .nic { shown.nics = [] }
    if kind != .nvme { shown.nvme = [] }
    return shown
  }
}

/// Finds a device by what a person calls it.
package enum DeviceLookup {
  /// The device of a name, `/dev/` in front of it or not.
  package static func subject(
    _ name: String, _ inventory: Inventory
  ) throws(Failure) -> DevicePage.Subject {
    let base = name.split(separator: "/").last.map(String.init) ?? name
    guard let subject = DevicePage.find(base, in: inventory) else {
      throw notFound(name, inventory)
    }
    return subject
  }

  /// The failure for a device that is not there.
  private static func notFound(_ name: String, _ inventory: Inventory) -> Failure {
    let known =
      inventory.gpus.map(\.address.short) + inventory.nics.map(\.name) + inventory.nvme.map(\.name)
    let shown = known.prefix(8).joined(separator: ", ") + (known.count > 8 ? ", ..." : "")
    return Failure(
      "find device '\(name)'", because: "no PCI function, interface or drive has that name",
      hint: known.isEmpty
        ? "'tinyboxctl devices' lists what there is"
        : "known are \(shown); 'tinyboxctl devices' lists all")
  }
}
