internal import Base
internal import Inventory

/// Rates of links over all looks.
struct SoakLinks: Sendable {
  private var links: [[PCIAddress]: SoakLink] = [:]

  /// Links that were read.
  var count: Int { links.count }

  mutating func look(_ inventory: Inventory, loaded: Set<PCIAddress>) {
    var done: Set<[PCIAddress]> = []
    for function in inventory.pci where function.physicalFunction == nil {
      for hop in function.path?.wires ?? [] {
        let key = [hop.port, hop.device]
        if loaded.contains(function.address) { links[key]?.isLoaded = true }
        guard let rate = hop.current, rate.bytesPerSecond.isFinite, rate.bytesPerSecond > 0,
          done.insert(key).inserted
        else { continue }
        guard var link = links[key] else {
          links[key] = SoakLink(
            port: hop.port, device: hop.device, first: rate, slowest: rate, fastest: rate,
            last: rate, fewestLanes: rate.width, changes: 0,
            isLoaded: loaded.contains(function.address))
          continue
        }
        if rate != link.last { link.changes += 1 }
        if rate.bytesPerSecond < link.slowest.bytesPerSecond { link.slowest = rate }
        if rate.bytesPerSecond > link.fastest.bytesPerSecond { link.fastest = rate }
        link.fewestLanes = min(link.fewestLanes, rate.width)
        link.last = rate
        links[key] = link
      }
    }
  }

  /// Those that ran at more than one rate.
  var changed: [SoakLink] {
    links.values.filter { $0.changes > 0 }.sorted { ($0.port, $0.device) < ($1.port, $1.device) }
  }
}
