public import Base
public import Inventory

/// `tinyboxctl topology --json`: which devices are below which.
public struct TopologyDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.topology/1`.
  public var schema = TopologyDocument.currentSchema
  package static let currentSchema = "tinybox.topology/1"
  /// Sockets, by id.
  public var packages: [Processors.Package]
  /// NUMA nodes, by id.
  public var nodes: [NUMANode]
  /// Host bridges, by their lowest address.
  public var hostBridges: [HostBridge]

  /// A host bridge and what is on its root bus.
  public struct HostBridge: Codable, Hashable, Sendable {
    /// As in the device's path, `pci0000:20`.
    public var name: String
    /// NUMA nodes of the functions below it; several when firmware says so.
    public var numaNodes: [Int]
    /// Functions on its root bus.
    public var functions: [Function]
  }

  /// A function and what is below it.
  public struct Function: Codable, Hashable, Sendable {
    /// Address.
    public var address: PCIAddress
    /// Class name from pci.ids.
    public var className: String?
    /// Device name from pci.ids.
    public var deviceName: String?
    /// Its names: interfaces, controller, DRM card.
    public var names: [String]
    /// NUMA node.
    public var numaNode: Int?
    /// The link above it, where it is known.
    public var link: PCIeHop?
    /// Functions below a bridge.
    public var functions: [Function]
  }

  /// The document of an inventory.
  package init(_ inventory: Inventory) {
    packages = inventory.processors.packages
    nodes = inventory.memory.nodes
    var names: [PCIAddress: [String]] = [:]
    for nic in inventory.nics {
      if let address = nic.address { names[address, default: []].append(nic.name) }
    }
    for drive in inventory.nvme {
      if let address = drive.address { names[address, default: []].append(drive.name) }
    }
    for gpu in inventory.gpus {
      if let card = gpu.drmCard { names[gpu.address, default: []].append(card) }
    }
    var links: [PCIAddress: PCIeHop] = [:]
    for function in inventory.pci {
      for hop in function.path?.hops ?? [] { links[hop.device] = hop }
    }
    let known = Set(inventory.pci.map(\.address))
    var children: [PCIAddress: [PCIFunction]] = [:]
    var roots: [String: [PCIFunction]] = [:]
    for function in inventory.pci {
      if let parent = function.parent, known.contains(parent), parent != function.address {
        children[parent, default: []].append(function)
      } else {
        roots[function.rootBus ?? "unknown", default: []].append(function)
      }
    }
    // A recording may claim that a bridge lies below itself: `depth` ends such a walk.
    func node(_ function: PCIFunction, depth: Int) -> Function {
      Function(
        address: function.address, className: function.identity.className,
        deviceName: function.identity.deviceName, names: names[function.address] ?? [],
        numaNode: function.locality.numaNode, link: links[function.address],
        functions: depth > 32
          ? [] : (children[function.address] ?? []).map { node($0, depth: depth + 1) })
    }
    hostBridges = roots.map { name, functions in
      HostBridge(
        name: name, numaNodes: Set(functions.compactMap(\.locality.numaNode)).sorted(),
        functions: functions.map { node($0, depth: 0) })
    }.sorted {
      guard let a = $0.functions.first?.address, let b = $1.functions.first?.address else {
        return false
      }
      return a < b
    }
  }
}
