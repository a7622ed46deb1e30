internal import Base
internal import Inventory

/// The interfaces that carry the traffic to another machine.
struct NetworkPath: Hashable {
  /// The interface, or the members of a bond; empty where it is not known.
  var nics: [NIC]
  /// Why there is none.
  var missing: String
  /// What stays of it, for keys.
  var key: String
  /// For people.
  var subject: String
  /// NUMA node; nil where it is not known, or members are on several.
  var node: Int?

  /// The path over an interface.
  init(interface: String?, peer: String, _ box: BenchmarkBox) {
    let all = box.inventory.nics.filter { $0.hasInterface && $0.isRepresentor != true }
    if let interface {
      let own = all.filter { $0.name == interface }
      nics = own.isEmpty ? all.filter { $0.controller == interface } : own
      missing = "the interface \(interface) has no hardware that reports a speed"
    } else {
      nics = []
      missing = "the interface that leads to \(peer) is not known"
    }
    let names = nics.map { nic in
      nic.hardwareAddress
        ?? nic.address.map { "\($0.short)-port\(nic.port ?? 0)" } ?? nic.name
    }
    let own = names.isEmpty ? interface ?? "unknown" : names.sorted().joined(separator: "+")
    key = SeriesKey.part("\(own)-to-\(peer)")
    subject = "\(interface ?? "an unknown interface") to \(peer)"
    let nodes = Set(
      nics.map { $0.numaNode ?? box.index.function($0.address)?.locality.numaNode })
    node = nodes.count == 1 ? nodes.first ?? nil : nil
  }

  /// What limits it one way.
  func ceiling(peer: String) -> BenchmarkCeiling {
    NetworkCeiling.ceiling(nics, peer: peer, missing: missing)
  }
}
