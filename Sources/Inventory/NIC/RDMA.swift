internal import Base
internal import KernelTree

/// RDMA devices of `/sys/class/infiniband`, by the PCI function they share with interfaces.
enum RDMA {
  private static let folder = "/sys/class/infiniband"

  /// Devices by PCI function, each with its unknown facts.
  static func devices(
    _ context: CollectionContext
  ) -> [PCIAddress: [(device: NIC.RDMADevice, unknown: [UnknownFact])]] {
    var found: [PCIAddress: [(device: NIC.RDMADevice, unknown: [UnknownFact])]] = [:]
    for name in context.tree.namesIfPresent(folder) {
      guard let address = address(name, context.tree) else { continue }
      var reader = context.reader("\(folder)/\(name)")
      var device = NIC.RDMADevice(name: name, portStates: [:], portBitsPerSecond: [:])
      for port in context.tree.namesIfPresent("\(folder)/\(name)/ports") {
        guard let number = Int(port) else { continue }
        device.portStates[number] = reader.text(device.stateFact(number), "ports/\(port)/state")
        device.portBitsPerSecond[number] = rate(of: number, device, &reader)
      }
      found[address, default: []].append((device, reader.unknown))
    }
    return found
  }

  /// The rate of a port that is active. One that is down has the rate it would start with, or 0:
  /// no rate of anything.
  private static func rate(
    of port: Int, _ device: NIC.RDMADevice, _ reader: inout FactReader
  ) -> Int? {
    if device.isActive(port) == false { return nil }
    let fact = device.rateFact(port)
    let file = "ports/\(port)/rate"
    guard let text = reader.text(fact, file) else { return nil }
    if device.isActive(port) == nil {
      reader.forget(fact)
      reader.note(
        fact, path: reader.path(file),
        unknown: "'\(text.prefix(40))' counts for an active port only, and its state is not known")
      return nil
    }
    guard let gigabits = gigabits(text) else {
      reader.forget(fact)
      reader.note(
        fact, path: reader.path(file), unknown: "cannot understand '\(text.prefix(40))'")
      return nil
    }
    return reader.accept(
      .bitRate, gigabits * 1000, raw: String(text.prefix(40)), fact, path: reader.path(file)
    ).map { Int($0 * 1e6) }
  }

  /// `400 Gb/sec (4X NDR)`, `2.5 Gb/sec (1X SDR)` (kernel: drivers/infiniband/core/sysfs.c,
  /// `rate_show`).
  static func gigabits(_ text: String) -> Double? {
    let words = text.split(separator: " ")
    guard words.count >= 2, words[1] == "Gb/sec", let first = words[0].utf8.first,
      (0x30...0x39).contains(first)
    else { return nil }
    return Double(words[0]).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The PCI function of a device: its `device` link, or where it lies; some recordings hold one of
  /// them only. A device in software (rxe) has that of the interface it uses, which it names
  /// (drivers/infiniband/sw/rxe/rxe_verbs.c, `parent_show`).
  private static func address(_ name: String, _ tree: KernelTree) -> PCIAddress? {
    if let path = try? tree.realPath("\(folder)/\(name)/device"),
      let address = path.split(separator: "/").last.flatMap({ PCIAddress($0) })
    {
      return address
    }
    if let path = try? tree.realPath("\(folder)/\(name)"),
      let address = path.split(separator: "/").dropLast(2).last.flatMap({ PCIAddress($0) })
    {
      return address
    }
    guard let parent = try? tree.text("\(folder)/\(name)/parent"),
      let path = try? tree.realPath("/sys/class/net/\(parent)/device")
    else { return nil }
    // A virtio device lies below its function.
    return path.split(separator: "/").compactMap { PCIAddress($0) }.last
  }
}
