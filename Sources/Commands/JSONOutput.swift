internal import API
public import Base
public import Documents
internal import Events
internal import FoundationEssentials
public import Inventory
public import Render

/// JSON as every `--json` prints it: keys sorted, two spaces, no escaped slashes, a line feed at
/// the end.
public enum JSONOutput {
  /// The text of a value.
  public static func text(_ value: some Encodable) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    } catch {
      throw Failure("write JSON", error)
    }
  }

  /// The operations of the daemon's interface, for its reference.
  public static func routes() throws(Failure) -> String { try text(RouteReference.all) }

  /// The catalog of the journal, which is no JSON and made with the same program.
  public static var catalog: String { Catalog.text }
}

extension DeviceDocument {
  /// The document of a device that was looked up by name.
  public init(_ inventory: Inventory, _ subject: DevicePage.Subject) {
    switch subject {
    case .function(let address): self.init(inventory, function: address)
    case .nic(let name): self.init(inventory, interface: name)
    case .nvme(let name): self.init(inventory, controller: name)
    }
  }
}
