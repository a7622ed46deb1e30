package import Base
package import Inventory
package import PeerToPeer

/// Finds a device by one of its names.
package enum DeviceLookup {
  /// The device of a name.
  /// - Throws: `Failure` that lists some that are there.
  package static func subject(
    _ name: String, _ inventory: Inventory
  ) throws(Failure) -> DeviceSubject {
    if let subject = DeviceSubject(name, in: inventory) { return subject }
    let known =
      inventory.gpus.map(\.label) + inventory.accelerators.map(\.address.short)
      + inventory.nics.map(\.name) + inventory.nvme.map(\.name)
    throw Failure(
      "find device '\(name)'", because: "no PCI function, interface or drive has that name",
      hint: known.isEmpty
        ? "'tinyboxctl devices' lists what there is"
        : "known are \(listed(known, 8)); 'tinyboxctl devices' lists all",
      code: .notFound)
  }

  /// The PCI function of a name.
  /// - Parameter step: what it is looked up for.
  package static func function(
    _ name: String, _ inventory: Inventory, for step: String
  ) throws(Failure) -> PCIAddress {
    guard case .function(let address) = try subject(name, inventory) else {
      throw Failure("\(step) \(name)", because: "it is on no PCI bus", code: .notFound)
    }
    return address
  }

  /// A device that takes part in transfers from peer to peer.
  package static func peer(
    _ name: String, _ inventory: Inventory, _ map: PeerMap
  ) throws(Failure) -> PeerDevice {
    let address = try function(name, inventory, for: "find the path of")
    if let device = map.device(address) { return device }
    let known = map.devices.map(\.name)
    throw Failure(
      "find the path of \(name)",
      because: "it is no GPU, NVMe drive or NIC, or it is a virtual function",
      hint: known.isEmpty ? nil : "these are: \(listed(known, 12))", code: .notFound)
  }

  /// The ordered pair of two devices.
  package static func pair(
    _ first: String, _ second: String, _ inventory: Inventory, _ map: PeerMap
  ) throws(Failure) -> PeerPair {
    let initiator = try peer(first, inventory, map)
    let target = try peer(second, inventory, map)
    if let pair = map.pair(initiator.address, target.address) { return pair }
    throw Failure(
      "find the path between \(first) and \(second)",
      because: "two \(initiator.kind == .nic ? "NICs" : "drives") do not exchange data",
      hint: "pairs are GPU and GPU, GPU and drive, GPU and NIC, drive and NIC", code: .notFound)
  }

  private static func listed(_ names: [String], _ count: Int) -> String {
    names.prefix(count).joined(separator: ", ") + (names.count > count ? ", ..." : "")
  }
}
