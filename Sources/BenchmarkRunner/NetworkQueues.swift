internal import Base
internal import Inventory
internal import Linux

/// The disciplines by which interfaces queue what they send. One that delays, loses or slows packets lowers figures
/// while the machine is what it was, so they are part of the context (tc(8), tc-netem(8), tc-tbf(8)).
enum NetworkQueues {
  /// Facts of interfaces; each name begins with the device's address, as the others of a device do.
  /// - Parameter root: the root discipline of an interface; nil where it is not known.
  static func facts(
    _ addresses: [PCIAddress], _ inventory: Inventory,
    root: (String) -> String? = QueueDiscipline.root
  ) -> [String: String] {
    var facts: [String: String] = [:]
    let index = DeviceIndex(inventory)
    for address in addresses {
      for nic in index.nics(address) {
        facts["\(address.short) \(nic.name) qdisc"] = root(nic.name)
      }
    }
    return facts
  }
}
